// One column of a batch: from cells to ids and typed entries.
import { addLoadText, loadTextBytes, LoadText } from './load-text';
import {
  cleanCell,
  cleanedAt,
  cleanedLength,
  isCleanedCopy,
  isNullWord,
  isVisible,
  NO_VALUE,
  setCleaned,
} from './clean';
import { firstBytes, hashBytes, hashNumber, placeOf } from './hash';
import { ID, Keys, NOT_FOUND, SHORT_BYTES_MAX, SLOT_SHIFT } from './keys';
import { compareBytes, copyBytes, grown, SLACK_BYTES } from './memory';
import {
  ANY_FORM,
  BYTES,
  DOUBLE,
  INT32,
  INT64,
  isNumeric,
  isText,
  PADDED_TEXT,
  parseNumber,
  parseReal,
  REAL,
  TEXT,
  UNPARSED,
} from './parse';

/** The id of a cell without a value. */
export const NULL_ID: i32 = -1;
/** The host has to look at a cell. No id, and no verdict. */
const ASK_HOST: i32 = i32.MIN_VALUE;

/**
 * From this many distinct values on a column is asked whether looking them up pays; where more than every second cell
 * brings a new one, it does not, and the rest of the batch gets an entry a cell.
 */
const LOOKUP_VALUES_MIN: i32 = 1 << 11;

const ROOM_MIN: i32 = 1024;

@unmanaged
export class Column {
  /** How to read a cell: see parse.ts. */
  form: i32;
  /** Of the form: digits, or bytes. */
  lengthMax: i32;
  scale: i32;
  min: i64;
  max: i64;
  /** How entries are held: see parse.ts. */
  storage: i32;
  /** Bytes of an entry; 0 where they have lengths of their own. */
  width: i32;
  trims: bool;
  lowercases: bool;
  hashes: bool;
  renders: bool;
  /** Words that mean "no value": see isNullWord; 0 for none. */
  nullWords: usize;
  seed: u64;

  /** Looked up in the batch so far; switched off where that does not pay. */
  lookup: bool;
  /** Whether equal values may have entries of their own. */
  repeats: bool;
  /** Cells of the batch so far that have a value. */
  values: i32;
  /** Of the last append: cells without a value, and cells that have neither a value nor none. */
  nulls: i32;
  broken: i32;

  ids: usize;
  idsRoom: i32;
  count: i32;
  room: i32;
  /** Entries of a width, one behind the other; or the bytes of all entries. */
  entries: usize;
  bytesRoom: i32;
  /** For bytes: where each entry ends, behind a 0. */
  offsets: usize;
  entryHashes: usize;
  keys: Keys;
  text: LoadText;
}

export function createColumn(
  form: i32,
  lengthMax: i32,
  scale: i32,
  min: i64,
  max: i64,
  storage: i32,
  width: i32,
): Column {
  const at = heap.alloc(offsetof<Column>());
  memory.fill(at, 0, offsetof<Column>());
  const column = changetype<Column>(at);
  column.form = form;
  column.lengthMax = lengthMax;
  column.scale = scale;
  column.min = min;
  column.max = max;
  column.storage = storage;
  column.width = width;
  column.keys = Keys.create();
  column.text = LoadText.create();
  clearColumn(column);
  return column;
}

/** `nullWords`: memory that becomes the column's. */
export function setCleaning(column: Column, trims: bool, lowercases: bool, nullWords: usize): void {
  column.trims = trims;
  column.lowercases = lowercases;
  column.nullWords = nullWords;
}

/** Whether load text is wanted, and whether rows are to be compared. */
export function setPurpose(column: Column, renders: bool, hashes: bool): void {
  column.renders = renders;
  column.hashes = hashes;
}

/** For hashes: the same for all rows that are to be compared; changed between batches only. */
export function setSeed(column: Column, seed: u64): void {
  column.seed = seed;
}

