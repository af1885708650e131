// The values of a column chunk as Parquet has them. Entries are named by their ids; each function that writes does so at `out`, where
// there is room, and returns the end of what it wrote.
import { copyBytes } from './memory';
import { writeDeltas, writeHybrid } from './pack';
import { BOOLEAN, BYTES, DOUBLE, FIXED, FLOAT, INT32, INT64 } from './parse';

/** How many entries the dictionary has that was made last. */
export let dictionarySize: i32 = 0;
/** How many rows have a value among those whose definition levels were written last. */
export let presentRows: i32 = 0;

/** Gathers the ids of rows that have a value; returns how many. */
export function gatherPresent(ids: usize, rows: i32, present: usize): i32 {
  let to = present;
  for (let row = 0; row < rows; row++) {
    const id = load<i32>(ids + ((<usize>row) << 2));
    store<i32>(to, id);
    // The place of a row without a value the next takes: without a branch, at the speed of a copy.
    to += id < 0 ? 0 : 4;
  }
  return (<i32>(to - present)) >> 2;
}

/**
 * Writes the codes of ids, leaving out those without a value, and the entries that they name in the order of their first use.
 * Returns how many codes there are. `codeOf` has room for one more than there are entries.
 */
export function encodeDictionary(
  ids: usize,
  rows: i32,
  entryCount: i32,
  codeOf: usize,
  order: usize,
  codes: usize,
): i32 {
  memory.fill(codeOf, 255, (<usize>(entryCount + 1)) << 2);
  // At 1 more than the id, so that no value has a place too; what its rows write, the next overwrites.
  store<i32>(codeOf, 0);
  let size = 0;
  let to = codes;
  for (let row = 0; row < rows; row++) {
    const id = load<i32>(ids + ((<usize>row) << 2));
    const place = codeOf + ((<usize>(id + 1)) << 2);
    let code = load<i32>(place);
    if (code < 0) {
      code = size++;
      store<i32>(place, code);
      store<i32>(order + ((<usize>code) << 2), id);
    }
    store<i32>(to, code);
    to += id < 0 ? 0 : 4;
  }
  dictionarySize = size;
  return (<i32>(to - codes)) >> 2;
}

/** Writes whether each row has a value. `levels` has room for as many numbers. */
export function writeLevels(out: usize, ids: usize, rows: i32, levels: usize): usize {
  let present = 0;
  for (let row = 0; row < rows; row++) {
    const level = <i32>(load<i32>(ids + ((<usize>row) << 2)) >= 0);
    store<i32>(levels + ((<usize>row) << 2), level);
    present += level;
  }
  presentRows = present;
  return writeHybrid(out, levels, rows, 1);
}

/** The bytes of all these entries, which are byte arrays. */
export function entryBytes(offsets: usize, ids: usize, count: i32): i32 {
  let bytes = 0;
  for (let at = 0; at < count; at++) bytes += lengthOf(offsets, ids, at);
  return bytes;
}

/**
 * How many of these rows fit in a page of byte arrays, at least one: as long as their entries, with four bytes each for a length,
 * take no more than `bytesMax`.
 */
export function rowsOfPage(offsets: usize, ids: usize, rows: i32, bytesMax: i32): i32 {
  let bytes = 0;
  for (let row = 0; row < rows; row++) {
    if (load<i32>(ids + ((<usize>row) << 2)) < 0) continue;
    bytes += 4 + lengthOf(offsets, ids, row);
    if (bytes > bytesMax && row > 0) return row;
  }
  return rows;
}

function lengthOf(offsets: usize, ids: usize, at: i32): i32 {
  const offset = offsets + ((<usize>load<i32>(ids + ((<usize>at) << 2))) << 2);
  return load<i32>(offset, 4) - load<i32>(offset);
}

/**
 * Writes entries in the PLAIN encoding of their physical type. `entries`: see Column; `offsets`: of byte arrays; `width`: of fixed
 * bytes. Spec: parquet-format Encodings.md, PLAIN = 0.
 */
