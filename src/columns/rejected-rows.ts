import type { Problem } from '../core/problem.ts';
import { WorkLines } from '../core/work-lines.ts';

/** A row of a source that broke a rule. Plain data. */
export interface RejectedRow {
  /** Where it stands in the source, with its line end. */
  position: number;
  bytes: number;
  /** Counts as those of the problems. */
  line: number;
  /** The first of its problems. */
  problems: Problem[];
  problemsTotal: number;
}

/** Of a row of thousands of broken cells the first ones say enough. */
const PROBLEMS_MAX = 20;

/**
 * The rows of a part of a source that are diverted, with what is wrong with each, in a file in the order of the source. Memory
 * holds those of one block. The file is made when there is a first one.
 */
export class RejectedRows {
  readonly #lines: WorkLines;
  /** Those of the block at hand, by position: malformed rows are found before the cells of the others. */
  readonly #block = new Map<number, RejectedRow>();

  constructor(path: string) {
    this.#lines = new WorkLines(path);
  }

  /** Takes a problem of the row that stands there; its others may come before and after. */
  add(position: number, bytes: number, line: number, problem: Problem): void {
    const row = this.#block.get(position);
    if (row === undefined) {
      const first = { position, bytes, line, problems: [problem], problemsTotal: 1 };
      this.#block.set(position, first);
      return;
    }
    row.problemsTotal++;
    if (row.problems.length < PROBLEMS_MAX) row.problems.push(problem);
  }

  /** All problems of the rows so far have been given. */
  endBlock(): void {
    if (this.#block.size === 0) return;
    const rows = [...this.#block.values()].sort((a, b) => a.position - b.position);
    this.#block.clear();
    for (const row of rows) this.#lines.add(row);
  }

  /** Completes the file; how many rows are in it. None: there is no file. */
  finish(): number {
    this.endBlock();
    return this.#lines.finish();
  }

  close(): void {
    this.#lines.close();
  }
}
