// The program that one would write first: csv-parse to parquetjs-lite to mysql2, a row object at a time, with the cleaning
// of the student dataset but without looking for duplicate rows: `node straightforward.mjs JSON`. Plain JavaScript,
// because the whole process is measured and a TypeScript loader would be in its figures.
import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';
import mysql from 'mysql2/promise';
import parquet from 'parquetjs-lite';

const INSERT_ROWS = 1000;

const { file, delimiter, columns, nullWords, target, database, table } = JSON.parse(
  process.argv[2],
);
const nulls = new Set(['', ...nullWords]);
const names = Object.keys(columns);
const fields = Object.entries(columns).map(([name, type]) => [
  name,
  { type: type === 'INTEGER' ? 'INT32' : 'UTF8', compression: 'SNAPPY' },
]);
const writer = await parquet.ParquetWriter.openFile(
  new parquet.ParquetSchema(Object.fromEntries(fields)),
  target,
);
const connection = await mysql.createConnection(database);
const insert = `INSERT INTO ${table} (${names.join(', ')}) VALUES ?`;
await connection.beginTransaction();

const parser = parse({ delimiter, columns: (header) => header.map((name) => name.toLowerCase()) });
createReadStream(file).pipe(parser);
let waiting = [];
for await (const record of parser) {
  const row = clean(record);
  if (row === null) continue;
  await writer.appendRow(row);
  waiting.push(Object.values(row));
  if (waiting.length < INSERT_ROWS) continue;
  await connection.query(insert, [waiting]);
  waiting = [];
}
if (waiting.length > 0) await connection.query(insert, [waiting]);
await writer.close();
await connection.commit();
await connection.end();

/** Null for a row that has a null. */
function clean(record) {
  const row = {};
  for (const [name, type] of Object.entries(columns)) {
    const text = record[name].trim();
    if (nulls.has(text)) return null;
    row[name] = type === 'INTEGER' ? Number(text) : text.toLowerCase();
  }
  return row;
}
