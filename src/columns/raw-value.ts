import type { Entries } from './column-batch.ts';

/**
 * A value as it is held in memory: text, or the number that stands for it, such as the days since 1970 of a date and the cents of
 * a DECIMAL(10,2). Numbers of 64 bits and more are bigint.
 */
export type RawValue = number | bigint | string;

/** The value of an entry. */
export function rawValue(entries: Entries, id: number): RawValue {
  return rawReader(entries)(id);
}

/** Gives the value of an entry: for a column of texts, one view of their bytes serves for all of them. */
export function rawReader(entries: Entries): (id: number) => RawValue {
  switch (entries.storage) {
    case 'boolean':
    case 'int32':
    case 'int64':
    case 'float':
    case 'double': {
      const { values } = entries;
      return (id) => values[id]!;
    }
    case 'bytes': {
      const { bytes, offsets } = entries;
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      return (id) => text.toString('utf8', offsets[id], offsets[id + 1]);
    }
    case 'fixed': {
      const { bytes, width } = entries;
      return (id) => fixedValue(bytes.subarray(id * width, (id + 1) * width));
    }
  }
}

function fixedValue(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return BigInt.asIntN(8 * bytes.length, value);
}
