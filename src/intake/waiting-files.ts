import { constants } from 'node:fs';
import { join } from 'node:path';
import { access } from '../core/brief-calls.ts';
import { systemCode } from '../core/environment-error.ts';
import { ArrivalLine, byArrival } from './arrival-line.ts';
import { markFile, markFiles } from './folder-listing.ts';
import {
  isHollow,
  isQuiet,
  observe,
  type FileMark,
  type Look,
  type Observation,
  type QuietRule,
} from './observation.ts';
import { fileKey, openForWriting } from './open-writers.ts';

/** How many files are kept in view at a time; the rest of a larger backlog waits in the folder, not in memory. */
export const IN_VIEW_MAX = 4096;

/** Of how many more the order is remembered, which takes some ten megabytes. */
const IN_LINE_MAX = 65_536;

/** How often a file that has settled but is still there is looked at again, in case another took its name. */
const LOOK_AGAIN_MS = 500;

/** A file that is ready to be claimed, and by what to recognise it then. */
export interface SettledFile {
  name: string;
  bytes: number;
  dev: bigint;
  ino: bigint;
  mtimeNs: bigint;
}

export type Refusal =
  'this user may not read it' | 'it is a hole of a gigabyte or more, and nearly nothing else';

/** A file that waits in the input folder. */
export interface FileInView {
  name: string;
  bytes: number;
  /** When it came, in milliseconds since 1970. */
  sinceMs: number;
}

/** How many files wait in the input folder, and since when. */
export interface Backlog {
  files: number;
  /** Files that are left where they are. */
  refused: number;
  /** When the first of them came, in milliseconds since 1970; null where none waits. */
  oldestMs: number | null;
}

interface WaitingFile {
  name: string;
  observation: Observation;
  /** watched: may still change; settled: to be offered; offered: the taker is at work on it. */
  state: 'watched' | 'settled' | 'offered';
  /** Why it is left where it is; null where it is not. */
  refusal: Refusal | null;
  /** The last sweep that listed it, and the one that brought it into view. */
  listedIn: number;
  firstIn: number;
  /** When it was last looked at, by the monotonic clock, taken before the look. */
  lookedMs: number;
  /** Not to be settled before then: a writer had it open. */
  notBeforeMs: number;
}

/**
 * The files of the input folder that are in view: what is known of each and whether it has settled. Listings and times
 * come in, files in arrival order come out. A file that changes in any way, settled or offered or not, begins anew.
 */
export class WaitingFiles {
  readonly #folder: string;
  readonly #rule: QuietRule;
  readonly #files = new Map<string, WaitingFile>();
  readonly #deferredUntilMs = new Map<string, number>();
  readonly #line: ArrivalLine;
  #sweep = 0;
  #outOfView = 0;

  constructor(folder: string, rule: QuietRule) {
    this.#folder = folder;
    this.#rule = rule;
    this.#line = new ArrivalLine((name) => markFile(join(folder, name)), IN_LINE_MAX);
  }

  /** The number of the last sweep. */
  get sweep(): number {
    return this.#sweep;
  }

  /** Of all files in view. */
  get bytes(): number {
    return [...this.#files.values()].reduce(
      (sum, file) => sum + Number(file.observation.mark.bytes),
      0,
    );
  }

  /** What waits in the folder; in a large backlog the earliest are in view. */
  get backlog(): Backlog {
    let refused = 0;
    let oldestNs: bigint | null = null;
    for (const { refusal, observation } of this.#files.values()) {
      const { ctimeNs } = observation.mark;
      if (refusal !== null) refused++;
      else if (oldestNs === null || ctimeNs < oldestNs) oldestNs = ctimeNs;
    }
    const files = this.#files.size - refused + this.#outOfView;
    return { files, refused, oldestMs: oldestNs === null ? null : Number(oldestNs / 1_000_000n) };
  }

