import fc from 'fast-check';
import type { Dialect } from '../../../src/schema/dataset.ts';

/** A table and one of the many texts that stand for it. */
export interface WrittenTable {
  text: string;
  table: string[][];
  /** Where each row starts in the text. */
  starts: number[];
  dialect: Dialect;
  delimiter: string;
}

export const lineEnd = fc.constantFrom('\n', '\r\n', '\r');

/** The line of the character at an index, counted as an editor does. */
export function lineAt(text: string, index: number): number {
  return (text.slice(0, index).match(/\r\n|\r|\n/g)?.length ?? 0) + 1;
}

/** The sizes of the pieces in which a text comes. */
export const pieces = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 6 });

/** Tables written in a dialect, each value quoted where it must be or at random, empty lines and comments in between. */
export function writtenIn(dialect: Dialect, delimiter: string): fc.Arbitrary<WrittenTable> {
  const { quote, escape, comment } = dialect;
  const signs = [delimiter, delimiter.slice(0, 1), quote, escape, comment ?? '#'];
  const symbol = fc.constantFrom(
    ...signs,
    ...signs,
    ',',
    '"',
    '\n',
    '\r',
    ' ',
    'a',
    'é',
    '日',
    '😀',
  );
  const value = fc.array(symbol, { maxLength: 6 }).map((parts) => parts.join(''));
  const cell = fc.record({ value, quoted: fc.boolean() });
  const note = fc.array(symbol, { maxLength: 4 }).map((parts) => parts.join(''));
  const between = note.map((text) =>
    comment === null ? '' : `${comment}${text.replaceAll(/[\r\n]/g, '')}`,
  );
  const write = ({ value, quoted }: { value: string; quoted: boolean }, first: boolean): string => {
    const needsQuotes =
      value === '' ||
      value.includes(quote) ||
      value.includes(delimiter.slice(0, 1)) ||
      /[\r\n]/.test(value) ||
      (first && comment !== null && value.startsWith(comment));
    if (!quoted && !needsQuotes) return value;
    const masked = value
      .split(/(?:)/u)
      .map((character) => (character === quote || character === escape ? escape : '') + character)
      .join('');
    return `${quote}${masked}${quote}`;
  };
  return fc
    .record({ width: fc.integer({ min: 1, max: 4 }), endsOpen: fc.boolean() })
    .chain(({ width, endsOpen }) =>
      fc
        .array(
          fc.record({
            before: fc.array(fc.tuple(between, lineEnd), { maxLength: 2 }),
            cells: fc.array(cell, { minLength: width, maxLength: width }),
            end: lineEnd,
          }),
          { minLength: 1, maxLength: 8 },
        )
        .map((rows) => {
          const starts: number[] = [];
          let text = '';
          for (const [index, { before, cells, end }] of rows.entries()) {
            for (const [line, lineEnding] of before) {
              // A line end that follows a lone CR would make one line end of two.
              if (line === '' && lineEnding.startsWith('\n') && text.endsWith('\r')) continue;
              text += line + lineEnding;
            }
            starts.push(text.length);
            text += cells.map((one, field) => write(one, field === 0)).join(delimiter);
            if (!endsOpen || index < rows.length - 1) text += end;
          }
          const table = rows.map(({ cells }) => cells.map((one) => one.value));
          return { text, table, starts, dialect, delimiter };
        }),
    );
}
