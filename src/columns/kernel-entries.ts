import { kernelStorage } from './cell-form.ts';
import type { Entries } from './column-batch.ts';

/** Where the kernel finds the entries of a column, which lie in its memory: arguments of its functions. */
export interface KernelEntries {
  storage: number;
  entries: number;
  /** Of byte arrays. */
  offsets: number;
  /** Of fixed bytes. */
  width: number;
}

export function kernelEntries(entries: Entries): KernelEntries {
  const storage = kernelStorage(entries.storage);
  switch (entries.storage) {
    case 'bytes': {
      const { bytes, offsets } = entries;
      return { storage, entries: bytes.byteOffset, offsets: offsets.byteOffset, width: 0 };
    }
    case 'fixed':
      return { storage, entries: entries.bytes.byteOffset, offsets: 0, width: entries.width };
    case 'boolean':
    case 'int32':
    case 'int64':
    case 'float':
    case 'double':
      return { storage, entries: entries.values.byteOffset, offsets: 0, width: 0 };
  }
}

/** The address of ids[start]. */
export function addressOfId(ids: Int32Array, start: number): number {
  return ids.byteOffset + start * Int32Array.BYTES_PER_ELEMENT;
}
