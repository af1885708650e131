import type { Problem } from '../core/problem.ts';
import type { Refusals } from '../core/refusals.ts';
import { type Dataset, keyOf } from '../schema/dataset.ts';
import type { DatabaseConnection } from './connection.ts';
import { quoteIdentifier } from './quote-identifier.ts';
import { ordinalColumn, STAGING_TABLE } from './staging-table.ts';

/** A report has no use for more. */
const KEYS_MAX = 20;
const VALUE_CHARACTERS_MAX = 200;

/** A key that several rows of a load have. */
export interface RepeatedKey {
  /** Places of the first row that has it and the last, among the accepted rows from 1 on. */
  first: number;
  last: number;
  rows: number;
  /** As the server has it. */
  value: string;
}

/**
 * The keys that stand in the staging table more than once, as the server compares them: letter case and accents may make no
 * difference to it. In the order of the file, at most twenty.
 */
export async function repeatedKeys(
  connection: DatabaseConnection,
  columns: readonly string[],
  key: readonly string[],
  timeoutMs: number,
): Promise<RepeatedKey[]> {
  const ordinal = ordinalColumn(columns);
  const names = key.map(quoteIdentifier).join(', ');
  const found = await connection.rows(
    `SELECT MIN(${ordinal}) AS first_row, MAX(${ordinal}) AS last_row, COUNT(*) AS n, CONCAT_WS(', ', ${names}) AS key_text` +
      ` FROM ${STAGING_TABLE} GROUP BY ${names} HAVING COUNT(*) > 1 ORDER BY first_row LIMIT ${KEYS_MAX}`,
    [],
    timeoutMs,
  );
  const repeated: RepeatedKey[] = [];
  for (const row of found) {
    repeated.push({
      first: await placeOf(Number(row['first_row'])),
      last: await placeOf(Number(row['last_row'])),
      rows: Number(row['n']),
      value: Array.from(String(row['key_text'])).slice(0, VALUE_CHARACTERS_MAX).join(''),
    });
  }
  return repeated;

  /** The ordinals have gaps where the server counts in larger steps. */
  async function placeOf(row: number): Promise<number> {
    const sql = `SELECT COUNT(*) AS place FROM ${STAGING_TABLE} WHERE ${ordinal} <= ?`;
    const [counted] = await connection.rows(sql, [row], timeoutMs);
    return Number(counted?.['place']);
  }
}

/**
 * Them as problems for the report of the file. The first row and the last of each are given to the refusals of the load besides, where
 * it has any, so that they are named by their lines.
 */
export function repeatedKeyProblems(
  dataset: Dataset,
  repeated: readonly RepeatedKey[],
  refusals: Refusals | undefined,
): Problem[] {
  const key = keyOf(dataset.write);
  const [only = null] = key.length === 1 ? key : [];
  const problemOf = ({ rows, value }: RepeatedKey, which = ''): Problem => ({
    ...{ line: 0, column: only, value, rule: 'database' },
    message: `${rows} rows of the file have the same ${key.join(', ')}${which}.`,
    hint: 'Which of them counts only the sender can know: leave one row for each key and drop the file again. Rows that are equal in all columns are left out with clean.duplicate_rows: drop.',
  });
  // A load that is tried again is asked anew.
  if (repeated.length > 0) refusals?.begin();
  const ends = repeated.flatMap((found) => [
    { place: found.first, problem: problemOf(found, ', and this is the first of them') },
    { place: found.last, problem: problemOf(found, ', and this is the last of them') },
  ]);
  for (const { place, problem } of ends.sort((a, b) => a.place - b.place))
    refusals?.add(place - 1, [problem]);
  return repeated.map((found) => problemOf(found));
}
