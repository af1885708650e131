import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bareLoads, bareWithId, withServerCpu } from './bare-load.ts';
import { type BenchContext, runFolder } from './bench-context.ts';
import { checkRows, parquetContents } from './contents.ts';
import { Daemon, timeOf } from './daemon.ts';
import { SMALL_FILE_ROWS } from './data.ts';
import { Project } from './project.ts';
import type { Server } from './server.ts';
import { type Bar, type Contender, interleave, medianIn } from './section.ts';
import { type Sample, type Section, speedAgainst } from './section.ts';
import { students } from './shape.ts';

const convertOnly = 'csv-hopper, convert only';
const withMariadb = 'csv-hopper, with MariaDB';

/** A burst of small files into the folder of a daemon that runs. */
export async function smallFilesCase(context: BenchContext): Promise<Section[]> {
  const { smallFiles, smallBytes } = context.data;
  const server = await context.server();
  await server.dropTables();
  const rows = smallFiles.length * SMALL_FILE_ROWS;
  const converting = await startBurst(context, null);
  const loading = await startBurst(context, server);
  const dumps = runFolder(context);
  // The daemons' first bursts are not counted: a daemon that has run for a while has its code compiled. The second one
  // fills the table for the dump.
  await converting.run();
  await loading.run();
  const bare = await bareLoads(context, students, rows, dumps.path);
  const kib = (smallBytes / smallFiles.length / 1000).toFixed(0);
  const title = `${smallFiles.length} files of ${kib} KB, daemon running`;
  const lines = await interleave(title, [converting, loading, ...bare], context.runs);
  await converting.end();
  await loading.end();
  await dumps.remove();
  const msPerFile = (name: string): number => medianIn(lines, name, 'wallMs') / smallFiles.length;
  const atMost = (name: string, limit: number): Bar => ({
    claim: `${title}: time a file, ${name}`,
    measured: msPerFile(name),
    rule: 'at most',
    limit,
    unit: ' ms',
  });
  const rate: Bar = {
    claim: `${title}: speed against ${bareWithId}`,
    measured: speedAgainst(lines, withMariadb, bareWithId),
    rule: 'at least',
    limit: 0.9,
    unit: ' x',
  };
  const bars = [atMost(convertOnly, 2.5), atMost(withMariadb, 5), rate];
  return [{ title, bytes: smallBytes, files: smallFiles.length, base: bareWithId, lines, bars }];
}

/** Starts a daemon; each run renames all files into its folder, under new names, or they would be the same loads. */
async function startBurst(
  context: BenchContext,
  server: Server | null,
): Promise<Contender & { end: () => Promise<void> }> {
  const { smallFiles } = context.data;
  const folder = runFolder(context);
  const database = server?.config ?? null;
  const project = new Project(folder.path, { shape: students, database });
  const daemon = await Daemon.start(project, context.cleanup);
  let burst = 0;
  const run = async (): Promise<Sample> => {
    burst++;
    await server?.emptyTables();
    const ready = layReady(context, folder.path, burst);
    const cpuBeforeMs = daemon.used.cpuMs;
    const startedMs = Date.now();
    for (const name of ready.names) renameSync(join(ready.folder, name), join(project.input, name));
    const finished = await daemon.events('finished', smallFiles.length);
    const wallMs = Math.max(...finished.map(timeOf)) - startedMs;
    const { cpuMs, rssBytes } = daemon.used;
    await checkBurst(project, burst, server, smallFiles.length * SMALL_FILE_ROWS);
    return { wallMs, cpuMs: cpuMs - cpuBeforeMs, rssBytes };
  };
  return {
    name: server === null ? convertOnly : withMariadb,
    run: server === null ? run : () => withServerCpu(server, run),
    end: async () => {
      await daemon.stop();
      await folder.remove();
    },
  };
}

/**
 * Lays copies of all files into a folder beside the input folder. Empty lines, which are no rows, make their content another
 * one for each burst: the same content once more is warned of, file by file. They are on the disk before the burst begins.
 */
function layReady(
  { data }: BenchContext,
  root: string,
  burst: number,
): { folder: string; names: string[] } {
  const folder = join(root, `burst-${burst}`);
  mkdirSync(folder);
  const names = data.smallFiles.map((name) => {
    const copy = `burst-${burst}-${name}`;
    const content = readFileSync(join(data.smallFolder, name), 'utf8');
    writeFileSync(join(folder, copy), content + '\n'.repeat(burst));
    return copy;
  });
  spawnSync('sync');
  return { folder, names };
}

async function checkBurst(
  project: Project,
  burst: number,
  server: Server | null,
  rows: number,
): Promise<void> {
  const files = project.parquetFiles().filter((path) => path.includes(`/burst-${burst}-`));
  const { rows: inParquet } = await parquetContents(students, files);
  checkRows(`Parquet of burst ${burst}`, inParquet, rows);
  if (server === null) return;
  checkRows(students.name, await server.countRows(students.name), rows);
}
