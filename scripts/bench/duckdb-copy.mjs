// Runs one statement in a DuckDB of its own: `node duckdb-copy.mjs THREADS SQL`. Plain JavaScript, because the whole
// process is measured and a TypeScript loader would be in its figures.
import { DuckDBInstance } from '@duckdb/node-api';

const [threads, sql] = process.argv.slice(2);
const instance = await DuckDBInstance.create(':memory:', { threads });
const connection = await instance.connect();
await connection.run(sql);
connection.closeSync();
instance.closeSync();
