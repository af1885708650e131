import type { Dialect } from '../schema/dataset.ts';

/** What stands between two fields. */
export interface Delimiter {
  text: string;
  /** The first byte of `text`, and all of it where no dialect gives another. */
  byte: number;
  /** As a message names it. */
  name: string;
}

/** The delimiters that are tried. */
const candidates: readonly Delimiter[] = [
  { byte: 44, text: ',', name: 'comma' },
  { byte: 59, text: ';', name: 'semicolon' },
  { byte: 9, text: '\t', name: 'tab' },
  { byte: 124, text: '|', name: 'pipe' },
];

/** The delimiters that a file may have: the dialect's, else all that mean nothing else in the dialect. */
export function possibleDelimiters(dialect: Dialect | null): readonly Delimiter[] {
  if (dialect === null) return candidates;
  const { delimiter, quote, escape, comment } = dialect;
  if (delimiter === null) {
    return candidates.filter(({ text }) => ![quote, escape, comment].includes(text));
  }
  const known = candidates.find(({ text }) => text === delimiter);
  if (known !== undefined) return [known];
  return [{ text: delimiter, byte: Buffer.from(delimiter)[0]!, name: JSON.stringify(delimiter) }];
}
