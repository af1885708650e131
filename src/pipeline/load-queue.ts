import type { ConvertedLoad } from '../core/load.ts';
import { mayBeOfOneLoad } from '../load/server-error.ts';
import type { HeldUpLoad, LoadOutcome } from '../load/table-loader.ts';

/**
 * The most loads, and the most bytes of load files, that share a transaction and a stream. 999 files of 42 KB took 1.32 s
 * of MariaDB's CPU time in groups of 16, 1.31 in groups of 64, 1.27 in groups of 256 and 1.23 as one group, where one bare
 * LOAD DATA took 1.22 (medians of 5). With 64 the last files of a burst are more than one group, so that two threads of the
 * server share them: 0.81 instead of 0.78 of the rate of bare LOAD DATA (medians of 7 beside other work). A larger one also
 * has more to do again where rows are refused.
 */
const GROUP_LOADS_MAX = 64;
const GROUP_BYTES_MAX = 16 << 20;

/** From so many bytes on a group is begun before the one before it is committed. */
const AHEAD_BYTES_MIN = 1 << 20;
/** After an attempt to do so that came to nothing, this long none is made. */
const AHEAD_PAUSE_MS = 30_000;

/** Loads a group; `onRows` is called when the server has its rows, and has not committed them yet. */
type LoadGroup = (
  group: readonly ConvertedLoad[],
  onRows: () => void,
) => Promise<(LoadOutcome | HeldUpLoad)[]>;

/** Loads a group before `earlier` tells that the one before it is committed; null where nothing came of it. */
type LoadAhead = (
  group: readonly ConvertedLoad[],
  earlier: Promise<boolean>,
  onRows: () => void,
) => Promise<LoadOutcome[] | null>;

type EarlyAction = () => Promise<LoadOutcome | null>;

interface WaitingLoad {
  load: ConvertedLoad;
  resolve: (outcome: LoadOutcome) => void;
  reject: (error: unknown) => void;
}

/** A file's place in the order of arrival. */
interface Place {
  /** Set when the file is converted and waits to be loaded. */
  waiting: WaitingLoad | null;
  /** Whether it is being loaded. */
  underWay: boolean;
  /** Set while it is being loaded before it is converted: rolls that back. */
  abandon: (() => void) | null;
}

/** What comes of a group: the function that tells its files, and whether later ones may be committed. */
interface End {
  tell: () => void;
  isDone: boolean;
}

/** A group that is under way. */
interface Run {
  group: Place[];
  /** Whether the server has its rows. */
  isSent: boolean;
  end: Promise<End>;
}

/** A file's claim to be loaded before the files that came after it. */
export interface Turn {
  /**
   * Loads when all earlier files have been loaded or have stepped aside. Rejects as the loader does; may be called again.
   * After trouble that may be its own it has stepped aside, after all other trouble it keeps its place; so it does where rows are
   * refused and it comes again.
   */
  load(load: ConvertedLoad): Promise<LoadOutcome>;
  /**
   * Runs an action that loads this file before it is converted, where all earlier files have been loaded and nothing is
   * under way; else null. An outcome is as one of `load`; where the action resolves with null the file keeps its place.
   * `abandon` is called where it steps aside meanwhile.
   */
  loadNow(action: EarlyAction, abandon: () => void): Promise<LoadOutcome | null> | null;
  /** Lets the later files pass: this one failed, was skipped, or has to wait for something of its own. */
  stepAside(): void;
}

/**
 * Puts the loads of one dataset into the order of arrival, though their conversions end in any order, and into groups:
 * whatever is ready while a group is under way becomes the next one, so a single file is loaded at once and a burst in
 * large transactions, without a timer. The next group may be begun before the last one is committed, but is committed after it; where
 * that comes to nothing it is loaded in its turn.
 */
export class LoadQueue {
  readonly #loadGroup: LoadGroup;
  readonly #loadAhead: LoadAhead | null;
  readonly #loadsMax: number;
  readonly #places = new Set<Place>();
  #busy = false;
  #current: Run | null = null;
  /** The group behind the current one, begun before it is committed. */
  #ahead: Run | null = null;
  #aheadFromMs = 0;

  /** `loadAhead`: null where no group is begun before the one before it is committed. `loadsMax`: the most loads of a group. */
  constructor(
    loadGroup: LoadGroup,
    loadAhead: LoadAhead | null = null,
    loadsMax = GROUP_LOADS_MAX,
  ) {
    this.#loadGroup = loadGroup;
    this.#loadAhead = loadAhead;
    this.#loadsMax = loadsMax;
  }

  /** Takes a place behind all others. */
  enter(): Turn {
    const place: Place = { waiting: null, underWay: false, abandon: null };
    this.#places.add(place);
    return {
      load: (load) =>
        new Promise((resolve, reject) => {
          place.waiting = { load, resolve, reject };
          // A place that had stepped aside is taken again, at the end.
          this.#places.add(place);
          void this.#run();
        }),
      loadNow: (action, abandon) => {
        const [head] = this.#places;
        if (this.#busy || head !== place) return null;
        place.abandon = abandon;
        return this.#loadEarly(place, action);
      },
      stepAside: () => {
        place.abandon?.();
        this.#places.delete(place);
        void this.#run();
      },
    };
  }

  async #run(): Promise<void> {
    if (this.#busy) {
      this.#lookAhead();
      return;
    }
    this.#busy = true;
    let tell = (): void => undefined;
    for (let run = this.#nextRun(); run !== null; run = this.#nextRun()) {
      this.#current = run;
      this.#lookAhead();
      // Only now: whoever is told goes on with its files, for which the server would have to wait.
      tell();
      ({ tell } = await run.end);
    }
    this.#current = null;
    this.#busy = false;
    tell();
  }

