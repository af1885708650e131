import { addressOfId } from '../columns/kernel-entries.ts';
import type { PageWriter } from './page-writer.ts';

/** The bits that each number below `count` fits in. At least 1: some readers do not take runs of width 0. */
export function bitWidthOf(count: number): number {
  return Math.max(1, 32 - Math.clz32(count - 1));
}

/**
 * Writes values[start] up to values[end], each from 0 to 2^width - 1 with a width of 1 to 24, as runs of one value and
 * groups of eight packed values. Spec: parquet-format Encodings.md, RLE = 3.
 */
export function writeHybrid(
  out: PageWriter,
  values: Int32Array,
  start: number,
  end: number,
  width: number,
): void {
  const { functions } = out.kernel;
  out.append(hybridBytesMax(end - start, width), (to) =>
    functions.writeHybrid(to, addressOfId(values, start), end - start, width),
  );
}

/** The most bytes that so many values take: all packed, and for each eight of them a run's header and value. */
export function hybridBytesMax(count: number, width: number): number {
  return Math.ceil(count / 8) * (width + 8) + 8;
}

/** One run: `value`, `count` times. */
export function writeRun(out: PageWriter, value: number, count: number, width: number): void {
  out.append(8, (to) => out.kernel.functions.writeRun(to, value, count, width));
}
