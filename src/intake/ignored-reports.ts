import type { IgnoredEntry } from './folder-listing.ts';

/** How many ignored entries are remembered as reported; the turn of any others comes when these are gone. */
const REPORTED_MAX = 4096;

/** How many are kept for whoever asks. */
const LEFT_ALONE_MAX = 100;

/** Tells of each ignored entry once, for as long as it lies there for the same reason. */
export class IgnoredReports {
  readonly #tell: (name: string, reason: string, refused: boolean) => void;
  #reported = new Set<string>();
  /** The first of them, those that some dataset wants before the others. */
  leftAlone: readonly IgnoredEntry[] = [];

  constructor(tell: (name: string, reason: string, refused: boolean) => void) {
    this.#tell = tell;
  }

  /** `refused`: those that some dataset wants. */
  report(listed: readonly IgnoredEntry[], refused: readonly IgnoredEntry[]): void {
    this.leftAlone = [...refused, ...listed].slice(0, LEFT_ALONE_MAX);
    const still = new Set<string>();
    const tellNew = (entries: readonly IgnoredEntry[], isRefused: boolean): void => {
      for (const { name, reason } of entries) {
        if (still.size === REPORTED_MAX) return;
        const entry = `${name}/${reason}`;
        still.add(entry);
        if (!this.#reported.has(entry)) this.#tell(name, reason, isRefused);
      }
    };
    tellNew(listed, false);
    tellNew(refused, true);
    this.#reported = still;
  }
}
