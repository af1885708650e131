import { stat } from 'node:fs/promises';
import { systemCode } from '../core/environment-error.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { FolderWatch } from './folder-watch.ts';

export interface TendedWatchOptions {
  folder: string;
  sweepMs: number;
  polling: boolean;
  onEvent: () => void;
  /** Called before anything is taken from a folder that is another one than before. */
  onFolder: (() => Promise<void>) | undefined;
  /** Once for each folder that the system does not let be watched. */
  onRefusal: (error: HopperError) => void;
}

/** A watch on the folder that has the name now: one that was deleted and made again is another. */
export class TendedWatch {
  readonly #options: TendedWatchOptions;
  readonly #watch: FolderWatch;
  #folder = '';
  #isRefused = false;
  /** The folder of which it was told that it cannot be watched. */
  #refusalTold = '';

  constructor(options: TendedWatchOptions) {
    this.#options = options;
    this.#watch = new FolderWatch(options.folder, options.polling, options.onEvent, (error) => {
      this.#refuse(error);
    });
  }

  /** Opens it where it is wanted and can be had, and closes it otherwise. Throws what is wrong with the folder, and what `onFolder` throws. */
  async tend(isWanted: boolean): Promise<void> {
    const folder = await stat(this.#options.folder, { bigint: true });
    const identity = [folder.dev, folder.ino, folder.birthtimeNs].join(':');
    if (identity !== this.#folder) {
      this.#isRefused = false;
      await this.#watch.close();
      await this.#options.onFolder?.();
      this.#folder = identity;
    }
    if (!isWanted || this.#isRefused) await this.#watch.close();
    else if (!this.#watch.isOpen) await this.#watch.open();
  }

  /** The folder is in trouble: what has its name later counts as another one. */
  async lose(): Promise<void> {
    this.#folder = '';
    await this.#watch.close();
  }

  async close(): Promise<void> {
    await this.#watch.close();
  }

  #refuse(cause: unknown): void {
    if (this.#isRefused) return;
    this.#isRefused = true;
    if (this.#refusalTold === this.#folder) return;
    this.#refusalTold = this.#folder;
    const { folder, sweepMs, onRefusal } = this.#options;
    onRefusal(
      new HopperError('watch_refused', {
        message: `The system does not let ${folder} be watched (${systemCode(cause) ?? String(cause)}); it is listed every ${sweepMs} ms instead.`,
        details: { folder, system: systemCode(cause) },
        cause,
      }),
    );
  }
}
