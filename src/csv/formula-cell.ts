const APOSTROPHE = 0x27;
const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const EQUALS = 0x3d;
const PLUS = 0x2b;
const MINUS = 0x2d;
const AT = 0x40;
/** With this begin the same signs in full width: U+FF1D, U+FF0B, U+FF0D and U+FF20. */
const WIDE = 0xef;

/**
 * Whether a spreadsheet may take the cell bytes[start, end) for a formula: it begins with one of = + - @, also in full width and
 * behind white space, or with a tab or a line end, which some of them leave out.
 */
export function beginsFormula(bytes: Uint8Array, start: number, end: number): boolean {
  const first = start < end ? bytes[start] : undefined;
  if (first === TAB || first === LF || first === CR) return true;
  const at = behindBlanks(bytes, start, end);
  const sign = at < end ? bytes[at]! : 0;
  if (sign === WIDE) return at + 2 < end && isWideSign(bytes[at + 1]!, bytes[at + 2]!);
  return sign === EQUALS || sign === PLUS || sign === MINUS || sign === AT;
}

/** Whether an apostrophe stands before what a spreadsheet may take for a formula, or several. */
export function hasApostrophe(bytes: Uint8Array, start: number, end: number): boolean {
  const at = behindApostrophes(bytes, start, end);
  return at > start && beginsFormula(bytes, at, end);
}

/**
 * Whether a cell gets an apostrophe where formulas are neutralised: also one that has some already, so that of all those that have one
 * afterwards exactly one is to be taken off.
 */
export function needsApostrophe(bytes: Uint8Array, start: number, end: number): boolean {
  return beginsFormula(bytes, behindApostrophes(bytes, start, end), end);
}

function behindApostrophes(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] === APOSTROPHE) at++;
  return at;
}

/** Past white space, control characters, no-break spaces (U+00A0) and byte order marks (U+FEFF). */
function behindBlanks(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  for (;;) {
    if (at < end && bytes[at]! <= SPACE) at++;
    else if (at + 1 < end && bytes[at] === 0xc2 && bytes[at + 1] === 0xa0) at += 2;
    else if (at + 2 < end && isMark(bytes, at)) at += 3;
    else return at;
  }
}

function isMark(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf;
}

function isWideSign(second: number, third: number): boolean {
  if (second === 0xbc) return third === 0x9d || third === 0x8b || third === 0x8d || third === 0xa0;
  return false;
}
