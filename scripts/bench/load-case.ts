import { bareLoads, bareWithId, bareWithoutId, withServerCpu } from './bare-load.ts';
import { type BenchContext, runFolder } from './bench-context.ts';
import { checkContents, checkRows, expectedContents, parquetContents } from './contents.ts';
import type { Contents } from './contents.ts';
import { sizeName } from './convert-case.ts';
import type { DataFile } from './data.ts';
import { measureProcess } from './measured-process.ts';
import { cli, Project } from './project.ts';
import { type Bar, type Contender, interleave, type Section, speedAgainst } from './section.ts';

/** One file end to end: Parquet published, rows committed, the source in the archive. */
export async function loadCase(context: BenchContext): Promise<Section[]> {
  const sections: Section[] = [];
  for (const file of [context.data.students, context.data.orders]) {
    sections.push(await loadOne(context, file));
  }
  return sections;
}

async function loadOne(context: BenchContext, file: DataFile): Promise<Section> {
  const server = await context.server();
  const expected = await expectedContents(file);
  const title = `Load ${sizeName(file)} end to end into ${server.kind}`;
  const ours = oursLoading(context, file, expected);
  await server.dropTables();
  // A first run, which is not counted, fills the table for the dump.
  await ours.run();
  const dumps = runFolder(context);
  const bare = await bareLoads(context, file.shape, expected.rows, dumps.path);
  const lines = await interleave(title, [ours, ...bare], context.runs);
  await dumps.remove();
  const bars = [bareWithId, bareWithoutId].map((rival): Bar => ({
    claim: `${sizeName(file)} end to end: speed against ${rival}`,
    measured: speedAgainst(lines, ours.name, rival),
    rule: 'at least',
    limit: 0.85,
    unit: ' x',
  }));
  return { title, bytes: file.bytes, files: 1, base: bareWithId, lines, bars };
}

/** `csv-hopper ingest` with the database configured. */
export function oursLoading(context: BenchContext, file: DataFile, expected: Contents): Contender {
  const run: Contender['run'] = async () => {
    const server = await context.server();
    await server.emptyTables();
    const folder = runFolder(context);
    const { shape } = file;
    const project = new Project(folder.path, { shape, database: server.config });
    project.drop(file.path, 'bench.csv');
    const words = [cli, 'ingest', 'input_csv/bench.csv'];
    const options = { cwd: project.root, cleanup: context.cleanup };
    const sample = await withServerCpu(server, () =>
      measureProcess(process.execPath, words, options),
    );
    checkRows(shape.name, await server.countRows(shape.name), expected.rows);
    const files = project.parquetFiles();
    checkContents('Parquet', await parquetContents(shape, files), expected);
    const tableBytes = await server.tableBytes(shape.name);
    const { logBytes } = project;
    await folder.remove();
    return { ...sample, tableBytes, logBytes };
  };
  return { name: 'csv-hopper', run };
}