export function writePlain(
  out: usize,
  storage: i32,
  entries: usize,
  offsets: usize,
  width: i32,
  ids: usize,
  count: i32,
): usize {
  switch (storage) {
    case BOOLEAN:
      return writeBooleans(out, entries, ids, count);
    case INT32:
    case FLOAT:
      for (let at = 0; at < count; at++) {
        const id = load<i32>(ids + ((<usize>at) << 2));
        store<u32>(out + ((<usize>at) << 2), load<u32>(entries + ((<usize>id) << 2)));
      }
      return out + ((<usize>count) << 2);
    case INT64:
    case DOUBLE:
      for (let at = 0; at < count; at++) {
        const id = load<i32>(ids + ((<usize>at) << 2));
        store<u64>(out + ((<usize>at) << 3), load<u64>(entries + ((<usize>id) << 3)));
      }
      return out + ((<usize>count) << 3);
    case FIXED:
      for (let at = 0; at < count; at++) {
        const id = load<i32>(ids + ((<usize>at) << 2));
        copyBytes(out + <usize>at * width, entries + <usize>id * width, width);
      }
      return out + <usize>count * width;
    default:
      return writeByteArrays(out, entries, offsets, ids, count);
  }
}

/** Spec: least significant bit first. */
function writeBooleans(out: usize, entries: usize, ids: usize, count: i32): usize {
  const bytes = (count + 7) >> 3;
  memory.fill(out, 0, bytes);
  for (let at = 0; at < count; at++) {
    const value: u32 = load<u8>(entries + load<i32>(ids + ((<usize>at) << 2)));
    const place = out + (at >> 3);
    store<u8>(place, load<u8>(place) | (<u8>(value << (at & 7))));
  }
  return out + bytes;
}

function writeByteArrays(
  out: usize,
  entries: usize,
  offsets: usize,
  ids: usize,
  count: i32,
): usize {
  let to = out;
  for (let at = 0; at < count; at++) {
    const offset = offsets + ((<usize>load<i32>(ids + ((<usize>at) << 2))) << 2);
    const start = load<i32>(offset);
    const length = load<i32>(offset, 4) - start;
    store<i32>(to, length);
    copyBytes(to + 4, entries + start, length);
    to += 4 + length;
  }
  return to;
}

/**
 * Writes entries in the delta encoding of their physical type: 32-bit and 64-bit integers and byte arrays. `numbers` has room for
 * 128 more 64-bit numbers than there are ids. Spec: parquet-format Encodings.md, 5 and 6.
 */
export function writeDelta(
  out: usize,
  storage: i32,
  entries: usize,
  offsets: usize,
  ids: usize,
  count: i32,
  numbers: usize,
): usize {
  for (let at = 0; at < count; at++) {
    const id = <usize>load<i32>(ids + ((<usize>at) << 2));
    let number: i64;
    if (storage == INT32) number = load<i32>(entries + (id << 2));
    else if (storage == INT64) number = load<i64>(entries + (id << 3));
    else number = lengthOf(offsets, ids, at);
    store<i64>(numbers + ((<usize>at) << 3), number);
  }
  const to = writeDeltas(out, numbers, count);
  return storage == BYTES ? writeStrings(to, entries, offsets, ids, count) : to;
}

/** Spec: DELTA_LENGTH_BYTE_ARRAY = 6: behind the lengths all bytes, without a gap. */
function writeStrings(out: usize, entries: usize, offsets: usize, ids: usize, count: i32): usize {
  // Where each row has an entry of its own they lie one behind the other, and a page is copied at once.
  let to = out;
  let from = 0;
  let end = 0;
  for (let at = 0; at < count; at++) {
    const offset = offsets + ((<usize>load<i32>(ids + ((<usize>at) << 2))) << 2);
    if (load<i32>(offset) != end) {
      memory.copy(to, entries + from, end - from);
      to += end - from;
      from = load<i32>(offset);
    }
    end = load<i32>(offset, 4);
  }
  memory.copy(to, entries + from, end - from);
  return to + (end - from);
}
