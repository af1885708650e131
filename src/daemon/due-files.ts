import { mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config } from '../config/config.ts';
import { writeFileDurably } from '../core/durable-file.ts';
import { asHopperError, systemCode } from '../core/environment-error.ts';
import { zonedText } from '../core/zoned-time.ts';
import { datasetRoute } from '../intake/dataset-route.ts';
import { listFolder } from '../intake/folder-listing.ts';
import { isTransientName } from '../intake/transient-name.ts';
import type { ConversionLog } from '../log/conversion-log.ts';
import { readReceipts, receiptsPath } from '../pipeline/receipt-book.ts';
import { reportPath } from '../pipeline/report-files.ts';
import type { Dataset } from '../schema/dataset.ts';
import type { ArrivalExpectation } from '../schema/expectations.ts';
import { type DueTimes, dueTimes } from './due-time.ts';
import { readFailedReport } from './failed-report.ts';
import { listFailed } from './failed-files.ts';
import { processingFolder } from './processing-folder.ts';

/** How often the clock is looked at: it may be set, and the machine may sleep, so no timer waits for the due time itself. */
const LOOK_MS = 15_000;

/** What is remembered of a dataset whose files are due at times. Times are ISO 8601, UTC. */
interface DueNote {
  /** Since when files are waited for, where none has come yet. */
  since: string;
  /** The last due time that an alarm was raised for. */
  alarmed: string | null;
}

/** A dataset whose file has not come. Times are ISO 8601, UTC. */
export interface OverdueDataset {
  dataset: string;
  /** Since when. */
  due: string;
  /** The last file before that; null where there was none. */
  lastFile: string | null;
}

/** Raises an alarm for each file that is due and did not come: once for each due time, also over restarts. */
export class DueFiles {
  readonly #config: Config;
  readonly #log: ConversionLog;
  readonly #now: () => number;
  /** By dataset, until when there is nothing to look for. */
  readonly #quietUntil = new Map<string, number>();
  /** The last due time that this run has raised an alarm for: its note may not be written. */
  readonly #alarmed = new Map<string, number>();
  /** Datasets of which it was said that nothing can be known. */
  readonly #unknown = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #looking = Promise.resolve();

  constructor(config: Config, log: ConversionLog, now: () => number = Date.now) {
    this.#config = config;
    this.#log = log;
    this.#now = now;
  }

