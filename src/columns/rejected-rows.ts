import { closeSync, writeSync } from 'node:fs';
import type { Problem } from '../core/problem.ts';
import { createWorkFile } from '../core/work-file.ts';

/** A row of a source that broke a rule. Plain data, a line of JSON in the file that RejectedRows writes. */
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

const BUFFER_BYTES = 1 << 18;

/**
 * The rows of a part of a source that are diverted, with what is wrong with each, in a file in the order of the source. Memory
 * holds those of one block. The file is made when there is a first one.
 */
export class RejectedRows {
  readonly #path: string;
  /** Those of the block at hand, by position: malformed rows are found before the cells of the others. */
  readonly #block = new Map<number, RejectedRow>();
  #fd: number | null = null;
  #waiting: string[] = [];
  #waitingBytes = 0;
  #rows = 0;

  constructor(path: string) {
    this.#path = path;
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
    this.#rows += rows.length;
    for (const row of rows) {
      const line = `${JSON.stringify(row)}\n`;
      this.#waiting.push(line);
      this.#waitingBytes += line.length;
    }
    if (this.#waitingBytes > BUFFER_BYTES) this.#write();
  }

  /** Completes the file; how many rows are in it. None: there is no file. */
  finish(): number {
    this.endBlock();
    if (this.#rows > 0) this.#write();
    this.close();
    return this.#rows;
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }

  #write(): void {
    this.#fd ??= createWorkFile(this.#path);
    const bytes = Buffer.from(this.#waiting.join(''));
    for (let at = 0; at < bytes.length;) at += writeSync(this.#fd, bytes, at);
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}
