import type { Kernel } from '../kernel/kernel.ts';
import type { Entries, Extremes } from './column-batch.ts';
import { kernelEntries } from './kernel-entries.ts';

/** Of at least one entry, whose ids the kernel has at `ids`; null where there is a NaN, which has no order. */
export function findExtremes(
  { functions }: Kernel,
  of: Entries,
  ids: number,
  count: number,
): Extremes | null {
  const { storage, entries, offsets, width } = kernelEntries(of);
  const hasOrder = functions.findExtremes(storage, entries, offsets, width, ids, count);
  if (hasOrder === 0) return null;
  return { least: functions.leastId.value, greatest: functions.greatestId.value };
}
