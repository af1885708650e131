import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DeltaEncoder } from '../../../src/parquet/delta-encoding.ts';
import { PageWriter } from '../../../src/parquet/page-writer.ts';
import { inKernel, kernel } from './batch-of.ts';

const encoder = new DeltaEncoder(kernel, 1000);

function encode(values: readonly bigint[]): Uint8Array {
  const out = new PageWriter(kernel, 1);
  const entries = {
    storage: 'int64',
    count: values.length,
    values: inKernel(BigInt64Array.from(values)),
  } as const;
  const ids = inKernel(Int32Array.from(values.keys()));
  encoder.write(out, entries, ids, 0, values.length);
  return out.written().slice();
}

/** A plain reading of the specification, with 64-bit arithmetic. */
function decode(bytes: Uint8Array): bigint[] {
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = BigInt(bytes[at++]!);
      value |= (byte & 127n) << shift;
      if (byte < 128n) return value;
    }
  };
  const zigzag = () => {
    const value = varint();
    return (value >> 1n) ^ -(value & 1n);
  };
  const blockValues = Number(varint());
  const miniblocks = Number(varint());
  const count = Number(varint());
  const miniblockValues = blockValues / miniblocks;
  expect(blockValues % 128).toBe(0);
  expect(miniblockValues % 32).toBe(0);
  const values = [zigzag()];
  while (values.length < count) {
    const least = zigzag();
    const widths = bytes.slice(at, (at += miniblocks));
    for (const width of widths) {
      // Spec: miniblocks behind the last value have no body.
      if (values.length >= count) expect(width).toBe(0);
      const start = at * 8;
      at += (width * miniblockValues) / 8;
      for (let index = 0; index < miniblockValues && values.length < count; index++) {
        let excess = 0n;
        for (let bit = 0; bit < width; bit++) {
          const position = start + index * width + bit;
          excess |= BigInt((bytes[position >> 3]! >> (position & 7)) & 1) << BigInt(bit);
        }
        values.push(BigInt.asIntN(64, values.at(-1)! + least + excess));
      }
    }
  }
  expect(at).toBe(bytes.length);
  return values.slice(0, count);
}

test('any values whose range is below 2^62 come back', () => {
  const values = fc
    .tuple(fc.bigInt(-(2n ** 63n), 2n ** 63n - 2n ** 62n), fc.bigInt(1n, 2n ** 62n - 1n))
    .chain(([min, range]) => fc.array(fc.bigInt(min, min + range), { maxLength: 400 }));
  fc.assert(
    fc.property(values, (of) => {
      expect(decode(encode(of))).toEqual(of);
    }),
    { numRuns: 300 },
  );
});

test('every width of differences comes back', () => {
  for (let width = 0n; width < 62n; width++) {
    const of = Array.from({ length: 300 }, (_, at) =>
      at % 2 === 0 ? BigInt(at) : 2n ** width - BigInt(at % 3),
    );
    expect(decode(encode(of))).toEqual(of);
  }
});

test('the examples of the specification are encoded as it says, in blocks of our size', () => {
  const sizes = [0x80, 1, 4];
  expect([...encode([1n, 2n, 3n, 4n, 5n])]).toEqual([...sizes, 5, 2, 2, 0, 0, 0, 0]);
  // The differences are -2, -2, -2, 1, 1, 1, 1; less the least they are 0, 0, 0, 3, 3, 3, 3, in two bits each.
  const packed = [0b11_00_00_00, 0b00_11_11_11, 0, 0, 0, 0, 0, 0];
  expect([...encode([7n, 5n, 3n, 1n, 2n, 3n, 4n, 5n])]).toEqual([
    ...sizes,
    8,
    14,
    3,
    2,
    0,
    0,
    0,
    ...packed,
  ]);
});

test('no values are a header', () => {
  expect([...encode([])]).toEqual([0x80, 1, 4, 0, 0]);
});
