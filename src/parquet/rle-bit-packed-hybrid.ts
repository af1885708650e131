import { packEights } from './bit-packing.ts';
import type { ByteWriter } from './byte-writer.ts';

/** The bits that each number below `count` fits in. At least 1: some readers do not take runs of width 0. */
export function bitWidthOf(count: number): number {
  return Math.max(1, 32 - Math.clz32(count - 1));
}

/**
 * Writes values[start] up to values[end], each from 0 to 2^width - 1 with a width of 1 to 24, as runs of one value and
 * groups of eight packed values. Spec: parquet-format Encodings.md, RLE = 3.
 */
export function writeHybrid(
  out: ByteWriter,
  values: Int32Array,
  start: number,
  end: number,
  width: number,
): void {
  // A run costs its header and value, and the header of the packed values behind it: four bytes or so, for which eight
  // values packed in one bit each would take one.
  const runMin = 8 * Math.ceil(4 / width);
  let packedStart = start;
  let at = start;
  while (at < end) {
    // Packed values come in eights, so only there a run can start.
    const runEnd = endOfRun(values, at, end);
    if (runEnd - at >= runMin) {
      if (at > packedStart) writePacked(out, values, packedStart, at, width);
      writeRun(out, values[at]!, runEnd - at, width);
      at = runEnd;
      packedStart = runEnd;
    } else {
      at += 8;
    }
  }
  if (packedStart < end) writePacked(out, values, packedStart, end, width);
}

/** One run: `value`, `count` times. */
export function writeRun(out: ByteWriter, value: number, count: number, width: number): void {
  out.writeVarint(count * 2);
  // Spec: the repeated value takes as many whole bytes as the width needs.
  for (let shift = 0; shift < width; shift += 8) out.writeByte((value >>> shift) & 0xff);
}

function endOfRun(values: Int32Array, start: number, end: number): number {
  const value = values[start];
  let at = start + 1;
  while (at < end && values[at] === value) at++;
  return at;
}

function writePacked(
  out: ByteWriter,
  values: Int32Array,
  start: number,
  end: number,
  width: number,
): void {
  const groups = Math.ceil((end - start) / 8);
  out.writeVarint(groups * 2 + 1);
  const stop = out.length + groups * width;
  const whole = end - ((end - start) % 8);
  packEights(out, values, start, whole, width);
  if (whole < end) {
    // Spec: the last group is filled up; readers know from the page header how many values there are.
    const last = new Int32Array(8);
    last.set(values.subarray(whole, end));
    packEights(out, last, 0, 8, width);
  }
  if (out.length !== stop) throw new Error('Bit packing wrote another length than announced.');
}