  #nextRun(): Run | null {
    const ahead = this.#ahead;
    this.#ahead = null;
    if (ahead !== null) return ahead;
    const group = this.#nextGroup();
    return group.length === 0 ? null : this.#begin(group, this.#loadGroup);
  }

  /**
   * Begins the group behind the current one as soon as the server has the rows of that: it commits them meanwhile. Where all
   * files are converted it is begun at once, because there is a processor left for a second thread of the server.
   */
  #lookAhead(): void {
    const current = this.#current;
    const loadAhead = this.#loadAhead;
    if (current === null || this.#ahead !== null || loadAhead === null) return;
    // One that failed and is tried again goes before those that are under way.
    const [head] = this.#places;
    if (head?.underWay !== true) return;
    if (!current.isSent && !this.#isAllConverted()) return;
    if (performance.now() < this.#aheadFromMs || bytesOf(current.group) > GROUP_BYTES_MAX) return;
    const group = this.#nextGroup();
    const bytes = bytesOf(group);
    if (bytes < AHEAD_BYTES_MIN || bytes > GROUP_BYTES_MAX) return;
    const earlier = current.end.then(({ isDone }) => isDone);
    this.#ahead = this.#begin(group, (loads, onRows) => loadAhead(loads, earlier, onRows));
  }

  #isAllConverted(): boolean {
    for (const { waiting } of this.#places) if (waiting === null) return false;
    return true;
  }

  #begin(
    group: Place[],
    load: (...parameters: Parameters<LoadGroup>) => ReturnType<LoadGroup | LoadAhead>,
  ): Run {
    const onRows = (): void => {
      run.isSent = true;
      this.#lookAhead();
    };
    const run: Run = {
      group,
      isSent: false,
      end: this.#load(group, (loads) => load(loads, onRows)),
    };
    return run;
  }

  async #loadEarly(place: Place, action: EarlyAction): Promise<LoadOutcome | null> {
    this.#busy = true;
    try {
      const outcome = await action();
      if (outcome !== null) this.#places.delete(place);
      return outcome;
    } finally {
      place.abandon = null;
      this.#busy = false;
      void this.#run();
    }
  }

  /** The ready loads at the head, or behind those that are under way, as many as may share a transaction; a large one on its own. */
  #nextGroup(): Place[] {
    const group: Place[] = [];
    let bytes = 0;
    for (const place of this.#places) {
      if (place.underWay) continue;
      if (place.waiting === null || group.length === this.#loadsMax) break;
      bytes += bytesOf([place]);
      if (group.length > 0 && bytes > GROUP_BYTES_MAX) break;
      group.push(place);
    }
    return group;
  }

  /** Takes in what came of a group: who has an outcome leaves its place, unless it comes again. Those behind one that does have none. */
  #take(group: readonly Place[], outcomes: ReadonlyMap<string, LoadOutcome | HeldUpLoad>): End {
    const ended: [WaitingLoad, LoadOutcome | HeldUpLoad][] = [];
    let isDone = true;
    for (const place of group) {
      const { waiting } = place;
      const outcome = waiting === null ? undefined : outcomes.get(waiting.load.loadId);
      if (waiting === null || outcome === undefined) {
        if (isDone) throw new Error(`No outcome for load ${String(waiting?.load.loadId)}`);
        continue;
      }
      ended.push([waiting, outcome]);
      place.waiting = null;
      if (outcome.status === 'refused' && waiting.load.comesAgain === true) isDone = false;
      else this.#places.delete(place);
    }
    const tell = (): void => {
      for (const [{ resolve, reject }, outcome] of ended) {
        if (outcome.status === 'held_up') reject(outcome.error);
        else resolve(outcome);
      }
    };
    return { tell, isDone };
  }

  /** Loads a group. Where nothing comes of it, its loads wait as before. */
  async #load(
    group: Place[],
    load: (loads: ConvertedLoad[]) => ReturnType<LoadGroup | LoadAhead>,
  ): Promise<End> {
    const waiting = group.flatMap((place) => place.waiting ?? []);
    for (const place of group) place.underWay = true;
    try {
      const outcomes = await load(waiting.map(({ load }) => load));
      if (outcomes === null) {
        this.#aheadFromMs = performance.now() + AHEAD_PAUSE_MS;
        return { tell: () => undefined, isDone: false };
      }
      return this.#take(group, new Map(outcomes.map((outcome) => [outcome.loadId, outcome])));
    } catch (error) {
      // They keep their places, so that after the trouble the order is still that of arrival; but one that only waits for
      // itself, for ever perhaps, must not hold up the others.
      const stepsAside = mayBeOfOneLoad(error);
      for (const place of group) {
        place.waiting = null;
        if (stepsAside) this.#places.delete(place);
      }
      const tell = (): void => {
        for (const { reject } of waiting) reject(error);
      };
      return { tell, isDone: false };
    } finally {
      for (const place of group) place.underWay = false;
    }
  }
}

function bytesOf(group: readonly Place[]): number {
  let bytes = 0;
  for (const { waiting } of group) {
    for (const loadFile of waiting?.load.loadFiles ?? []) bytes += loadFile.bytes;
  }
  return bytes;
}
