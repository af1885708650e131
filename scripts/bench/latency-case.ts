import { linkSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type BenchContext, runFolder } from './bench-context.ts';
import { checkRows } from './contents.ts';
import { Daemon, timeOf } from './daemon.ts';
import { SMALL_FILE_ROWS } from './data.ts';
import { Project } from './project.ts';
import { type Bar, type Contender, interleave, medianIn, type Section } from './section.ts';
import { students } from './shape.ts';

const RUNS_MIN = 21;
/** Between two files, so that the daemon is idle again. */
const IDLE_MS = 300;

/** From the rename of one small file into the folder of an idle daemon to the commit of its rows. */
export async function latencyCase(context: BenchContext): Promise<Section[]> {
  const { smallFolder, smallFiles } = context.data;
  const server = await context.server();
  await server.dropTables();
  const folder = runFolder(context);
  const options = { shape: students, database: server.config };
  const project = new Project(folder.path, options);
  const daemon = await Daemon.start(project, context.cleanup);
  let dropped = 0;
  const run: Contender['run'] = async () => {
    dropped++;
    const name = `single-${dropped}.csv`;
    const source = smallFiles[dropped % smallFiles.length] ?? '';
    linkSync(join(smallFolder, source), join(folder.path, name));
    await delay(IDLE_MS);
    const startedMs = Date.now();
    renameSync(join(folder.path, name), join(project.input, name));
    const [loaded] = await daemon.events('loaded', 1);
    if (loaded === undefined) throw new Error('The daemon did not load.');
    const wallMs = timeOf(loaded) - startedMs;
    checkRows(students.name, await server.countRows(students.name), dropped * SMALL_FILE_ROWS);
    return { wallMs };
  };
  // The first file, which is not counted, makes the tables.
  await run();
  const title = 'From the rename of one small file to its rows committed, daemon idle';
  const contender = { name: 'csv-hopper', run };
  const lines = await interleave(title, [contender], Math.max(context.runs, RUNS_MIN));
  await daemon.stop();
  await folder.remove();
  const bar: Bar = {
    claim: title,
    measured: medianIn(lines, contender.name, 'wallMs'),
    rule: 'at most',
    limit: 150,
    unit: ' ms',
  };
  return [{ title, bytes: 0, files: 1, base: null, lines, bars: [bar] }];
}
