import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { asHopperError } from '../core/environment-error.ts';
import { ByteWriter } from './byte-writer.ts';

/** Pages are gathered up to this size, so that small ones cost no system call each. */
const FLUSH_BYTES = 256 * 1024;

/**
 * A file that is written from its start to its end, synchronously. Throws disk_full, folder_unusable or io_failed;
 * after that it can only be discarded.
 */
export class OutputFile {
  readonly path: string;
  readonly #buffer = new ByteWriter(FLUSH_BYTES);
  #flushedBytes = 0;
  #descriptor: number | null;

  /** Creates the file, or empties the one that an earlier attempt left. */
  constructor(path: string) {
    this.path = path;
    this.#descriptor = this.#attempt(() => openSync(path, 'w'));
  }

  /** How many bytes were written so far: where the next one comes to lie. */
  get position(): number {
    return this.#flushedBytes + this.#buffer.length;
  }

  write(bytes: Uint8Array): void {
    this.#buffer.writeBytes(bytes);
    if (this.#buffer.length >= FLUSH_BYTES) this.#flush();
  }

  /** Makes the content durable and closes the file. Its name is not durable before its folder is fsynced. */
  finish(): void {
    this.#flush();
    const descriptor = this.#open();
    this.#attempt(() => {
      fsyncSync(descriptor);
    });
    this.#close();
  }

  /** Closes and removes the file. Does nothing where it is closed and gone. */
  discard(): void {
    try {
      this.#close();
    } finally {
      this.#attempt(() => {
        rmSync(this.path, { force: true });
      });
    }
  }

  #flush(): void {
    const descriptor = this.#open();
    const bytes = this.#buffer.written();
    this.#attempt(() => {
      // A disk that fills up takes a part first, and refuses the rest in the next call.
      for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done);
    });
    this.#flushedBytes += bytes.length;
    this.#buffer.clear();
  }

  #close(): void {
    const descriptor = this.#descriptor;
    if (descriptor === null) return;
    // Whatever close answers, the descriptor is gone and may soon be another file's.
    this.#descriptor = null;
    this.#attempt(() => {
      closeSync(descriptor);
    });
  }

  #open(): number {
    if (this.#descriptor === null) throw new Error(`${this.path} is closed.`);
    return this.#descriptor;
  }

  #attempt<Result>(action: () => Result): Result {
    try {
      return action();
    } catch (error) {
      // Errors of a descriptor do not know the file that it stands for.
      if (error instanceof Error) Object.assign(error, { path: this.path });
      throw asHopperError(error);
    }
  }
}
