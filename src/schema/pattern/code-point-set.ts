/** A set of Unicode code points: ranges with both ends in it, ascending, apart from one another. */
export type CodePointSet = readonly (readonly [first: number, last: number])[];

export const CODE_POINT_MAX = 0x10ffff;

export function setOf(...ranges: readonly (readonly [number, number])[]): CodePointSet {
  const merged: [number, number][] = [];
  for (const [first, last] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const before = merged.at(-1);
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else merged.push([first, last]);
  }
  return merged;
}

export function unionOf(sets: readonly CodePointSet[]): CodePointSet {
  return setOf(...sets.flat());
}

export function complementOf(set: CodePointSet): CodePointSet {
  const rest: [number, number][] = [];
  let next = 0;
  for (const [first, last] of set) {
    if (first > next) rest.push([next, first - 1]);
    next = last + 1;
  }
  if (next <= CODE_POINT_MAX) rest.push([next, CODE_POINT_MAX]);
  return rest;
}

const digits = setOf([0x30, 0x39]);
const wordCharacters = setOf([0x30, 0x39], [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]);
/** As in JavaScript: tab to carriage return, and what Unicode calls a space. */
const spaces = setOf(
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
);

/** What a letter behind a backslash stands for. */
export const escapedSets: ReadonlyMap<string, CodePointSet> = new Map([
  ['d', digits],
  ['D', complementOf(digits)],
  ['w', wordCharacters],
  ['W', complementOf(wordCharacters)],
  ['s', spaces],
  ['S', complementOf(spaces)],
]);

/** The dot: all but the ends of lines. */
export const anyCharacter = complementOf(setOf([0x0a, 0x0a], [0x0d, 0x0d], [0x2028, 0x2029]));
