import type { Entries } from '../columns/column-batch.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { addressOfId, kernelEntries } from '../columns/kernel-entries.ts';
import type { PageWriter } from './page-writer.ts';

/**
 * Writes the entries with the ids ids[start] up to ids[end] in the PLAIN encoding of their physical type.
 * Spec: parquet-format Encodings.md, PLAIN = 0.
 */
export function writePlain(
  out: PageWriter,
  of: Entries,
  ids: Int32Array,
  start: number,
  end: number,
): void {
  const { kernel } = out;
  const { storage, entries, offsets, width } = kernelEntries(of);
  out.append(plainSize(kernel, of, ids, start, end), (to) =>
    kernel.functions.writePlain(
      to,
      storage,
      entries,
      offsets,
      width,
      addressOfId(ids, start),
      end - start,
    ),
  );
}

/** The bytes that `writePlain` writes for the same arguments. */
export function plainSize(
  kernel: Kernel,
  entries: Entries,
  ids: Int32Array,
  start: number,
  end: number,
): number {
  const count = end - start;
  switch (entries.storage) {
    case 'boolean':
      return Math.ceil(count / 8);
    case 'int32':
    case 'float':
      return 4 * count;
    case 'int64':
    case 'double':
      return 8 * count;
    case 'fixed':
      return entries.width * count;
    case 'bytes':
      return 4 * count + entryBytes(kernel, entries, ids, start, count);
  }
}

/** The bytes of byte arrays without their lengths. */
export function entryBytes(
  { functions }: Kernel,
  { offsets }: Extract<Entries, { storage: 'bytes' }>,
  ids: Int32Array,
  start: number,
  count: number,
): number {
  return functions.entryBytes(offsets.byteOffset, addressOfId(ids, start), count);
}