/** Begins the next batch. */
export function clearColumn(column: Column): void {
  column.count = 0;
  column.keys.clear();
  column.text.clear();
  column.lookup = true;
  column.repeats = false;
  column.values = 0;
}

export function destroyColumn(column: Column): void {
  column.keys.destroy();
  column.text.destroy();
  free(column.nullWords);
  free(column.ids);
  free(column.entries);
  free(column.offsets);
  free(column.entryHashes);
  heap.free(changetype<usize>(column));
}

function free(at: usize): void {
  if (at != 0) heap.free(at);
}

/** Makes room for the ids of so many rows. */
export function reserveIds(column: Column, rows: i32): void {
  if (rows <= column.idsRoom) return;
  const room = max(rows, max(ROOM_MIN, column.idsRoom * 2));
  column.ids = grown(column.ids, (<usize>column.idsRoom) << 2, (<usize>room) << 2);
  column.idsRoom = room;
}

/**
 * Takes the cells of rows [from, to) of a block into ids from `base` on, for which there is room. Returns `to`, or the row whose
 * cell the host has to look at: it enters what the cell means, and goes on behind it.
 */
export function appendCells(
  column: Column,
  bytes: usize,
  starts: usize,
  ends: usize,
  fieldCount: i32,
  field: i32,
  from: i32,
  to: i32,
  base: i32,
): i32 {
  if (column.lookup) {
    return appendLookedUp(column, bytes, starts, ends, fieldCount, field, from, to, base);
  }
  return isNumeric(column.form)
    ? appendNumbers(column, bytes, starts, ends, fieldCount, field, from, to, base)
    : appendTyped(column, bytes, starts, ends, fieldCount, field, from, to, base);
}

/** Begins a block: nothing is known of its cells yet. */
export function beginCells(column: Column): void {
  column.nulls = 0;
  column.broken = 0;
}

/** Ends a block of so many rows: decides whether to look cells up in the next one. */
export function endCells(column: Column, rows: i32): void {
  column.values += rows - column.nulls;
  if (!column.lookup) return;
  const distinct = column.keys.count();
  if (distinct <= LOOKUP_VALUES_MIN || distinct * 2 < column.values) return;
  column.lookup = false;
  column.repeats = true;
}

/**
 * The look-up of a short key stands here as well as in Keys: as a call, with its table read anew for each cell, it took half as
 * long again.
 */
function appendLookedUp(
  column: Column,
  bytes: usize,
  starts: usize,
  ends: usize,
  fieldCount: i32,
  field: i32,
  from: i32,
  to: i32,
  base: i32,
): i32 {
  const keys = column.keys;
  let slots = keys.short;
  let mask = keys.shortMask;
  const step = (<usize>fieldCount) << 2;
  let cell = (<usize>from * fieldCount + field) << 2;
  let id = column.ids + ((<usize>base) << 2);
  let nulls = 0;
  let broken = 0;
  let row = from;
  for (; row < to; row++, cell += step, id += 4) {
    const start = load<i32>(starts + cell);
    const length = load<i32>(ends + cell) - start;
    const at = bytes + start;
    let found = NOT_FOUND;
    if (length <= SHORT_BYTES_MAX && length > 0) {
      const key = firstBytes(load<u64>(at), length);
      let slot = placeOf(key) & mask;
      let place = slots + ((<usize>slot) << SLOT_SHIFT);
      let there = load<u64>(place);
      while (there != key && there != 0) {
        slot = (slot + 1) & mask;
        place = slots + ((<usize>slot) << SLOT_SHIFT);
        there = load<u64>(place);
      }
      if (there != 0) found = load<i32>(place, ID);
    } else if (length == 0) found = NULL_ID;
    else found = keys.find(at, length, column.seed);
    if (found == NOT_FOUND) {
      found = typed(column, at, length);
      if (found == ASK_HOST) break;
      keys.add(at, length, column.seed, found);
      slots = keys.short;
      mask = keys.shortMask;
    }
    store<i32>(id, found);
    if (found < 0) {
      if (found == NULL_ID) nulls++;
      else broken++;
    }
  }
  column.nulls += nulls;
  column.broken += broken;
  return row;
}

