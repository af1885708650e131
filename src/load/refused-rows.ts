import type { Problem } from '../core/problem.ts';
import type { Dataset } from '../schema/dataset.ts';
import type { LoadTarget, ServerMessage } from './load-target.ts';

const VALUE_CHARACTERS_MAX = 200;
const DUPLICATE_KEY = 1062;

/** What the server says against the rows of one load, as problems for its report. */
export function refusedRows(dataset: Dataset, messages: readonly ServerMessage[]): Problem[] {
  return messages.map((message) => refusedRow(dataset, message));
}

/** What the server says against one row, whose line is found by its place in the load. */
export function refusedRowProblems(
  dataset: Dataset,
  target: LoadTarget,
  messages: readonly ServerMessage[],
): Problem[] {
  return messages.map(
    (message) => repeatedKey(target, message) ?? refusedRow(dataset, message, true),
  );
}

/** Of a row whose values in the dataset's own key another row of the table has. */
function repeatedKey({ table, key }: LoadTarget, { errno, text }: ServerMessage): Problem | null {
  if (key === undefined || errno !== DUPLICATE_KEY) return null;
  // Spec: MariaDB 10.11 ends the message with `for key 'name'`, MySQL 8.0 with `for key 'table.name'`.
  if (!text.endsWith(`'${key.name}'`) && !text.endsWith(`.${key.name}'`)) return null;
  const [only = null] = key.columns.length === 1 ? key.columns : [];
  const names = [...key.columns];
  const last = names.pop() ?? '';
  const same = only ?? `${names.join(', ')} and ${last}`;
  return {
    ...{ line: 0, column: only, value: cut(text), rule: 'database' },
    message: `Table ${table} has a row with the same ${same} already, of another load or of an earlier line.`,
    hint: 'Leave the row out if it was delivered before, or correct its key.',
  };
}

/**
 * Messages go into the log, where cells must not stand. So the server's words are told only where its manual shows that
 * they hold names alone; all others may quote a cell and stand in `value`, with a sentence of ours as the message.
 */
function refusedRow(dataset: Dataset, message: ServerMessage, isPlaced = false): Problem {
  const { errno, text, rowsBefore } = message;
  const safe = namesOnly.has(errno);
  const told = safe || endsWithPlace.has(errno) ? text : '';
  const name = /column (?:`[^`]*`\.){0,2}['`]([^'`]+)['`](?: cannot be null| at row \d+)$/i
    .exec(told)?.[1]
    ?.toLowerCase();
  const column = dataset.columns.find((candidate) => candidate.name === name)?.name ?? null;
  const row = isPlaced ? undefined : / at row (\d+)$/.exec(told)?.[1];
  const where =
    row === undefined
      ? ''
      : ` in row ${rowsBefore + Number(row)} of the accepted rows, counted in the order of the file`;
  const words = safe ? withoutPlace(text) : 'a value breaks one of its rules';
  return {
    line: 0,
    column,
    value: safe ? null : cut(isPlaced ? withoutPlace(text) : text),
    rule: 'database',
    message: `Table ${dataset.table.name} refuses it: ${words}${where} (error ${errno}).`,
    hint:
      hints.get(errno) ??
      'Repair the row, or change the table so that it takes the value, and drop the file again.',
  };
}

function withoutPlace(text: string): string {
  return text.replace(/ at row \d+$/, '');
}

function cut(text: string): string {
  return Array.from(text).slice(0, VALUE_CHARACTERS_MAX).join('');
}

// Spec: MySQL 9.7 and MariaDB 10.11 error references. Errors whose words hold names of tables, columns, indexes and
// constraints, row numbers and sizes, and nothing of a row.
const namesOnly = new Set([
  1022, 1048, 1118, 1169, 1216, 1263, 1264, 1265, 1365, 1406, 1416, 1452, 1748, 3751, 3752, 3819,
  3903, 3904, 3905, 3906, 3907, 3908, 4025,
]);
/** Errors that quote the cell and then end with "for column %s at row %d". */
const endsWithPlace = new Set([1292, 1366]);

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
