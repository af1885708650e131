import { readSync } from 'node:fs';
import { PADDING_BYTES } from './row-block.ts';
import { RowScanner } from './row-scanner.ts';

const QUOTE = 34;
const LF = 10;
const CR = 13;

/** How far a guess looks: some hundred rows of most files. */
const WINDOW_BYTES = 1 << 16;
const ROWS_TRIED = 64;

/**
 * Where the first row at or behind `position` probably starts, for converting from there on before it is known what comes
 * before. Whether the position is inside quotes only the number of quotes before it could tell; so both are tried, and
 * the way under which the rows behind it are sound is taken. A guess: whoever knows the row before has to check it. Null where
 * no line ends nearby.
 */
export function guessRowStart(
  fd: number,
  position: number,
  delimiter: number,
  fieldCount: number,
): number | null {
  // From one byte earlier on, because a line end there makes a row start right here.
  const from = position - 1;
  const window = new Uint8Array(WINDOW_BYTES + PADDING_BYTES);
  const end = readSync(fd, window, 0, WINDOW_BYTES, from);
  const outside = lineStart(window, 0, end);
  if (isSound(window, outside, end, delimiter, fieldCount)) return from + outside;
  const inside = lineStart(window, closingQuote(window, end), end);
  if (isSound(window, inside, end, delimiter, fieldCount)) return from + inside;
  return outside < end ? from + outside : null;
}

/** Where the line behind the next line end starts. */
function lineStart(window: Uint8Array, at: number, end: number): number {
  while (at < end && window[at] !== LF && window[at] !== CR) at++;
  return window[at] === CR && window[at + 1] === LF ? at + 2 : at + 1;
}

/** The first quote that is not doubled. */
function closingQuote(window: Uint8Array, end: number): number {
  let at = 0;
  for (; at < end; at++) {
    if (window[at] !== QUOTE) continue;
    if (window[at + 1] !== QUOTE) break;
    at++;
  }
  return at;
}

function isSound(
  window: Uint8Array,
  start: number,
  end: number,
  delimiter: number,
  fieldCount: number,
): boolean {
  if (start >= end) return false;
  let faults = 0;
  const onFault = (): void => {
    faults++;
  };
  const scanner = new RowScanner({ delimiter, fieldCount, rowsMax: ROWS_TRIED, line: 1, onFault });
  scanner.scan(window.slice(), start, end, false);
  return faults === 0 && scanner.block.rowCount > 0;
}