/** As appendTyped for numbers, dates and times that need no cleaning: in one loop, which takes two thirds of the time. */
function appendNumbers(
  column: Column,
  bytes: usize,
  starts: usize,
  ends: usize,
  fieldCount: i32,
  field: i32,
  from: i32,
  to: i32,
  base: i32,
): i32 {
  const form = column.form;
  const wholeMax = column.lengthMax;
  const scale = column.scale;
  const least = column.min;
  const greatest = column.max;
  const nullWords = column.nullWords;
  const seed = column.seed;
  const isWide = column.storage == INT64;
  const renders = column.renders;
  const hashes = column.hashes;
  const step = (<usize>fieldCount) << 2;
  let cell = (<usize>from * fieldCount + field) << 2;
  let id = column.ids + ((<usize>base) << 2);
  let nulls = 0;
  let row = from;
  for (; row < to; row++, cell += step, id += 4) {
    const start = load<i32>(starts + cell);
    const length = load<i32>(ends + cell) - start;
    if (length == 0) {
      store<i32>(id, NULL_ID);
      nulls++;
      continue;
    }
    const at = bytes + start;
    let number = UNPARSED;
    if (isVisible(load<u8>(at)) && isVisible(load<u8>(at + length - 1)) && nullWords == 0) {
      setCleaned(at, length);
      number = parseNumber(at, length, form, wholeMax, scale, least, greatest);
    }
    if (number == UNPARSED) {
      const found = typed(column, at, length);
      if (found == ASK_HOST) break;
      store<i32>(id, found);
      nulls += <i32>(found == NULL_ID);
      continue;
    }
    if (column.count == column.room) growEntries(column);
    const entry = column.count++;
    if (hashes) {
      const bits = isWide ? <u64>number : <u64>(<i32>number);
      store<u64>(column.entryHashes + ((<usize>entry) << 3), hashNumber(bits, seed));
    }
    if (isWide) store<i64>(column.entries + ((<usize>entry) << 3), number);
    else store<i32>(column.entries + ((<usize>entry) << 2), <i32>number);
    if (renders) addLoadText(column.text, cleanedAt, cleanedLength);
    store<i32>(id, entry);
  }
  column.nulls += nulls;
  return row;
}

function appendTyped(
  column: Column,
  bytes: usize,
  starts: usize,
  ends: usize,
  fieldCount: i32,
  field: i32,
  from: i32,
  to: i32,
  base: i32,
): i32 {
  const step = (<usize>fieldCount) << 2;
  let cell = (<usize>from * fieldCount + field) << 2;
  let id = column.ids + ((<usize>base) << 2);
  let nulls = 0;
  let row = from;
  for (; row < to; row++, cell += step, id += 4) {
    const start = load<i32>(starts + cell);
    const length = load<i32>(ends + cell) - start;
    let found = NULL_ID;
    if (length != 0) {
      found = typed(column, bytes + start, length);
      if (found == ASK_HOST) break;
    }
    store<i32>(id, found);
    nulls += <i32>(found == NULL_ID);
  }
  column.nulls += nulls;
  return row;
}

