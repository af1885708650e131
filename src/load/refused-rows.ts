import type { Problem } from '../core/problem.ts';
import type { Dataset } from '../schema/dataset.ts';
import type { ServerMessage } from './load-target.ts';

const VALUE_CHARACTERS_MAX = 200;

/** What the server says against the rows of one load, as problems for its report. */
export function refusedRows(dataset: Dataset, messages: readonly ServerMessage[]): Problem[] {
  return messages.map((message) => refusedRow(dataset, message));
}

/**
 * The server's words are taken apart here for people only; what follows from an error is decided by its number. Where
 * they cannot be taken apart the number stands alone, because they may quote a cell, and cells stand in `value` only.
 */
function refusedRow(dataset: Dataset, { errno, text, rowsBefore }: ServerMessage): Problem {
  const quoted = /^(.*?(?:entry|value):? )'(.*)'( for .*)$/s.exec(text);
  const value = quoted?.[2] ?? null;
  const words =
    quoted !== null
      ? `${quoted[1]?.replace(/:? $/, '') ?? ''}${quoted[3] ?? ''}`
      : quotesCell.has(errno)
        ? 'The server refuses a value'
        : text;
  const column =
    /column (?:`[^`]*`\.){0,2}['`]([^'`]+)['`]/.exec(words)?.[1]?.toLowerCase() ?? null;
  const row = / at row (\d+)$/.exec(words)?.[1];
  const where =
    row === undefined
      ? ''
      : ` in row ${rowsBefore + Number(row)} of the accepted rows, counted in the order of the file`;
  return {
    line: 0,
    column: dataset.columns.some(({ name }) => name === column) ? column : null,
    value: value === null ? null : Array.from(value).slice(0, VALUE_CHARACTERS_MAX).join(''),
    rule: 'database',
    message: `Table ${dataset.table.name} refuses it: ${words.replace(/ at row \d+$/, '')}${where} (error ${errno}).`,
    hint:
      hints.get(errno) ??
      'Repair the row, or change the table so that it takes the value, and drop the file again.',
  };
}

/** Errors whose words quote the cell. 1644 is a trigger's own text. */
const quotesCell = new Set([
  1022, 1062, 1292, 1300, 1366, 1367, 1411, 1586, 1644, 1690, 3140, 3141,
]);

const duplicate =
  'Another row of the file or of the table has the same key: take one of them out and drop the file again.';
const hints = new Map([
  [1022, duplicate],
  [1062, duplicate],
  [1586, duplicate],
  [
    1452,
    'The row that it refers to is missing in the other table: load that one first, then drop the file again.',
  ],
]);
