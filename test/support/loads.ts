import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConvertedLoad } from '../../src/core/load.ts';
import { loadIdOf } from '../../src/core/load-id.ts';
import type { Column, TypeName } from '../../src/schema/column-type.ts';
import { columnTypes } from '../../src/schema/column-types.ts';
import { parseColumnType } from '../../src/schema/parse-column-type.ts';
import type { Dataset } from '../../src/schema/dataset.ts';

/** A column for tests: `[name, type, parameters]`. */
export function column(name: string, type: TypeName, more: Partial<Column['type']> = {}): Column {
  const parameters = columnTypes[type].parameters;
  const length = parameters.kind === 'length' ? parameters.default : 0;
  return {
    name,
    type: { name: type, length, precision: 0, scale: 0, fraction: 0, ...more },
    nullable: true,
  };
}

/** A dataset whose table is derived from its columns, except where `mysqlTypes` says otherwise. */
export function datasetOf(
  name: string,
  columns: Column[],
  mysqlTypes: Record<string, string> = {},
): Dataset {
  return {
    name,
    match: '*.csv',
    columns,
    table: {
      name,
      columns: columns.map(({ name: columnName, type, nullable }) => ({
        name: columnName,
        mysqlType: mysqlTypes[columnName] ?? columnTypes[type.name].mysqlType(type),
        nullable,
      })),
    },
    clean: {
      trim: true,
      lowercaseValues: false,
      nullWords: [],
      nullRows: 'keep',
      duplicateRows: 'keep',
    },
    dialect: null,
    write: { mode: 'append' },
    redrop: 'skip',
    encoding: 'utf-8',
    diversion: null,
    schemaFingerprint: '0'.repeat(64),
  };
}

/** Writes a load file as conversion does, and describes it. */
export function convertedLoad(
  folder: string,
  dataset: Dataset,
  file: string,
  rows: readonly (readonly (string | null)[])[],
): ConvertedLoad {
  const content = rows.map((row) => `${row.map(loadFileValue).join('\t')}\n`).join('');
  const sha256 = createHash('sha256').update(content).digest('hex');
  const loadId = loadIdOf(dataset.name, file, sha256);
  const loadFile = join(folder, `${loadId}.tsv`);
  writeFileSync(loadFile, content);
  return {
    loadId,
    dataset: dataset.name,
    file,
    sha256,
    bytes: Buffer.byteLength(content),
    rowsRead: rows.length,
    rowsAccepted: rows.length,
    rowsRejected: 0,
    rowsDroppedNull: 0,
    rowsDroppedDuplicate: 0,
    parquet: join(folder, `${file}.parquet`),
    loadFiles: [{ path: loadFile, bytes: Buffer.byteLength(content), rows: rows.length }],
  };
}

function loadFileValue(value: string | null): string {
  if (value === null) return String.raw`\N`;
  const escapes: Record<string, string> = {
    '\\': String.raw`\\`,
    '\t': String.raw`\t`,
    '\n': String.raw`\n`,
    '\r': String.raw`\r`,
    '\0': String.raw`\0`,
  };
  return value.replace(/[\\\t\n\r\0]/g, (character) => escapes[character] ?? character);
}

/** A column of a type as a schema writes it. */
export function columnOf(name: string, typeText: string): Column {
  const parsed = parseColumnType(typeText);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return { name, type: parsed.type, nullable: true };
}
