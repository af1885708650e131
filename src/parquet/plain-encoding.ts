import type { Entries } from '../columns/column-batch.ts';
import type { ByteWriter } from './byte-writer.ts';

/** Below this many bytes a loop copies faster than TypedArray.set, which first makes a view. */
const SHORT_COPY_BYTES = 48;

/**
 * Writes the entries with the ids ids[start] up to ids[end] in the PLAIN encoding of their physical type.
 * Spec: parquet-format Encodings.md, PLAIN = 0.
 */
export function writePlain(
  out: ByteWriter,
  entries: Entries,
  ids: Int32Array,
  start: number,
  end: number,
): void {
  switch (entries.storage) {
    case 'boolean':
      writeBooleans(out, entries.values, ids, start, end);
      return;
    case 'int32':
    case 'float':
      writeWords(out, wordsOf(entries.values), ids, start, end);
      return;
    case 'int64':
    case 'double':
      writeWordPairs(out, wordsOf(entries.values), ids, start, end);
      return;
    case 'bytes':
      writeByteArrays(out, entries.bytes, entries.offsets, ids, start, end);
      return;
    case 'fixed':
      writeFixed(out, entries.bytes, entries.width, ids, start, end);
      return;
  }
}

/** The bytes that `writePlain` writes for the same arguments. */
export function plainSize(entries: Entries, ids: Int32Array, start: number, end: number): number {
  switch (entries.storage) {
    case 'boolean':
      return Math.ceil((end - start) / 8);
    case 'int32':
    case 'float':
      return 4 * (end - start);
    case 'int64':
    case 'double':
      return 8 * (end - start);
    case 'fixed':
      return entries.width * (end - start);
    case 'bytes': {
      const { offsets } = entries;
      let size = 4 * (end - start);
      for (let at = start; at < end; at++) {
        const id = ids[at]!;
        size += offsets[id + 1]! - offsets[id]!;
      }
      return size;
    }
  }
}

/** The same memory in 32-bit words: moves 64-bit integers without a BigInt each, and keeps the bits of every NaN. */
export function wordsOf(
  values: Int32Array | Float32Array | BigInt64Array | Float64Array,
): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.byteLength / 4);
}

function writeBooleans(
  out: ByteWriter,
  values: Uint8Array,
  ids: Int32Array,
  start: number,
  end: number,
): void {
  out.reserve(Math.ceil((end - start) / 8));
  const { bytes } = out;
  let to = out.length;
  for (let group = start; group < end; group += 8) {
    const stop = Math.min(group + 8, end);
    let packed = 0;
    // Spec: least significant bit first.
    for (let at = group; at < stop; at++) packed |= values[ids[at]!]! << (at - group);
    bytes[to++] = packed;
  }
  out.length = to;
}

function writeWords(
  out: ByteWriter,
  words: Int32Array,
  ids: Int32Array,
  start: number,
  end: number,
): void {
  out.reserve(4 * (end - start));
  const { view } = out;
  let to = out.length;
  for (let at = start; at < end; at++) {
    view.setInt32(to, words[ids[at]!]!, true);
    to += 4;
  }
  out.length = to;
}

function writeWordPairs(
  out: ByteWriter,
  words: Int32Array,
  ids: Int32Array,
  start: number,
  end: number,
): void {
  out.reserve(8 * (end - start));
  const { view } = out;
  let to = out.length;
  for (let at = start; at < end; at++) {
    const word = 2 * ids[at]!;
    view.setInt32(to, words[word]!, true);
    view.setInt32(to + 4, words[word + 1]!, true);
    to += 8;
  }
  out.length = to;
}

function writeByteArrays(
  out: ByteWriter,
  source: Uint8Array,
  offsets: Int32Array,
  ids: Int32Array,
  start: number,
  end: number,
): void {
  for (let at = start; at < end; at++) {
    const id = ids[at]!;
    const from = offsets[id]!;
    const length = offsets[id + 1]! - from;
    out.writeUint32(length);
    copyBytes(out, source, from, from + length);
  }
}

/** Writes source[from] up to source[end]. */
export function copyBytes(out: ByteWriter, source: Uint8Array, from: number, end: number): void {
  const length = end - from;
  out.reserve(length);
  const { bytes } = out;
  const to = out.length;
  if (length < SHORT_COPY_BYTES) {
    for (let byte = 0; byte < length; byte++) bytes[to + byte] = source[from + byte]!;
  } else {
    bytes.set(source.subarray(from, end), to);
  }
  out.length = to + length;
}

function writeFixed(
  out: ByteWriter,
  source: Uint8Array,
  width: number,
  ids: Int32Array,
  start: number,
  end: number,
): void {
  out.reserve(width * (end - start));
  const { bytes } = out;
  let to = out.length;
  for (let at = start; at < end; at++) {
    const from = ids[at]! * width;
    for (let byte = 0; byte < width; byte++) bytes[to + byte] = source[from + byte]!;
    to += width;
  }
  out.length = to;
}
