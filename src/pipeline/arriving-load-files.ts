import type { LoadFile } from '../core/load.ts';

/**
 * The load files of a source that is converted in pieces: given in any order, read in the order of the source by one reader,
 * which waits for what is not there yet.
 */
export class ArrivingLoadFiles implements AsyncIterable<LoadFile> {
  readonly #byPiece: LoadFile[] = [];
  #ended = false;
  #failure: Error | null = null;
  #wake = (): void => undefined;

  add(piece: number, loadFile: LoadFile): void {
    this.#byPiece[piece] = loadFile;
    this.#wake();
  }

  /** All have been given. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** The reader is not to read on. */
  fail(failure: Error): void {
    this.#failure = failure;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<LoadFile> {
    for (let piece = 0; ; piece++) {
      let loadFile = this.#byPiece[piece];
      while (loadFile === undefined && !this.#ended && this.#failure === null) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        loadFile = this.#byPiece[piece];
      }
      if (this.#failure !== null) throw this.#failure;
      if (loadFile === undefined) return;
      yield loadFile;
    }
  }
}
