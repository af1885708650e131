// Who converts one file to Parquet. Each run is a process, and its result is checked.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type BenchContext, runFolder } from './bench-context.ts';
import { checkContents, checkRows, type Contents, parquetContents } from './contents.ts';
import type { DataFile } from './data.ts';
import { copySql, type Reading } from './duckdb-sql.ts';
import { measureProcess } from './measured-process.ts';
import { cli, Project } from './project.ts';
import type { Contender } from './section.ts';

type Codec = 'zstd' | 'snappy';

/**
 * `csv-hopper ingest` of a file in the input folder, without a database; everything on that the dataset asks for. Without
 * `expected` only its counts are checked.
 */
export function oursConverting(
  context: BenchContext,
  file: DataFile,
  workers: number,
  codec: Codec,
  expected: Contents | null = null,
): Contender {
  const run: Contender['run'] = async () => {
    const folder = runFolder(context);
    const project = new Project(folder.path, { shape: file.shape, workers, codec });
    project.drop(file.path, 'bench.csv');
    const words = [cli, 'ingest', 'input_csv/bench.csv'];
    const options = { cwd: project.root, cleanup: context.cleanup };
    const measured = await measureProcess(process.execPath, words, options);
    const [parquet = ''] = project.parquetFiles();
    const finished = project.logSince(0).lines.find(({ event }) => event === 'finished');
    checkRows('Rows read by csv-hopper', finished?.rowsRead ?? 0, file.rows);
    const found = await parquetContents(file.shape, [parquet]);
    checkRows(parquet, found.rows, finished?.rowsAccepted ?? 0);
    if (expected !== null) checkContents(parquet, found, expected);
    const parquetBytes = statSync(parquet).size;
    const { logBytes } = project;
    await folder.remove();
    return { ...measured, parquetBytes, logBytes };
  };
  return { name: oursName(workers), run };
}

/** DuckDB in a Node process, as csv-hopper's users would have it. */
export function duckdbConverting(
  context: BenchContext,
  file: DataFile,
  threads: number,
  codec: Codec,
  reading: Reading,
  expected: Contents,
): Contender {
  const script = join(import.meta.dirname, 'duckdb-copy.mjs');
  const run: Contender['run'] = async () => {
    const folder = runFolder(context);
    const parquet = join(folder.path, 'duckdb.parquet');
    const sql = copySql(file.shape, reading, file.path, parquet, codec);
    const words = [script, String(threads), sql];
    const options = { cwd: folder.path, cleanup: context.cleanup };
    const measured = await measureProcess(process.execPath, words, options);
    const found = await parquetContents(file.shape, [parquet]);
    if (reading === 'cleaned') checkContents(parquet, found, expected);
    else checkRows(parquet, found.rows, file.rows);
    const parquetBytes = statSync(parquet).size;
    await folder.remove();
    return { ...measured, parquetBytes };
  };
  return { name: duckdbName(threads, reading), run };
}

export function oursName(workers: number): string {
  return `csv-hopper, ${workers} ${workers === 1 ? 'worker' : 'workers'}`;
}

export function duckdbName(threads: number, reading: Reading): string {
  const work = reading === 'typed' ? '' : ', cleaning too';
  return `DuckDB, ${threads} ${threads === 1 ? 'thread' : 'threads'}${work}`;
}
