import { join } from 'node:path';
import { withServerCpu } from './bare-load.ts';
import { type BenchContext, runFolder } from './bench-context.ts';
import { checkContents, checkRows, expectedContents, parquetContents } from './contents.ts';
import type { Contents } from './contents.ts';
import { sizeName } from './convert-case.ts';
import type { DataFile } from './data.ts';
import { oursLoading } from './load-case.ts';
import { measureProcess } from './measured-process.ts';
import { interleave, type Sample, type Section } from './section.ts';

const TABLE = 'straightforward';
const name = 'csv-parse, parquetjs-lite, mysql2';

/** Against the program that one would write first, on a file small enough for it. */
export async function straightforwardCase(context: BenchContext): Promise<Section[]> {
  const file = context.data.fewStudents;
  const { shape } = file;
  const server = await context.server();
  const expected = await expectedContents(file);
  await server.dropTables();
  const ours = oursLoading(context, file, expected);
  // A first run, which is not counted, makes the table.
  await ours.run();
  await server.query(`CREATE TABLE ${TABLE} LIKE ${shape.name}`);
  await server.query(`ALTER TABLE ${TABLE} DROP COLUMN _load_id`);
  const title = `${sizeName(file)} end to end into ${server.kind}, against the straightforward program`;
  const rival = { name, run: () => runStraightforward(context, file, expected) };
  const lines = await interleave(title, [ours, rival], context.runs);
  return [{ title, bytes: file.bytes, files: 1, base: name, lines, bars: [] }];
}

async function runStraightforward(
  context: BenchContext,
  file: DataFile,
  expected: Contents,
): Promise<Sample> {
  const server = await context.server();
  await server.emptyTables();
  const folder = runFolder(context);
  const { host, port, user, password, database } = server.config;
  const work = {
    file: file.path,
    delimiter: file.shape.delimiter,
    columns: file.shape.columns,
    nullWords: file.shape.nullWords,
    target: join(folder.path, 'straightforward.parquet'),
    database: { host, port, user, password, database },
    table: TABLE,
  };
  const words = [join(import.meta.dirname, 'straightforward.mjs'), JSON.stringify(work)];
  const options = { cwd: folder.path, cleanup: context.cleanup };
  const sample = await withServerCpu(server, () =>
    measureProcess(process.execPath, words, options),
  );
  checkContents(name, await parquetContents(file.shape, [work.target]), expected);
  checkRows(TABLE, await server.countRows(TABLE), expected.rows);
  await folder.remove();
  return sample;
}
