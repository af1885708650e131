import type { RowsBeyond } from './duplicate-rows.ts';
import { positionAt, ROW_WORDS, SpillFile } from './spill-file.ts';

/** Looks up rows for which the table of fingerprints has no room in the file where those that repeat others are marked. */
export class RepeatedRows implements RowsBeyond {
  rows = 0;
  readonly #path: string;
  #at: number;
  #file: SpillFile | null = null;
  /** Up to this position in the source it is known which rows are repeated. */
  #lastPosition = -1;
  readonly #repeated = new Set<number>();

  /** `at`: where in the file at `path` the run with the first row that is asked for stands. */
  constructor(path: string, at: number) {
    this.#path = path;
    this.#at = at;
  }

  /** Rows must be asked for in the order of the source. */
  isRepeated(_first: number, _second: number, position: number): boolean {
    while (position > this.#lastPosition) this.#readRun();
    this.rows++;
    return this.#repeated.has(position);
  }

  finish(): number {
    return this.#at;
  }

  close(): void {
    this.#file?.close();
    this.#file = null;
  }

  #readRun(): void {
    this.#file ??= new SpillFile(this.#path, false);
    const run = this.#file.runAt(this.#at);
    if (run === null) throw new Error('A row was not spilled that has no room in the table.');
    const rows = this.#file.readRows(run, 0, run.rows);
    this.#repeated.clear();
    for (let at = 0; at < rows.length; at += ROW_WORDS) {
      if (rows[at + 4]! < 0) this.#repeated.add(positionAt(rows, at + 2));
    }
    this.#lastPosition = run.lastPosition;
    this.#at = run.next;
  }
}
