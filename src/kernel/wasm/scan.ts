// Finds the rows and fields of RFC 4180 in bytes, sixteen at a time.

const QUOTE: u32 = 34;
const LF: u32 = 10;
const CR: u32 = 13;

/** Bytes looked at in one step; as many must be readable behind the end. */
const WINDOW: i32 = 64;

/** How many rows the last scan has added, and the line behind them. */
export let scannedRows: i32 = 0;
export let scannedLine: f64 = 0;

/**
 * For each low half of a byte the one byte with it that ends or opens something: the four have different low halves. A byte
 * is special where the table has it at its own low half: one look-up and one comparison for sixteen bytes.
 */
function specialTable(delimiter: u32): v128 {
  let table = i8x16.splat(0);
  // Where nothing is special stands a byte of another low half, which no byte finds there.
  table = i8x16.replace_lane(table, 0, 1);
  const at = heap.alloc(16);
  v128.store(at, table);
  store<u8>(at + (delimiter & 15), <u8>delimiter);
  store<u8>(at + (QUOTE & 15), <u8>QUOTE);
  store<u8>(at + (LF & 15), <u8>LF);
  store<u8>(at + (CR & 15), <u8>CR);
  table = v128.load(at);
  heap.free(at);
  return table;
}

/** A bit for each of 64 bytes, set where it is special. */
function specialsAt(at: usize, table: v128): u64 {
  const low = i8x16.splat(15);
  const a = v128.load(at);
  const b = v128.load(at, 16);
  const c = v128.load(at, 32);
  const d = v128.load(at, 48);
  const first = i8x16.bitmask(i8x16.eq(i8x16.swizzle(table, v128.and(a, low)), a));
  const second = i8x16.bitmask(i8x16.eq(i8x16.swizzle(table, v128.and(b, low)), b));
  const third = i8x16.bitmask(i8x16.eq(i8x16.swizzle(table, v128.and(c, low)), c));
  const fourth = i8x16.bitmask(i8x16.eq(i8x16.swizzle(table, v128.and(d, low)), d));
  return (<u64>first) | ((<u64>second) << 16) | ((<u64>third) << 32) | ((<u64>fourth) << 48);
}

/**
 * Adds the rows of bytes[start, end) that start before `limit` to a block, up to `rowsMax` of them in all, and returns where
 * the next row starts. Stops at a row that the end cuts, and at one that is malformed: what is wrong with it is for the
 * host to say. Doubled quotes are undone in place. `doubled` has room for as many numbers as a row has fields.
 */
export function scanRows(
  bytes: usize,
  start: i32,
  end: i32,
  limit: i32,
  delimiter: u32,
  fieldCount: i32,
  starts: usize,
  ends: usize,
  rowStarts: usize,
  rowEnds: usize,
  lines: usize,
  doubled: usize,
  firstRow: i32,
  rowsMax: i32,
  firstLine: f64,
): i32 {
  const table = specialTable(delimiter);
  let row = firstRow;
  let line = firstLine;
  let position = start;
  let fieldStart = start;
  let cell: usize = <usize>row * fieldCount;
  let lastCell: usize = cell + fieldCount - 1;
  let newlines: f64 = 0;
  let doubledCount = 0;
  let window = start;
  let mask: u64 = position < end ? specialsAt(bytes + window, table) : 0;

  while (row < rowsMax && position < limit) {
    while (mask == 0 && window + WINDOW < end) {
      window += WINDOW;
      mask = specialsAt(bytes + window, table);
    }
    if (mask == 0) break;
    let at = window + <i32>ctz(mask);
    mask &= mask - 1;
    if (at >= end) break;
    let fieldEnd = at;
    let byte: u32 = load<u8>(bytes + at);

    if (byte == QUOTE) {
      if (at != fieldStart) break;
      fieldStart = at + 1;
      let isDoubled = false;
      let isClosed = false;
      for (;;) {
        while (mask == 0 && window + WINDOW < end) {
          window += WINDOW;
          mask = specialsAt(bytes + window, table);
        }
        if (mask == 0) break;
        at = window + <i32>ctz(mask);
        mask &= mask - 1;
        // Whether a quote closes the field shows only with the byte behind it.
        if (at + 1 >= end) break;
        byte = load<u8>(bytes + at);
        if (byte == QUOTE) {
          if (load<u8>(bytes + at + 1) != QUOTE) {
            isClosed = true;
            break;
          }
          isDoubled = true;
          at++;
          if (at - window < WINDOW) mask &= mask - 1;
          else {
            window = at + 1;
            mask = window < end ? specialsAt(bytes + window, table) : 0;
          }
        } else if (byte == LF || (byte == CR && load<u8>(bytes + at + 1) != LF)) newlines++;
      }
      if (!isClosed) break;
      fieldEnd = at++;
      byte = load<u8>(bytes + at);
      if (byte != delimiter && byte != LF && byte != CR) break;
      if (isDoubled) {
        store<i32>(doubled + ((<usize>doubledCount) << 2), <i32>cell);
        doubledCount++;
      }
      if (at - window < WINDOW) mask &= mask - 1;
      else {
        window = at + 1;
        mask = window < end ? specialsAt(bytes + window, table) : 0;
      }
    }

    if (byte == delimiter) {
      if (cell == lastCell) break;
      store<i32>(starts + (cell << 2), fieldStart);
      store<i32>(ends + (cell << 2), fieldEnd);
      cell++;
      fieldStart = at + 1;
      continue;
    }
    // Anything else is a line end. An empty line is no row.
    let next = at + 1;
    if (byte == CR) {
      if (next >= end) break;
      if (load<u8>(bytes + next) == LF) {
        next++;
        if (next - 1 - window < WINDOW) mask &= mask - 1;
        else {
          window = next;
          mask = window < end ? specialsAt(bytes + window, table) : 0;
        }
      }
    }
    if (at > position) {
      if (cell != lastCell) break;
      store<i32>(starts + (cell << 2), fieldStart);
      store<i32>(ends + (cell << 2), fieldEnd);
      for (let i = 0; i < doubledCount; i++) {
        undouble(bytes, starts, ends, load<i32>(doubled + ((<usize>i) << 2)));
      }
      doubledCount = 0;
      store<i32>(rowStarts + ((<usize>row) << 2), position);
      store<i32>(rowEnds + ((<usize>row) << 2), next);
      store<f64>(lines + ((<usize>row) << 3), line);
      row++;
      cell++;
      lastCell = cell + fieldCount - 1;
    }
    line += 1 + newlines;
    newlines = 0;
    position = next;
    fieldStart = next;
  }
  scannedRows = row - firstRow;
  scannedLine = line;
  return position;
}

/** Turns `""` into `"` in place; the field gets shorter and the bytes behind it are not looked at again. */
function undouble(bytes: usize, starts: usize, ends: usize, cell: usize): void {
  const end = bytes + load<i32>(ends + (cell << 2));
  let to = bytes + load<i32>(starts + (cell << 2));
  for (let from = to; from < end; from++) {
    const byte: u32 = load<u8>(from);
    store<u8>(to++, <u8>byte);
    if (byte == QUOTE) from++;
  }
  store<i32>(ends + (cell << 2), <i32>(to - bytes));
}
