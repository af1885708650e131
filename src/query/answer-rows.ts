import type { ParquetDatabase } from './parquet-database.ts';
import type { QueryAnswer } from './query-job.ts';
import type { QueryResult, QueryValue } from './query-result.ts';
import type { TableJson } from '../core/explorer-data.ts';

/** A longer text is cut, because a cell may have 16 MiB and is looked at in a browser; a download has all of it. */
const CELL_CHARACTERS_MAX = 4096;

/** Beyond so many characters of JSON no further row is added. */
const BODY_CHARACTERS_MAX = 8 << 20;

/** The first rows of a query's answer, as JSON of a TableJson. Throws what ParquetDatabase.query throws. */
export function answerRows(
  database: ParquetDatabase,
  sql: string,
  rowsMax: number,
): Promise<QueryAnswer> {
  return database.stream(sql, async (rows, { tables, allTables, isStable }) => {
    const body = new TableBody(rows.columns, rowsMax);
    for (let part = await rows.next(); part !== null; part = await rows.next()) {
      if (!body.add(part)) break;
    }
    const datasets = allTables ? [...database.names] : database.names.filter(isIn(tables));
    return { body: body.end(), datasets, isStable };
  });
}

function isIn(tables: ReadonlySet<string>): (name: string) => boolean {
  return (name) => tables.has(name.toLowerCase());
}

/** The JSON of rows, added as long as there is room. */
class TableBody {
  readonly #columns: QueryResult['columns'];
  readonly #rowsMax: number;
  readonly #lines: string[] = [];
  #characters = 0;
  #cellsCut = 0;
  #isWhole = true;

  constructor(columns: QueryResult['columns'], rowsMax: number) {
    this.#columns = columns;
    this.#rowsMax = rowsMax;
  }

  /** Whether all had room. */
  add(rows: QueryResult['rows']): boolean {
    for (const row of rows) {
      if (this.#lines.length >= this.#rowsMax || this.#characters >= BODY_CHARACTERS_MAX) {
        this.#isWhole = false;
        return false;
      }
      const line = JSON.stringify(row.map((value) => this.#cell(value)));
      this.#lines.push(line);
      this.#characters += line.length;
    }
    return true;
  }

  end(): string {
    const head: Omit<TableJson, 'rows'> = {
      columns: this.#columns,
      isWhole: this.#isWhole,
      cellsCut: this.#cellsCut,
    };
    return `${JSON.stringify(head).slice(0, -1)},"rows":[${this.#lines.join(',\n')}]}`;
  }

  #cell(value: QueryValue): TableJson['rows'][number][number] {
    if (typeof value === 'bigint') {
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    }
    if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
    if (typeof value !== 'string') return value;
    if (value.length > CELL_CHARACTERS_MAX) {
      this.#cellsCut++;
      // Not between the two halves of a character.
      return value.slice(0, CELL_CHARACTERS_MAX).replace(/[\uD800-\uDBFF]$/, '');
    }
    return value;
  }
}
