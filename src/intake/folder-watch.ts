import { resolve } from 'node:path';
import type { FSWatcher } from 'chokidar';

/** How often a mount without events is asked whether its folder changed. */
const POLL_MS = 250;

/**
 * Tells that something happened in a folder, and nothing more: which names there are and what they are, the sweep finds
 * out. chokidar watches the folder's own inode alone, because a watch on every file costs an inotify watch and a
 * chokidar record each, and its raw events tell of names that are not UTF-8 too, which its add and change do not.
 */
export class FolderWatch {
  readonly #folder: string;
  readonly #polling: boolean;
  readonly #onEvent: () => void;
  readonly #onError: (error: unknown) => void;
  #watcher: FSWatcher | null = null;

  /** `onError` is called when the system refuses or ends the watch, as it does with ENOSPC at the inotify limits. */
  constructor(
    folder: string,
    polling: boolean,
    onEvent: () => void,
    onError: (error: unknown) => void,
  ) {
    this.#folder = resolve(folder);
    this.#polling = polling;
    this.#onEvent = onEvent;
    this.#onError = onError;
  }

  get isOpen(): boolean {
    return this.#watcher !== null;
  }

  /** Resolves once events are on their way, or the error has been told. */
  async open(): Promise<void> {
    const { FSWatcher } = await import('chokidar');
    const watcher = new FSWatcher({
      depth: 0,
      ignoreInitial: true,
      atomic: false,
      usePolling: this.#polling,
      interval: POLL_MS,
      ignored: (path) => resolve(path) !== this.#folder,
    });
    this.#watcher = watcher;
    await new Promise<void>((done) => {
      watcher.on('raw', this.#onEvent);
      watcher.on('error', (error) => {
        this.#onError(error);
        done();
      });
      watcher.on('ready', done);
      watcher.add(this.#folder);
    });
    if (!this.#polling) return;
    // What comes before the poller's first look is part of it, and no event tells of that.
    const again = setTimeout(() => {
      if (this.#watcher === watcher) this.#onEvent();
    }, 2 * POLL_MS);
    again.unref();
  }

  async close(): Promise<void> {
    const watcher = this.#watcher;
    this.#watcher = null;
    await watcher?.close();
  }
}
