import type { RowsBeyond } from './duplicate-rows.ts';
import { ROW_WORDS, setPosition, SpillFile } from './spill-file.ts';

/** A run is written when it has so many rows: 320 KB. */
const RUN_ROWS_MAX = 1 << 14;

/** Writes rows for which the table of fingerprints has no room to a file, to be compared when all have been read. */
export class SpilledRows implements RowsBeyond {
  rows = 0;
  readonly #path: string;
  #at: number;
  #file: SpillFile | null = null;
  #run = new Int32Array(0);
  #length = 0;

  /** `at`: where in the file at `path` to write; 0 makes it. Nothing is written, nor made, where no row is added. */
  constructor(path: string, at: number) {
    this.#path = path;
    this.#at = at;
  }

  /** Keeps the row for later; none is known to be repeated yet. */
  isRepeated(first: number, second: number, position: number, bytes: number): boolean {
    if (this.#run.length === 0) this.#run = new Int32Array(RUN_ROWS_MAX * ROW_WORDS);
    const at = this.#length;
    this.#run[at] = first;
    this.#run[at + 1] = second;
    setPosition(this.#run, at + 2, position);
    this.#run[at + 4] = bytes;
    this.#length += ROW_WORDS;
    this.rows++;
    if (this.#length === this.#run.length) this.#flush();
    return false;
  }

  finish(): number {
    if (this.#length > 0) this.#flush();
    return this.#at;
  }

  close(): void {
    this.#file?.close();
    this.#file = null;
  }

  #flush(): void {
    this.#file ??= new SpillFile(this.#path, this.#at === 0);
    this.#at = this.#file.writeRun(this.#at, this.#run.subarray(0, this.#length));
    this.#length = 0;
  }
}
