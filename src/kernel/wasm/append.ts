// From cells to ids: looks cells up, and cleans and types those that have not been seen.
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
import { Column, NULL_ID } from './column';
import { addBytes, addDouble, addInt32, addInt64, growEntries } from './entries';
import { firstBytes, hashNumber, placeOf } from './hash';
import { ID, NOT_FOUND, SHORT_BYTES_MAX, SLOT_SHIFT } from './keys';
import { addLoadText } from './load-text';
import {
  ANY_FORM,
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

/** The host has to look at a cell. No id, and no verdict. */
const ASK_HOST: i32 = i32.MIN_VALUE;

/**
 * From this many distinct values on a column is asked whether looking them up pays; where more than every second cell
 * brings a new one, it does not, and the rest of the batch gets an entry a cell.
 */
const LOOKUP_VALUES_MIN: i32 = 1 << 11;

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
    // It stands for the entry that is added now.
    column.keys.add(text, textLength, column.seed, column.count);
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
  if (column.lookup) column.keys.add(at, length, column.seed, id);
}

/** Equal values may have entries of their own. */
export function allowRepeats(column: Column): void {
  column.repeats = true;
}
