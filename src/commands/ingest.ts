import { realpath, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Config } from '../config/config.ts';
import { writeLastRun } from '../daemon/batch-schedule.ts';
import { claimArchived, enterInLedger, findDifferences } from '../daemon/bring-back.ts';
import { DueFiles } from '../daemon/due-files.ts';
import { Hopper } from '../daemon/hopper.ts';
import { processingFolder } from '../daemon/processing-folder.ts';
import { knownLoad } from '../daemon/load-differences.ts';
import { openIntake, takeFiles } from '../daemon/take-files.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { type Claim, claimFile } from '../intake/claim.ts';
import { copyIn } from '../intake/copy-in.ts';
import { markFile } from '../intake/folder-listing.ts';
import { datasetRoute } from '../intake/dataset-route.ts';
import { type ConversionLog, openConversionLog } from '../log/conversion-log.ts';
import type { Notifier } from '../notify/notifier.ts';
import type { Origin, Outcome } from '../pipeline/passage.ts';
import {
  type CommonOptions,
  DONE,
  FILE_FAILED,
  openConfig,
  print,
  printFailure,
} from './command.ts';
import { askSchedule } from './ask-schedule.ts';
import { openNotifier } from './open-notifier.ts';
import { showProgress } from './progress-line.ts';

/** A run that has to end tries a step this often before it leaves the file for the next run. */
const ATTEMPTS_MAX = 4;

/** How long the end waits for the receiver of the last notice; what it does not take is sent by the next run. */
const NOTICE_MS = 5000;

export interface IngestOptions extends CommonOptions {
  lost?: boolean;
  whenDue?: string;
}

type Counts = Record<Outcome, number>;

/**
 * `csv-hopper ingest [file...]`: the pipeline once. Without files, everything that lies in the input folder; with files,
 * just these: one from elsewhere is copied in and its original stays; with --lost, what the database or the Parquet folder has
 * lost, from the archive. Always goes on with what an earlier run left.
 */
export async function ingest(files: string[], options: IngestOptions): Promise<number> {
  const config = openConfig(options);
  const wantsLost = options.lost === true;
  if (wantsLost && files.length > 0) {
    throw new HopperError('usage_invalid', {
      message: 'ingest --lost takes no files.',
      hint: 'Leave out the files, or --lost.',
    });
  }
  checkRoutes(config, files);
  const begun = Date.now();
  if (options.whenDue !== undefined) {
    const others = wantsLost || files.length > 0;
    const { due, said } = await askSchedule(options.whenDue, others, config, begun);
    print(said);
    if (!due) return DONE;
  }
  const counts: Counts = { finished: 0, failed: 0, skipped: 0, given_back: 0, waiting: 0 };
  const stop = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stop.signal.aborted) process.exit(signal === 'SIGINT' ? 130 : 143);
    stop.abort();
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  const progress = showProgress((seconds) => `working, ${seconds} s; so far: ${sentence(counts)}`);
  const notifier = await openNotifier(config);
  const log = openConversionLog({
    folder: config.folders.logs,
    ...config.log,
    now: () => new Date(),
    onLine: (line, level, event) => {
      if (level === 'info' && event !== 'finished') return;
      progress.clear();
      print(line);
    },
    ...(notifier !== null && { onEvent: notifier.hear }),
  });
  try {
    await run(config, log, wantsLost ? 'lost' : files, stop.signal, counts, notifier);
  } finally {
    progress.end();
    log.close();
    process.off('SIGTERM', onSignal).off('SIGINT', onSignal);
  }
  const left = counts.waiting + counts.given_back;
  // What is left is tried again the next day, and not only when the next run is due.
  if (options.whenDue !== undefined && left === 0 && !stop.signal.aborted) {
    await writeLastRun(config.folders.output, begun);
  }
  print(sentence(counts));
  return counts.failed + left > 0 ? FILE_FAILED : DONE;
}

async function run(
  config: Config,
  log: ConversionLog,
  files: string[] | 'lost',
  signal: AbortSignal,
  counts: Counts,
  notifier: Notifier | null,
): Promise<void> {
  const hopper = await Hopper.open({
    config,
    log,
    patience: { signal, attemptsMax: ATTEMPTS_MAX },
  });
  const count = (outcome: Outcome): void => {
    counts[outcome]++;
  };
  try {
    notifier?.begin(log);
    const left = await hopper.claimsLeft();
    const ended = await hopper.tellFormerEnds(left);
    for (const outcome of ['finished', 'skipped', 'failed'] as const)
      counts[outcome] += ended[outcome];
    await hopper.finishUndos();
    for (const claim of left.claims) {
      void hopper.take(claim, 'resumed', await hopper.room()).then(count);
    }
    if (files === 'lost') await bringBack(config, log, hopper, signal, count);
    else if (files.length === 0) await takeAll(config, log, hopper, signal, count);
    else {
      hopper.warmUp(await bytesOf(files));
      for (const file of files) {
        if (signal.aborted) break;
        const claimIt = async (): Promise<Claim> => {
          const claim = await claimNamed(file, config);
          log.info('found', 'named on the command line', { file: claim.file });
          return claim;
        };
        await takeOne(hopper, 'new', claimIt, count);
      }
    }
    if (signal.aborted) await hopper.abort();
    await hopper.idle();
    await new DueFiles(config, log).look();
  } finally {
    await hopper.idle();
    // While the outbox is ours alone.
    await notifier?.close(NOTICE_MS);
    await hopper.close();
  }
}

