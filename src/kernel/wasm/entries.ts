// The typed values of a column: each of several rows, or of one.
import { Column } from './column';
import { hashBytes, hashNumber } from './hash';
import { addLoadText, loadTextBytes } from './load-text';
import { compareBytes, copyBytes, grown, SLACK_BYTES } from './memory';
import { BYTES } from './parse';

const ROOM_MIN: i32 = 1024;

/*
 * The functions that follow add an entry, whose canonical text is given, and return its id.
 */

export function addInt32(column: Column, value: i32, text: usize, length: i32): i32 {
  const id = newEntry(column, hashNumber(<u64>value, column.seed), text, length);
  store<i32>(column.entries + ((<usize>id) << 2), value);
  return id;
}

export function addInt64(column: Column, value: i64, text: usize, length: i32): i32 {
  const id = newEntry(column, hashNumber(<u64>value, column.seed), text, length);
  store<i64>(column.entries + ((<usize>id) << 3), value);
  return id;
}

export function addDouble(column: Column, value: f64, text: usize, length: i32): i32 {
  const id = newEntry(column, hashNumber(reinterpret<u64>(value), column.seed), text, length);
  store<f64>(column.entries + ((<usize>id) << 3), value);
  return id;
}

export function addFloat(column: Column, value: f32, text: usize, length: i32): i32 {
  const id = newEntry(column, hashNumber(reinterpret<u32>(value), column.seed), text, length);
  store<f32>(column.entries + ((<usize>id) << 2), value);
  return id;
}

export function addBoolean(column: Column, value: bool, text: usize, length: i32): i32 {
  const id = newEntry(column, hashNumber(<u64>value, column.seed), text, length);
  store<u8>(column.entries + id, <u8>value);
  return id;
}

/** Of a width of its own: `value` points to its bytes. */
export function addFixed(column: Column, value: usize, text: usize, length: i32): i32 {
  const id = newEntry(column, hashBytes(text, length, column.seed), text, length);
  memory.copy(column.entries + <usize>id * column.width, value, column.width);
  return id;
}

/** Byte arrays are their own canonical text. */
export function addBytes(column: Column, text: usize, length: i32): i32 {
  const hash = column.hashes ? hashBytes(text, length, column.seed) : 0;
  const id = newEntry(column, hash, text, length);
  const end = column.offsets + ((<usize>id) << 2);
  const used = load<i32>(end);
  if (used + length + SLACK_BYTES > column.bytesRoom) growBytes(column, used, length);
  copyBytes(column.entries + used, text, length);
  store<i32>(end, used + length, 4);
  return id;
}

function newEntry(column: Column, hash: u64, text: usize, length: i32): i32 {
  if (column.count == column.room) growEntries(column);
  const id = column.count++;
  if (column.hashes) store<u64>(column.entryHashes + ((<usize>id) << 3), hash);
  if (column.renders) addLoadText(column.text, text, length);
  return id;
}

export function growEntries(column: Column): void {
  const room = max(ROOM_MIN, column.room * 2);
  const former = column.room;
  if (column.storage == BYTES) {
    const offsets = grown(column.offsets, (<usize>(former + 1)) << 2, (<usize>(room + 1)) << 2);
    if (column.offsets == 0) store<i32>(offsets, 0);
    column.offsets = offsets;
  } else {
    column.entries = grown(
      column.entries,
      <usize>former * column.width,
      <usize>room * column.width,
    );
  }
  if (column.hashes) {
    column.entryHashes = grown(column.entryHashes, (<usize>former) << 3, (<usize>room) << 3);
  }
  column.room = room;
}

function growBytes(column: Column, used: i32, length: i32): void {
  const room = max(used + length + SLACK_BYTES, column.bytesRoom * 2);
  column.entries = grown(column.entries, used, room);
  column.bytesRoom = room;
}

/** Bytes in use for the batch, but for ids. */
export function columnBytes(column: Column): i32 {
  const entries =
    column.storage == BYTES
      ? column.count == 0
        ? 0
        : load<i32>(column.offsets + ((<usize>column.count) << 2))
      : column.count * column.width;
  return entries + column.keys.bytes() + loadTextBytes(column.text);
}

/** Whether two entries have the same canonical text; for a column that renders. */
export function sameText(column: Column, a: i32, b: i32): bool {
  const offsets = column.text.offsets;
  const startA = load<i32>(offsets + ((<usize>a) << 2));
  const startB = load<i32>(offsets + ((<usize>b) << 2));
  const length = load<i32>(offsets + ((<usize>a) << 2), 4) - startA;
  if (load<i32>(offsets + ((<usize>b) << 2), 4) - startB != length) return false;
  const bytes = column.text.bytes;
  return compareBytes(bytes + startA, bytes + startB, length) == 0;
}