  /** Looks at once, and again and again until `stop`. */
  start(): void {
    if (expecting(this.#config).length === 0) return;
    const look = (): void => {
      this.#looking = this.#looking.then(() => this.look());
    };
    this.#timer = setInterval(look, LOOK_MS).unref();
    look();
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#looking;
  }

  /** Raises the alarms that are due now. Never rejects: what keeps it from knowing stands in the log. */
  async look(): Promise<void> {
    for (const [dataset, arrival] of expecting(this.#config)) {
      if (this.#now() < (this.#quietUntil.get(dataset.name) ?? 0)) continue;
      try {
        await this.#lookFor(dataset, arrival);
        this.#unknown.delete(dataset.name);
      } catch (error) {
        const err = asHopperError(error);
        if (this.#unknown.has(dataset.name)) continue;
        this.#unknown.add(dataset.name);
        this.#log.warn('alarm', 'cannot tell whether a file is due', {
          ...{ dataset: dataset.name, reason: err.message, hint: err.hint, err },
        });
      }
    }
  }

  async #lookFor({ name }: Dataset, arrival: ArrivalExpectation): Promise<void> {
    const now = this.#now();
    const path = notePath(this.#config, name);
    const note = await readNote(path);
    if (note === null) await writeNote(path, { since: isoTime(now), alarmed: null });
    const lastFile = await lastArrival(this.#config, name);
    const due = dueTimes(arrival, lastFile, sinceOf(note, now), now);
    const { missed } = due;
    if (missed !== null && missed > Date.parse(note?.alarmed ?? isoTime(0))) {
      // It has come and is not done yet; then it has come in time, or its failure is told of.
      if (await isOnItsWay(this.#config, name)) return;
      if (missed > (this.#alarmed.get(name) ?? 0)) {
        this.#alarmed.set(name, missed);
        this.#log.error('alarm', 'due and not here', {
          dataset: name,
          reason: overdueReason(name, arrival, due, lastFile),
          hint: 'Ask its sender. If it is not due any more, change what the dataset expects.',
        });
      }
      await writeNote(path, { since: note?.since ?? isoTime(now), alarmed: isoTime(missed) });
    }
    this.#quietUntil.set(name, due.next);
  }
}

/** The datasets whose file has not come, as `status` shows them; writes nothing. */
export async function readOverdue(config: Config, now = Date.now()): Promise<OverdueDataset[]> {
  const overdue: OverdueDataset[] = [];
  for (const [{ name }, arrival] of expecting(config)) {
    const lastFile = await lastArrival(config, name);
    const note = await readNote(notePath(config, name));
    const { first, missed } = dueTimes(arrival, lastFile, sinceOf(note, now), now);
    if (missed === null || (await isOnItsWay(config, name))) continue;
    overdue.push({
      dataset: name,
      due: isoTime(first),
      lastFile: lastFile === null ? null : isoTime(lastFile),
    });
  }
  return overdue;
}

function expecting({ datasets }: Config): [Dataset, ArrivalExpectation][] {
  return datasets.flatMap((dataset) => {
    const arrival = dataset.expect?.arrival ?? null;
    return arrival === null ? [] : [[dataset, arrival]];
  });
}

/** The clock may have been set back since. */
function sinceOf(note: DueNote | null, now: number): number {
  return note === null ? now : Math.min(now, Date.parse(note.since));
}

function overdueReason(
  name: string,
  { timezone }: ArrivalExpectation,
  { first, missed }: DueTimes,
  lastFile: number | null,
): string {
  const at = (ms: number): string => `${zonedText(ms, timezone)} ${timezone}`;
  const since = lastFile === null ? 'No file' : `No file since ${at(lastFile)}`;
  const due =
    missed === first ? `at ${at(first)}` : `at ${at(first)}, and last at ${at(missed ?? first)}`;
  return `${since} has come for ${name}; one was due ${due}.`;
}

/** When a file last came, loaded or failed; null where none has. */
async function lastArrival({ folders }: Config, dataset: string): Promise<number | null> {
  let last = -Infinity;
  for await (const { time, repairs } of readReceipts(receiptsPath(folders.output, dataset))) {
    if (repairs !== undefined) continue;
    last = Math.max(last, Date.parse(time));
  }
  for (const file of await listFailed(folders.failed)) {
    const report = await readFailedReport(reportPath(join(folders.failed, file)));
    if (report?.dataset === dataset) last = Math.max(last, Date.parse(report.time));
  }
  return Number.isFinite(last) ? last : null;
}

async function isOnItsWay(config: Config, dataset: string): Promise<boolean> {
  const route = datasetRoute(config.datasets);
  const isOf = (file: string): boolean => route(file)?.name === dataset;
  const processing = processingFolder(config);
  for (const claim of (await orNone(readdir(processing))) ?? []) {
    const names = await readdir(join(processing, claim)).catch(() => []);
    if (names.some((name) => !isTransientName(name) && isOf(name))) return true;
  }
  const listing = await orNone(listFolder(config.folders.input, isOf));
  return (listing?.files.length ?? 0) > 0;
}

function notePath({ folders }: Config, dataset: string): string {
  return join(folders.output, dataset, '.due.json');
}

function readNote(path: string): Promise<DueNote | null> {
  return readJson<DueNote>(path);
}

async function writeNote(path: string, note: DueNote): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFileDurably(path, `${JSON.stringify(note)}\n`);
}

async function readJson<T>(path: string): Promise<T | null> {
  const text = await orNone(readFile(path, 'utf8'));
  try {
    return text === null ? null : (JSON.parse(text) as T);
  } catch {
    return null;
  }
}

async function orNone<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
