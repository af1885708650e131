import type { Problem } from '../core/problem.ts';
import type { Dataset } from '../schema/dataset.ts';
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
    `SELECT MIN(${ordinal}) AS \`first\`, MAX(${ordinal}) AS \`last\`, COUNT(*) AS n, CONCAT_WS(', ', ${names}) AS \`value\`` +
      ` FROM ${STAGING_TABLE} GROUP BY ${names} HAVING COUNT(*) > 1 ORDER BY \`first\` LIMIT ${KEYS_MAX}`,
    [],
    timeoutMs,
  );
  const repeated: RepeatedKey[] = [];
  for (const row of found) {
    repeated.push({
      first: await placeOf(Number(row['first'])),
      last: await placeOf(Number(row['last'])),
      rows: Number(row['n']),
      value: Array.from(String(row['value'])).slice(0, VALUE_CHARACTERS_MAX).join(''),
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

/** Them as problems for the report of the file. */
export function repeatedKeyProblems(dataset: Dataset, repeated: readonly RepeatedKey[]): Problem[] {
  const key = dataset.write.mode === 'upsert' ? dataset.write.key : [];
  const [only = null] = key.length === 1 ? key : [];
  return repeated.map(({ first, last, rows, value }) => ({
    line: 0,
    column: only,
    value,
    rule: 'database',
    message: `${rows} of the accepted rows have one key (${key.join(', ')}), the first in row ${first} and the last in row ${last}, counted in the order of the file.`,
    hint: 'Which of them counts only the sender can know: leave one row for each key and drop the file again. Rows that are equal in all columns are left out with clean.duplicate_rows: drop.',
  }));
}
