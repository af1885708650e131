import { catalogue, type ErrorCode } from '../errors/catalogue.ts';
import { HopperError } from '../errors/hopper-error.ts';
import type { EventFields, LogEvent } from '../log/log-event.ts';

/** More files than are under way at a time. */
const FILES_MAX = 20_000;

/** A file that cannot be claimed is tried again, and told of again, every 10 s. */
const CLAIM_TROUBLE_MS = 30_000;

/** Something that files wait for. */
export interface Trouble {
  code: ErrorCode;
  /** How many. */
  files: number;
  /** Since when the first of them does: ISO 8601, UTC. */
  since: string;
}

interface ParkedFile {
  dataset: string;
  code: ErrorCode;
  sinceMs: number;
}

const ends: readonly LogEvent[] = ['resumed', 'finished', 'failed', 'skipped'];

/** The files that wait for something that is not their fault, made from the events of the log. */
export class ParkedFiles {
  readonly #files = new Map<string, ParkedFile>();
  #claimTrouble: { error: HopperError; heardMs: number } | null = null;

  /** For the conversion log. */
  hear(event: LogEvent, { file, dataset, loadId, bytes, err }: EventFields): void {
    if (file === undefined) return;
    if (dataset === undefined) {
      if (event === 'found' && bytes !== undefined) this.#claimTrouble = null;
      // One that cannot be read may be the only one of its kind.
      if (event !== 'parked' || !(err instanceof HopperError)) return;
      if (err.code !== 'source_unreadable') {
        this.#claimTrouble = { error: err, heardMs: performance.now() };
      }
      return;
    }
    const key = `${file}/${loadId ?? ''}`;
    if (event === 'parked') {
      if (!(err instanceof HopperError) || this.#files.size >= FILES_MAX) return;
      this.#files.set(key, { dataset, code: err.code, sinceMs: Date.now() });
    } else if (ends.includes(event)) {
      this.#files.delete(key);
      // It may have been parked before its load was known.
      if (event !== 'resumed') this.#files.delete(`${file}/`);
    }
  }

  /** What keeps files from being taken; null where nothing does. */
  get claimTrouble(): HopperError | null {
    const trouble = this.#claimTrouble;
    if (trouble === null) return null;
    return performance.now() - trouble.heardMs > CLAIM_TROUBLE_MS ? null : trouble.error;
  }

  /** How many files of a dataset wait. */
  countOf(dataset: string): number {
    let count = 0;
    for (const file of this.#files.values()) if (file.dataset === dataset) count++;
    return count;
  }

  get troubles(): Trouble[] {
    const byCode = new Map<ErrorCode, { files: number; sinceMs: number }>();
    for (const { code, sinceMs } of this.#files.values()) {
      const trouble = byCode.get(code) ?? { files: 0, sinceMs };
      trouble.files++;
      trouble.sinceMs = Math.min(trouble.sinceMs, sinceMs);
      byCode.set(code, trouble);
    }
    return [...byCode].map(([code, { files, sinceMs }]) => ({
      ...{ code, files, since: new Date(sinceMs).toISOString() },
    }));
  }
}

/** What there is to say of a trouble, in the catalogue's words. */
export function describeTrouble({ code, files, since }: Trouble): Trouble & {
  message: string;
  hint: string;
} {
  const { summary: message, hint } = catalogue[code];
  return { code, files, since, message, hint };
}
