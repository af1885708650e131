// `npm run bench`: makes its data, runs the cases one after the other, prints a table for each and whether the bar is met.
// Linux only: processes are measured by what /proc says of them.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { BenchContext } from './bench-context.ts';
import { capacityCase } from './capacity-case.ts';
import { Cleanup } from './cleanup.ts';
import { convertCase } from './convert-case.ts';
import { dataSizes, provideData } from './data.ts';
import { latencyCase } from './latency-case.ts';
import { loadCase } from './load-case.ts';
import { describeMachine, type Machine } from './machine.ts';
import { memoryCase } from './memory-case.ts';
import { type CaseName, help, type Options, readOptions, UsageError } from './options.ts';
import { qualityCase } from './quality-case.ts';
import { alignedTable, barLines, sectionTable } from './report.ts';
import type { Section } from './section.ts';
import { type Server, startServer } from './server.ts';
import { smallFilesCase } from './small-files-case.ts';
import { straightforwardCase } from './straightforward-case.ts';

const cases: Record<CaseName, (context: BenchContext) => Promise<Section[]>> = {
  convert: convertCase,
  'small-files': smallFilesCase,
  load: loadCase,
  latency: latencyCase,
  straightforward: straightforwardCase,
  memory: memoryCase,
  capacity: capacityCase,
  quality: qualityCase,
};
/** The others start a MariaDB. */
const withoutDatabase: readonly CaseName[] = ['convert', 'memory', 'quality'];

async function main(words: string[], cleanup: Cleanup): Promise<void> {
  const options = readOptions(words);
  if (options === null) {
    process.stdout.write(help);
    return;
  }
  const context = await openContext(options, cleanup);
  const usesServer = options.cases.some((name) => !withoutDatabase.includes(name));
  const machine = await describeMachine(usesServer ? await serverVersion(context) : null);
  print(alignedTable([['', ''], ['---', '---'], ...Object.entries(machine)]));
  const sections: Section[] = [];
  for (const name of options.cases) {
    for (const section of await cases[name](context)) {
      sections.push(section);
      print(sectionTable(section));
    }
  }
  const bars = sections.flatMap((section) => section.bars);
  if (bars.length > 0) print(barLines(bars));
  if (options.quick) print('Quick: small files, where starting up weighs more than in the bar.');
  if (options.json !== null) {
    writeFileSync(options.json, `${JSON.stringify({ machine, options, sections }, null, 2)}\n`);
  }
}

async function openContext(options: Options, cleanup: Cleanup): Promise<BenchContext> {
  const root = mkdtempSync(join(tmpdir(), 'csv-hopper-bench-'));
  cleanup.add(() => {
    rmSync(root, { recursive: true, force: true });
  });
  // What the bench starts puts its temporary files where they are removed too.
  process.env['TMPDIR'] = root;
  const dataFolder = resolve(options.dir ?? join(root, 'data'));
  mkdirSync(dataFolder, { recursive: true });
  const workFolder = mkdtempSync(join(dataFolder, 'runs-'));
  cleanup.add(() => {
    rmSync(workFolder, { recursive: true, force: true });
  });
  const sizes = dataSizes(options.quick, options.cases.includes('memory'));
  const data = await provideData(dataFolder, sizes, cleanup);
  let server: Promise<Server> | null = null;
  return {
    data,
    runs: options.runs,
    codecs: options.codecs,
    workFolder,
    cleanup,
    server: () => (server ??= startServer(cleanup)),
  };
}

async function serverVersion(context: BenchContext): Promise<Machine> {
  const { kind, query } = await context.server();
  const [row] = await query('SELECT VERSION() AS version');
  return { [kind]: String(row?.['version']) };
}

function print(text: string): void {
  process.stdout.write(`${text}\n\n`);
}

const cleanup = new Cleanup();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    void cleanup.end().finally(() => process.exit(128 + constants.signals[signal]));
  });
}
try {
  await main(process.argv.slice(2), cleanup);
} catch (error) {
  // What runs when the interrupt comes fails, which is not worth telling.
  if (!cleanup.isEnding) {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    if (error instanceof UsageError) process.stderr.write('--help lists the options.\n');
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
} finally {
  await cleanup.end();
}
