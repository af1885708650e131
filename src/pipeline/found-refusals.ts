import { rmSync } from 'node:fs';
import type { LoadFile } from '../core/load.ts';
import type { Problem } from '../core/problem.ts';
import type { Refusals } from '../core/refusals.ts';
import { WorkLines } from '../core/work-lines.ts';
import { pieceFilePath } from './piece-files.ts';
import type { RefusedPlace } from './refused-places.ts';

/** The rows of a load that its table refuses, in a transient file for each piece of the conversion that they came from. */
export class FoundRefusals implements Refusals {
  readonly rowsMax: number;
  readonly path: string;
  /** How many there are. */
  count = 0;
  readonly #loadFiles: readonly LoadFile[];
  #lines: WorkLines | null = null;
  #piece = 0;
  /** Place in the load of the first row of the piece. */
  #firstRow = 0;

  constructor(path: string, loadFiles: readonly LoadFile[], rowsMax: number) {
    this.path = path;
    this.#loadFiles = loadFiles;
    this.rowsMax = Math.max(1, rowsMax);
  }

  begin(): void {
    this.remove();
    this.count = 0;
    this.#piece = 0;
    this.#firstRow = 0;
  }

  add(row: number, problems: Problem[]): void {
    for (let { rows } = this.#pieceAt(); row >= this.#firstRow + rows; { rows } = this.#pieceAt()) {
      this.finish();
      this.#firstRow += rows;
      this.#piece++;
    }
    this.#lines ??= new WorkLines(pieceFilePath(this.path, this.#piece));
    const place: RefusedPlace = { row: row - this.#firstRow, problems };
    this.#lines.add(place);
    this.count++;
  }

  /** Completes the files. */
  finish(): void {
    this.#lines?.finish();
    this.#lines = null;
  }

  remove(): void {
    this.#lines?.close();
    this.#lines = null;
    for (const piece of this.#loadFiles.keys())
      rmSync(pieceFilePath(this.path, piece), { force: true });
  }

  #pieceAt(): LoadFile {
    const loadFile = this.#loadFiles[this.#piece];
    if (loadFile === undefined) throw new Error('A row was refused that no load file has');
    return loadFile;
  }
}