async function bringBack(
  config: Config,
  log: ConversionLog,
  hopper: Hopper,
  signal: AbortSignal,
  count: (outcome: Outcome) => void,
): Promise<void> {
  // What an earlier run left is not lost.
  await hopper.idle();
  const { differences } = await findDifferences(config);
  const entered = await enterInLedger(differences, config.database);
  if (entered > 0) print(`${entered} entered in the ledger again`);
  const lost = differences.flatMap(({ remedy, load }) =>
    remedy === 'source' ? (knownLoad(load) ?? []) : [],
  );
  for (const load of new Set(lost)) {
    if (signal.aborted) break;
    const claimIt = async (): Promise<Claim> => {
      const claim = await claimArchived(load, config);
      log.info('found', 'brought back from the archive', { file: claim.file, loadId: load.loadId });
      return claim;
    };
    await takeOne(hopper, 'brought_back', claimIt, count);
  }
}

async function takeAll(
  config: Config,
  log: ConversionLog,
  hopper: Hopper,
  signal: AbortSignal,
  count: (outcome: Outcome) => void,
): Promise<void> {
  const intake = openIntake(hopper, config, log, () => {
    count('waiting');
  });
  intake.endWhenSettled();
  await intake.start();
  // They are ready when the files have settled.
  hopper.warmUp(intake.bytesInView);
  try {
    await takeFiles([], { intake, hopper, config, log, signal, onOutcome: count });
  } finally {
    await intake.stop();
  }
}

/** Size of the files that there are; taking them tells of the others. */
async function bytesOf(paths: string[]): Promise<number> {
  const sizes = await Promise.all(paths.map((path) => stat(path).catch(() => null)));
  return sizes.reduce((sum, stats) => sum + (stats?.size ?? 0), 0);
}

/** One that cannot be claimed is told of and counted, and does not keep the others from being taken. */
async function takeOne(
  hopper: Hopper,
  origin: Origin,
  claimIt: () => Promise<Claim>,
  count: (outcome: Outcome) => void,
): Promise<void> {
  const room = await hopper.room();
  try {
    void hopper.take(await claimIt(), origin, room).then(count);
  } catch (error) {
    room.freeConversion();
    room.freePlace();
    printFailure(error);
    count('failed');
  }
}

/** A file of the input folder is taken out of it, as the daemon would; one from elsewhere is copied. */
async function claimNamed(path: string, config: Config): Promise<Claim> {
  const { input } = config.folders;
  const inside = (await realpath(dirname(path)).catch(() => '')) === (await realpath(input));
  if (!inside) return copyIn(path, processingFolder(config));
  const mark = await markFile(path);
  // Who names a file says that it is complete, so it need not settle.
  const settled =
    mark === null ? null : { ...mark, name: basename(path), bytes: Number(mark.bytes) };
  const claim =
    settled === null ? 'gone' : await claimFile(input, processingFolder(config), settled);
  if (typeof claim !== 'string') return claim;
  throw new HopperError(claim === 'gone' ? 'source_unreadable' : 'source_changed', {
    message:
      claim === 'gone' ? `There is no regular file ${path}.` : `${path} is being written to.`,
    hint: claim === 'gone' ? 'Name a file that is there.' : 'Try again when it is complete.',
  });
}

/** A name that no dataset takes is refused before anything is touched. */
function checkRoutes(config: Config, files: string[]): void {
  const route = datasetRoute(config.datasets);
  for (const file of files) {
    if (route(basename(file)) !== null) continue;
    const patterns = config.datasets.map(({ match }) => match).join(', ');
    throw new HopperError('usage_invalid', {
      message: `No dataset takes ${file}.`,
      hint: `Its name must match one of: ${patterns}.`,
    });
  }
}

function sentence(counts: Counts): string {
  const words = [
    [counts.finished, 'finished'],
    [counts.failed, 'failed'],
    [counts.skipped, 'skipped as loaded before'],
    [counts.given_back, 'given back'],
    [counts.waiting, 'waiting for the next run'],
  ] as const;
  const said = words.filter(([n]) => n > 0).map(([n, word]) => `${n} ${word}`);
  return said.length === 0 ? 'no files' : said.join(', ');
}
