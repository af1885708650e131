import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PageWriter } from '../../../src/parquet/page-writer.ts';
import { bitWidthOf, writeHybrid, writeRun } from '../../../src/parquet/rle-bit-packed-hybrid.ts';
import { inKernel, kernel } from './batch-of.ts';

function encode(values: readonly number[], width: number): Uint8Array {
  const out = new PageWriter(kernel, 1);
  writeHybrid(out, inKernel(Int32Array.from([9, ...values, 9])), 1, values.length + 1, width);
  return out.written().slice();
}

/** A plain reading of the specification: bit by bit. */
function decode(bytes: Uint8Array, count: number, width: number): number[] {
  const values: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    let header = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!;
      header |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    if (header % 2 === 1) {
      const bit = (index: number) => (bytes[at + (index >> 3)]! >> (index & 7)) & 1;
      for (let value = 0; value < (header >> 1) * 8; value++) {
        let sum = 0;
        for (let index = 0; index < width; index++) sum += bit(value * width + index) * 2 ** index;
        values.push(sum);
      }
      at += (header >> 1) * width;
    } else {
      let value = 0;
      for (let index = 0; index < Math.ceil(width / 8); index++)
        value += bytes[at++]! * 256 ** index;
      for (let index = 0; index < header >> 1; index++) values.push(value);
    }
  }
  expect(values.slice(count).every((value) => value === 0)).toBe(true);
  expect(values.length - count).toBeLessThan(8);
  return values.slice(0, count);
}

test('any mix of runs and single values of every width comes back', () => {
  const mix = fc.integer({ min: 1, max: 24 }).chain((width) => {
    const value = fc.integer({ min: 0, max: 2 ** width - 1 });
    const run = fc
      .tuple(value, fc.integer({ min: 1, max: 70 }))
      .map(([repeated, count]) => Array<number>(count).fill(repeated));
    return fc.tuple(fc.constant(width), fc.array(fc.oneof(run, fc.array(value))));
  });
  fc.assert(
    fc.property(mix, ([width, parts]) => {
      const values = parts.flat();
      expect(decode(encode(values, width), values.length, width)).toEqual(values);
    }),
    { numRuns: 500 },
  );
});

test('the example of the specification is packed as it says', () => {
  const bytes = encode([0, 1, 2, 3, 4, 5, 6, 7], 3);
  expect([...bytes]).toEqual([0b11, 0b10001000, 0b11000110, 0b11111010]);
});

test('a long run takes its header and one value', () => {
  expect([...encode(Array<number>(1000).fill(5), 3)]).toEqual([0xd0, 0x0f, 5]);
  const out = new PageWriter(kernel);
  writeRun(out, 0x1234, 3, 13);
  expect([...out.written()]).toEqual([6, 0x34, 0x12]);
});

test('a width has room for every code of a dictionary, and is never 0', () => {
  expect([1, 2, 3, 4, 5, 256, 257, 65536, 65537].map(bitWidthOf)).toEqual([
    1, 1, 2, 2, 3, 8, 9, 16, 17,
  ]);
});
