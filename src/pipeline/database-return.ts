/**
 * Tells whoever waits for the database that it has answered somebody. A file that has been parked for long would otherwise
 * notice by itself only when its pause, of up to 30 s, is over.
 */
export class DatabaseReturn {
  readonly #waiting = new Set<() => void>();

  /** Waits so long, or until the database answers somebody. Rejects with an AbortError when the signal ends it. */
  pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const clear = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        this.#waiting.delete(end);
      };
      const end = (): void => {
        clear();
        resolve();
      };
      const abort = (): void => {
        clear();
        reject(signal.reason as Error);
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener('abort', abort, { once: true });
      this.#waiting.add(end);
    });
  }

  /** The database has answered. */
  announce(): void {
    for (const end of [...this.#waiting]) end();
  }
}
