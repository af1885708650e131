import { existsSync } from 'node:fs';
import type { RefusedRows } from '../columns/row-places.ts';
import type { Problem } from '../core/problem.ts';
import { WorkLines } from '../core/work-lines.ts';
import type { RefusedByTable } from './conversion.ts';
import { pieceFilePath } from './piece-files.ts';
import {
  readPlaces,
  readPositions,
  type RefusedPlace,
  type RefusedPosition,
} from './refused-places.ts';

/** Goes through a file once, one entry at a time. */
class Cursor<Entry> {
  readonly #entries: Generator<Entry> | null;
  next: Entry | null = null;

  constructor(entries: Generator<Entry> | null) {
    this.#entries = entries;
    this.move();
  }

  move(): void {
    const found = this.#entries?.next();
    this.next = found === undefined || found.done === true ? null : found.value;
  }

  close(): void {
    this.#entries?.return(undefined);
  }
}

/**
 * Tells which accepted rows of a piece a table has refused, after duplicates are dropped and keys compared: so a row that is refused
 * still stands for those that repeat it, and what is accepted is what was accepted before, without it. They go to a file, in the order of
 * the source.
 */
export class PieceRefusals implements RefusedRows {
  readonly #knownPath: string | null;
  /** Null until the first row has said where the piece begins: to read the list from its beginning for each piece took half of the time. */
  #known: Cursor<RefusedPosition> | null = null;
  readonly #fresh: Cursor<RefusedPlace>;
  readonly #path: string;
  readonly #found: WorkLines;
  /** Place of the next row among those that are not refused by its position. */
  #row = 0;

  constructor({ known, fresh, scratch }: RefusedByTable, piece: number) {
    this.#knownPath = known;
    const places = fresh === null ? null : pieceFilePath(fresh, piece);
    this.#fresh = new Cursor(places === null || !existsSync(places) ? null : readPlaces(places));
    this.#path = pieceFilePath(scratch, piece);
    this.#found = new WorkLines(this.#path);
  }

  /** How many there are so far. */
  get count(): number {
    return this.#found.count;
  }

  isRefused(position: number, bytes: number): boolean {
    const problems = this.#problemsOf(position);
    if (problems === null) return false;
    const row: RefusedPosition = { position, bytes, problems };
    this.#found.add(row);
    return true;
  }

  /** Completes the file; its path, or null where there are none. */
  finish(): string | null {
    return this.#found.finish() === 0 ? null : this.#path;
  }

  close(): void {
    this.#known?.close();
    this.#fresh.close();
    this.#found.close();
  }

  /** What the table has against the row at this position; null: nothing. */
  #problemsOf(position: number): Problem[] | null {
    const path = this.#knownPath;
    this.#known ??= new Cursor(path === null ? null : readPositions(path, position));
    const known = this.#known;
    // Those of rows before this one, and those that other rules reject by now.
    while (known.next !== null && known.next.position < position) known.move();
    if (known.next?.position === position) return known.next.problems;
    const fresh = this.#fresh;
    if (fresh.next?.row !== this.#row++) return null;
    const { problems } = fresh.next;
    fresh.move();
    return problems;
  }
}