  /** The first of those that are to be taken: by the time of arrival, then by name. */
  first(max: number): FileInView[] {
    const waiting = [...this.#files.values()].filter(({ refusal }) => refusal === null);
    waiting.sort((a, b) => byArrival([a.name, a.observation.mark], [b.name, b.observation.mark]));
    return waiting.slice(0, max).map(({ name, observation: { mark } }) => ({
      ...{ name, bytes: Number(mark.bytes), sinceMs: Number(mark.ctimeNs / 1_000_000n) },
    }));
  }

  /** Takes in what a sweep listed, and looks at every file that may have changed. */
  async update(listed: readonly string[]): Promise<void> {
    this.#sweep++;
    const newcomers: string[] = [];
    for (const name of listed) {
      const file = this.#files.get(name);
      if (file === undefined) newcomers.push(name);
      else file.listedIn = this.#sweep;
    }
    for (const file of this.#files.values()) {
      if (file.listedIn !== this.#sweep) this.#files.delete(file.name);
    }
    await this.#lookAgain();
    await this.#admit(newcomers);
  }

  /** Settles those that stayed the same for long enough, that can be read, and that nobody has open for writing. */
  async settle(): Promise<void> {
    const nowMs = performance.now();
    for (const [name, untilMs] of this.#deferredUntilMs) {
      if (untilMs <= nowMs) this.#deferredUntilMs.delete(name);
    }
    const quiet = [...this.#files.values()].filter(
      (file) =>
        file.state === 'watched' &&
        isQuiet(file.observation, file.lookedMs) &&
        file.notBeforeMs <= nowMs &&
        !this.#deferredUntilMs.has(file.name),
    );
    await Promise.all(
      quiet.map(async (file) => {
        file.refusal = await refusalOf(join(this.#folder, file.name), file.observation.mark);
      }),
    );
    const readable = quiet.filter((file) => file.refusal === null);
    const writing = await openForWriting(readable.map((file) => file.observation.mark));
    for (const file of readable) {
      if (writing.has(fileKey(file.observation.mark)))
        file.notBeforeMs = nowMs + this.#rule.quietMs;
      else file.state = 'settled';
    }
  }

  /** Hands out what has settled since the last call: by the time of arrival, then by name. */
  offer(): SettledFile[] {
    const settled = [...this.#files.values()].filter((file) => file.state === 'settled');
    settled.sort((a, b) => byArrival([a.name, a.observation.mark], [b.name, b.observation.mark]));
    return settled.map((file) => {
      file.state = 'offered';
      const { dev, ino, bytes, mtimeNs } = file.observation.mark;
      return { name: file.name, bytes: Number(bytes), dev, ino, mtimeNs };
    });
  }

  /** Its taker has moved it away: another file may have its name from now on, and is new. */
  forget(name: string): void {
    this.#files.delete(name);
  }

  defer(name: string, ms: number): void {
    if (ms > 0) this.#deferredUntilMs.set(name, performance.now() + ms);
    const file = this.#files.get(name);
    if (file !== undefined) file.state = 'watched';
  }

  /** When the next file can settle, by the monotonic clock; Infinity when none is on its way. */
  nextDueMs(): number {
    let next = Infinity;
    for (const file of this.#files.values()) {
      if (file.state !== 'watched' || file.refusal !== null) continue;
      const { sinceMs, quietMs } = file.observation;
      const deferredMs = this.#deferredUntilMs.get(file.name) ?? 0;
      next = Math.min(next, Math.max(sinceMs + quietMs, file.notBeforeMs, deferredMs));
    }
    return next;
  }

  /** Those that are left where they are. */
  refused(): { name: string; reason: Refusal }[] {
    return [...this.#files.values()].flatMap(({ name, refusal }) =>
      refusal === null ? [] : [{ name, reason: refusal }],
    );
  }

  /** Whether some files of the folder have not been looked at, because too many wait. */
  get hasMoreOutOfView(): boolean {
    return this.#outOfView > 0;
  }

  /** Whether every file that was in view in or before a sweep has been offered, deferred or refused. */
  allOffered(sweep: number): boolean {
    for (const file of this.#files.values()) {
      if (file.state === 'offered' || file.firstIn > sweep) continue;
      if (file.refusal === null && !this.#deferredUntilMs.has(file.name)) return false;
    }
    return true;
  }

  async #lookAgain(): Promise<void> {
    const lookedMs = performance.now();
    const due = [...this.#files.values()].filter(
      (file) => file.state === 'watched' || lookedMs - file.lookedMs >= LOOK_AGAIN_MS,
    );
    const marks = await markFiles(
      this.#folder,
      due.map((file) => file.name),
    );
    const look = lookNow();
    for (const file of due) {
      const mark = marks.get(file.name);
      if (mark === undefined) {
        this.#files.delete(file.name);
        continue;
      }
      const before = file.observation;
      file.observation = observe(before, mark, look, this.#rule);
      file.lookedMs = lookedMs;
      if (file.observation === before) continue;
      file.state = 'watched';
      file.refusal = null;
      file.notBeforeMs = 0;
    }
  }

  /** Brings new files into view, the earliest first; of a larger backlog half a view or more at a time. */
  async #admit(newcomers: readonly string[]): Promise<void> {
    const room = IN_VIEW_MAX - this.#files.size;
    this.#outOfView = Math.max(0, newcomers.length - room);
    if (this.#outOfView > 0 && room < IN_VIEW_MAX / 2) return;
    const lookedMs = performance.now();
    const earliest =
      this.#outOfView === 0 ? await this.#allOf(newcomers) : await this.#line.draw(newcomers, room);
    // One time for all, so that files which came together settle together, in order.
    const look = lookNow();
    for (const [name, mark] of earliest) {
      this.#files.set(name, {
        name,
        observation: observe(null, mark, look, this.#rule),
        state: 'watched',
        refusal: null,
        listedIn: this.#sweep,
        firstIn: this.#sweep,
        lookedMs,
        notBeforeMs: 0,
      });
    }
  }

  #allOf(names: readonly string[]): Promise<Iterable<[string, FileMark]>> {
    this.#line.clear();
    return markFiles(this.#folder, names);
  }
}

/** The quiet period begins after the look that saw a file first, and ends before the one that finds it unchanged. */
function lookNow(): Look {
  return { monotonicMs: performance.now(), wallMs: Date.now() };
}

/** What else may be wrong with the file, the claim finds out. */
async function refusalOf(path: string, mark: FileMark): Promise<Refusal | null> {
  if (isHollow(mark)) return 'it is a hole of a gigabyte or more, and nearly nothing else';
  try {
    await access(path, constants.R_OK);
    return null;
  } catch (error) {
    const isDenied = systemCode(error) === 'EACCES' || systemCode(error) === 'EPERM';
    return isDenied ? 'this user may not read it' : null;
  }
}
