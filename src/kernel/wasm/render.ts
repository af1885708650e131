// Renders rows as LOAD DATA reads them: fields between tabs, rows between line feeds, \N for no value.
import { Column } from './column';
import { copyBytes, SLACK_BYTES } from './memory';

const TAB: u8 = 9;
const LF: u8 = 10;
/** Backslash and N, little-endian. */
const NO_VALUE: u16 = 0x4e5c;

/** How many rows the last call has rendered. */
export let renderedRows: i32 = 0;

/**
 * Renders rows from `from` on, up to `to`, as long as they fit in `room` bytes, and returns how many bytes they take. `columns`:
 * addresses of all columns.
 */
export function renderRows(
  columns: usize,
  columnCount: i32,
  from: i32,
  to: i32,
  out: usize,
  room: i32,
): i32 {
  const stop = out + room - SLACK_BYTES;
  const lastColumn = columns + ((<usize>columnCount) << 2);
  let end = out;
  let row = from;
  for (; row < to; row++) {
    let next = end;
    let fits = true;
    for (let at = columns; at < lastColumn; at += 4) {
      const column = changetype<Column>(<usize>load<u32>(at));
      const id = load<i32>(column.ids + ((<usize>row) << 2));
      if (id < 0) {
        fits = next <= stop;
        if (!fits) break;
        store<u16>(next, NO_VALUE);
        next += 2;
      } else {
        const offsets = column.text.offsets + ((<usize>id) << 2);
        const start = load<i32>(offsets);
        const length = load<i32>(offsets, 4) - start;
        fits = next + length <= stop;
        if (!fits) break;
        copyBytes(next, column.text.bytes + start, length);
        next += length;
      }
      store<u8>(next++, TAB);
    }
    if (!fits) break;
    // The last tab becomes the line end.
    store<u8>(next - 1, LF);
    end = next;
  }
  renderedRows = row - from;
  return <i32>(end - out);
}

/** The bytes of the row, as it is rendered. */
export function renderedBytes(columns: usize, columnCount: i32, row: i32): i32 {
  let bytes = columnCount;
  for (let i = 0; i < columnCount; i++) {
    const column = changetype<Column>(<usize>load<u32>(columns + ((<usize>i) << 2)));
    const id = load<i32>(column.ids + ((<usize>row) << 2));
    const offsets = column.text.offsets + ((<usize>id) << 2);
    bytes += id < 0 ? 2 : load<i32>(offsets, 4) - load<i32>(offsets);
  }
  return bytes;
}
