// The statements that DuckDB is given for the same work. Types are named, so nothing is guessed from the data.
import type { Shape } from './shape.ts';

/** `typed` reads, types and writes; `cleaned` also does the dataset's cleaning and drops duplicate rows. */
export type Reading = 'typed' | 'cleaned';

/** What schema.yaml calls otherwise than DuckDB. */
const typeNames: Record<string, string> = { DATETIME: 'TIMESTAMP', TEXT: 'VARCHAR' };

export function copySql(
  shape: Shape,
  reading: Reading,
  source: string,
  target: string,
  codec: string,
): string {
  const select = reading === 'typed' ? typedSql(shape, source) : cleanedSql(shape, source);
  return `COPY (${select}) TO '${target}' (FORMAT parquet, COMPRESSION ${codec})`;
}

export function typedSql(shape: Shape, source: string, nullWords: readonly string[] = []): string {
  const columns = Object.entries(shape.columns).map(
    ([name, type]) => `'${name}': '${typeNames[type] ?? type}'`,
  );
  const nulls = ['', ...nullWords].map((word) => `'${word}'`).join(', ');
  return (
    `SELECT * FROM read_csv('${source}', delim = '${shape.delimiter}', header = true, quote = '"', escape = '"',` +
    ` auto_detect = false, nullstr = [${nulls}], columns = {${columns.join(', ')}})`
  );
}

export function cleanedSql(shape: Shape, source: string): string {
  const names = Object.keys(shape.columns);
  const cleaned = Object.entries(shape.columns).map(([name, type]) =>
    /^(VARCHAR|TEXT)/.test(type) ? `${shape.cleanText(name)} AS ${name}` : name,
  );
  const where = shape.dropsNullRows
    ? ` WHERE ${names.map((name) => `${name} IS NOT NULL`).join(' AND ')}`
    : '';
  const typed = typedSql(shape, source, shape.nullWords);
  return `SELECT DISTINCT ${cleaned.join(', ')} FROM (${typed})${where}`;
}