/** Cleans and types a cell of at least one byte: a new entry, or one that it equals, or none; or asks the host. */
function typed(column: Column, at: usize, length: i32): i32 {
  const nullWords = column.nullWords;
  const verdict = cleanCell(at, length, column.trims, column.lowercases, nullWords);
  if (verdict != 0) return verdict == NO_VALUE ? NULL_ID : ASK_HOST;
  const cleaned = cleanedAt;
  const form = column.form;
  let number: i64 = 0;
  let real: f64 = 0;
  switch (form) {
    case ANY_FORM:
      return ASK_HOST;
    case TEXT:
    case PADDED_TEXT:
      if (!isText(cleaned, cleanedLength, form, column.lengthMax)) return ASK_HOST;
      break;
    case REAL:
      real = parseReal(cleaned, cleanedLength);
      if (real != real) return ASK_HOST;
      break;
    default:
      number = parseNumber(
        cleaned,
        cleanedLength,
        form,
        column.lengthMax,
        column.scale,
        column.min,
        column.max,
      );
      if (number == UNPARSED) return ASK_HOST;
  }
  // The canonical text may be another than the cell: cleaned, or as the form has it.
  const text = cleanedAt;
  const textLength = cleanedLength;
  // As a cell it may mean no value (a null word "0.00" beside "0").
  if (text != cleaned && nullWords != 0 && isNullWord(text, textLength, nullWords)) return ASK_HOST;
  if (column.lookup && (isCleanedCopy || text != at || textLength != length)) {
    const known = column.keys.find(text, textLength, column.seed);
    if (known != NOT_FOUND) return known;
    keepAlias(column, text, textLength);
  }
  switch (column.storage) {
    case INT32:
      return addInt32(column, <i32>number, text, textLength);
    case INT64:
      return addInt64(column, number, text, textLength);
    case DOUBLE:
      return addDouble(column, real, text, textLength);
    default:
      return addBytes(column, text, textLength);
  }
}

/** The canonical text of the entry that is added next stands for it too. */
function keepAlias(column: Column, text: usize, length: i32): void {
  column.keys.add(text, length, column.seed, column.count);
}

/** Enters what the host has found out about a cell: the id of an entry, NULL_ID or a negated verdict. */
export function enterCell(column: Column, at: usize, length: i32, row: i32, id: i32): void {
  if (column.lookup) column.keys.add(at, length, column.seed, id);
  store<i32>(column.ids + ((<usize>row) << 2), id);
  if (id < 0) {
    if (id == NULL_ID) column.nulls++;
    else column.broken++;
  }
}

/** The id that this text has as a key, or NOT_FOUND: also where cells are not looked up. */
export function findText(column: Column, at: usize, length: i32): i32 {
  return column.lookup ? column.keys.find(at, length, column.seed) : NOT_FOUND;
}

/** The canonical text of an entry stands for it, as a cell with the same bytes would. */
export function addText(column: Column, at: usize, length: i32, id: i32): void {
  column.keys.add(at, length, column.seed, id);
}

/** Equal values may have entries of their own. */
export function allowRepeats(column: Column): void {
  column.repeats = true;
}

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

function growEntries(column: Column): void {
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

/** Keeps of the first rows those whose numbers stand from `kept` on. */
export function keepRows(column: Column, kept: usize, count: i32): void {
  const ids = column.ids;
  for (let row = 0; row < count; row++) {
    const from = load<i32>(kept + ((<usize>row) << 2));
    store<i32>(ids + ((<usize>row) << 2), load<i32>(ids + ((<usize>from) << 2)));
  }
}

/** How many of the first rows have no value. */
export function countNulls(column: Column, rows: i32): i32 {
  let nulls = 0;
  for (let row = 0; row < rows; row++) {
    nulls += <i32>(load<i32>(column.ids + ((<usize>row) << 2)) == NULL_ID);
  }
  return nulls;
}

export function columnIds(column: Column): usize {
  return column.ids;
}

export function columnCount(column: Column): i32 {
  return column.count;
}

export function columnEntries(column: Column): usize {
  return column.entries;
}

export function columnOffsets(column: Column): usize {
  return column.offsets;
}

export function columnHashes(column: Column): usize {
  return column.entryHashes;
}

export function columnNulls(column: Column): i32 {
  return column.nulls;
}

export function columnBroken(column: Column): i32 {
  return column.broken;
}

export function columnRepeats(column: Column): bool {
  return column.repeats;
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
