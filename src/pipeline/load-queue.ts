import type { ConvertedLoad } from '../core/load.ts';
import { mayBeOfOneLoad } from '../load/server-error.ts';
import type { HeldUpLoad, LoadOutcome } from '../load/table-loader.ts';

/**
 * The most loads, and the most bytes of load files, that share a transaction and a stream. 999 files of 42 KB took 1.32 s
 * of MariaDB's CPU time in groups of 16, 1.31 in groups of 64, 1.27 in groups of 256 and 1.23 as one group, where one bare
 * LOAD DATA took 1.22 (medians of 5 on a busy machine, so 256 and one group are equal); a larger group only has more to do
 * again where rows are refused. Two connections took 1.40: about a tenth less time where nothing is converted beside them,
 * and the order of commits would be lost.
 */
const GROUP_LOADS_MAX = 256;
const GROUP_BYTES_MAX = 16 << 20;

type LoadGroup = (group: readonly ConvertedLoad[]) => Promise<(LoadOutcome | HeldUpLoad)[]>;

type EarlyAction = () => Promise<LoadOutcome | null>;

/** A file's place in the order of arrival. */
interface Place {
  /** Set when the file is converted and waits to be loaded. */
  waiting: {
    load: ConvertedLoad;
    resolve: (outcome: LoadOutcome) => void;
    reject: (error: unknown) => void;
  } | null;
  /** Set while it is being loaded before it is converted: rolls that back. */
  abandon: (() => void) | null;
}

/** A file's claim to be loaded before the files that came after it. */
export interface Turn {
  /**
   * Loads when all earlier files have been loaded or have stepped aside. Rejects as the loader does; may be called again.
   * After trouble that may be its own it has stepped aside, after all other trouble it keeps its place.
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
 * large transactions, without a timer.
 */
export class LoadQueue {
  readonly #loadGroup: LoadGroup;
  readonly #loadsMax: number;
  readonly #places = new Set<Place>();
  #busy = false;

  constructor(loadGroup: LoadGroup, loadsMax = GROUP_LOADS_MAX) {
    this.#loadGroup = loadGroup;
    this.#loadsMax = loadsMax;
  }

  /** Takes a place behind all others. */
  enter(): Turn {
    const place: Place = { waiting: null, abandon: null };
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
    if (this.#busy) return;
    this.#busy = true;
    let tell = (): void => undefined;
    for (let group = this.#nextGroup(); group.length > 0; group = this.#nextGroup()) {
      const loading = this.#loadNow(group);
      // Only now: whoever is told goes on with its files, for which the server would have to wait.
      tell();
      tell = await loading;
    }
    this.#busy = false;
    tell();
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

  /** The ready loads at the head, as many as may share a transaction; a large one on its own. */
  #nextGroup(): Place[] {
    const group: Place[] = [];
    let bytes = 0;
    for (const place of this.#places) {
      if (place.waiting === null || group.length === this.#loadsMax) break;
      for (const loadFile of place.waiting.load.loadFiles) bytes += loadFile.bytes;
      if (group.length > 0 && bytes > GROUP_BYTES_MAX) break;
      group.push(place);
    }
    return group;
  }

  /** Loads a group, and gives the function that tells of each outcome. */
  async #loadNow(group: Place[]): Promise<() => void> {
    const waiting = group.flatMap((place) => place.waiting ?? []);
    try {
      const outcomes = await this.#loadGroup(waiting.map(({ load }) => load));
      const odd = waiting.findIndex(({ load }, i) => outcomes[i]?.loadId !== load.loadId);
      if (odd !== -1) throw new Error(`No outcome for load ${waiting[odd]!.load.loadId}`);
      for (const place of group) this.#places.delete(place);
      return () => {
        for (const [i, { resolve, reject }] of waiting.entries()) {
          const outcome = outcomes[i]!;
          if (outcome.status === 'held_up') reject(outcome.error);
          else resolve(outcome);
        }
      };
    } catch (error) {
      // They keep their places, so that after the trouble the order is still that of arrival; but one that only waits for
      // itself, for ever perhaps, must not hold up the others.
      const stepsAside = mayBeOfOneLoad(error);
      for (const place of group) {
        place.waiting = null;
        if (stepsAside) this.#places.delete(place);
      }
      return () => {
        for (const { reject } of waiting) reject(error);
      };
    }
  }
}
