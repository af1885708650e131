import { compareNaturally } from './natural-order.ts';
import type { FileMark } from './observation.ts';

/** When a file came, as far as its inode tells, and its name. */
export type Arrival = readonly [name: string, mark: Pick<FileMark, 'ctimeNs'>];

/** By the time of arrival, then by name. */
export function byArrival([a, { ctimeNs: aNs }]: Arrival, [b, { ctimeNs: bNs }]: Arrival): number {
  if (aNs !== bNs) return aNs < bNs ? -1 : 1;
  return compareNaturally(a, b);
}

/**
 * The names of a large backlog in the order of arrival. To find the first of them each file has to be looked at, so that is done once
 * for `max` files and not for each few that are drawn: of 100,000 files that came at once, half of the daemon's time went
 * into looks at those that were not to be taken yet.
 *
 * What comes later has a later time, and so has what changed meanwhile: both are behind all that stand in line, and are found by the
 * next look.
 */
export class ArrivalLine {
  readonly #look: (name: string) => Promise<FileMark | null>;
  readonly #max: number;
  /** The next one last. */
  #line: Arrival[] = [];

  /** `look`: null where no regular file has the name. `max`: how many names are remembered. */
  constructor(look: (name: string) => Promise<FileMark | null>, max: number) {
    this.#look = look;
    this.#max = max;
  }

  /** Takes the first out of the line, each as it is now. `waiting`: all that wait; what is not among them has gone. */
  async draw(waiting: readonly string[], count: number): Promise<[string, FileMark][]> {
    const names = new Set(waiting);
    const drawn: [string, FileMark][] = [];
    for (let isScanned = false; drawn.length < count;) {
      const next = this.#line.pop();
      if (next === undefined) {
        if (isScanned) break;
        await this.#scan(waiting, new Set(drawn.map(([name]) => name)));
        isScanned = true;
        continue;
      }
      const [name, { ctimeNs }] = next;
      const mark = names.has(name) ? await this.#look(name) : null;
      if (mark?.ctimeNs === ctimeNs) drawn.push([name, mark]);
    }
    return drawn;
  }

  clear(): void {
    this.#line = [];
  }

  async #scan(waiting: readonly string[], drawn: ReadonlySet<string>): Promise<void> {
    const first: Arrival[] = [];
    for (const name of waiting) {
      const mark = drawn.has(name) ? null : await this.#look(name);
      if (mark !== null) first.push([name, { ctimeNs: mark.ctimeNs }]);
      if (first.length >= 2 * this.#max) this.#keepFirst(first);
    }
    this.#keepFirst(first);
    this.#line = first.reverse();
  }

  #keepFirst(arrivals: Arrival[]): void {
    arrivals.sort(byArrival);
    arrivals.length = Math.min(arrivals.length, this.#max);
  }
}
