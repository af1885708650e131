// One column of a batch: what is known of it, and where its rows and entries lie.
import { Keys } from './keys';
import { LoadText } from './load-text';
import { grown } from './memory';

/** The id of a cell without a value. */
export const NULL_ID: i32 = -1;

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

/** Whether load text is wanted, and whether rows are to be compared; changed between batches only. */
export function setPurpose(column: Column, renders: bool, hashes: bool): void {
  if (hashes && !column.hashes) {
    // Without hashes the room for entries has grown alone.
    free(column.entryHashes);
    column.entryHashes = column.room == 0 ? 0 : heap.alloc((<usize>column.room) << 3);
  }
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
