import type { Column } from './column-type.ts';
import { keyOf, type TableDefinition, type WriteMode } from './dataset.ts';

/** Spec: MySQL 8.0 Reference Manual, InnoDB Limits: the most bytes of an index key, and of a character in utf8mb4. */
const KEY_BYTES_MAX = 3072;
const CHARACTER_BYTES = 4;
/** More than a number or a time takes. */
const OTHER_BYTES = 17;

/** The columns, those of the key without nulls: by a null no row can be found again, so it is a problem of the content. */
export function withKey(columns: Column[], write: WriteMode): Column[] {
  const key = keyOf(write);
  return columns.map((column) =>
    key.includes(column.name) ? { ...column, nullable: false } : column,
  );
}

/** What keeps the columns of a key from being one in MySQL; each goes on from the name of the setting. */
export function keyProblems(write: WriteMode, table: TableDefinition): string[] {
  const key = keyOf(write);
  const problems: string[] = [];
  let bytes = 0;
  for (const [index, name] of key.entries()) {
    const column = table.columns.find((candidate) => candidate.name === name);
    if (key.indexOf(name) !== index) problems.push(`names ${name} twice`);
    if (column === undefined) {
      problems.push(`names ${name}, which the schema does not have`);
      continue;
    }
    const { mysqlType } = column;
    if (/text|blob|json/i.test(mysqlType)) {
      problems.push(`names ${name}, whose type ${mysqlType} no key can have; VARCHAR can be one`);
    }
    const length = /^(?:var)?char\s*\(\s*(\d+)/i.exec(mysqlType)?.[1];
    bytes += length === undefined ? OTHER_BYTES : Number(length) * CHARACTER_BYTES;
  }
  if (bytes > KEY_BYTES_MAX) {
    problems.push(`takes up to ${bytes} bytes, and a key of InnoDB has at most ${KEY_BYTES_MAX}`);
  }
  return problems;
}
