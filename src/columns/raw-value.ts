import type { Entries } from './column-batch.ts';

/**
 * A value as it is held in memory: text, or the number that stands for it, such as the days since 1970 of a date and the cents of
 * a DECIMAL(10,2). Numbers of 64 bits and more are bigint.
 */
export type RawValue = number | bigint | string;

/** The value of an entry. */
export function rawValue(entries: Entries, id: number): RawValue {
  switch (entries.storage) {
    case 'boolean':
    case 'int32':
    case 'int64':
    case 'float':
    case 'double':
      return entries.values[id]!;
    case 'bytes': {
      const { bytes, offsets } = entries;
      return Buffer.from(bytes.subarray(offsets[id], offsets[id + 1])).toString();
    }
    case 'fixed': {
      const { bytes, width } = entries;
      let value = 0n;
      for (const byte of bytes.subarray(id * width, (id + 1) * width)) {
        value = (value << 8n) | BigInt(byte);
      }
      return BigInt.asIntN(8 * width, value);
    }
  }
}
