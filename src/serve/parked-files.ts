import { catalogue, type ErrorCode } from '../errors/catalogue.ts';
import { HopperError } from '../errors/hopper-error.ts';
import type { EventFields, LogEvent } from '../log/log-event.ts';
import { type ParkedPassage, ParkedPassages } from '../log/parked-passages.ts';

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

/** The files that wait for something that is not their fault, made from the events of the log. */
export class ParkedFiles {
  readonly #passages = new ParkedPassages();
  #claimTrouble: { error: HopperError; heardMs: number } | null = null;

  /** For the conversion log. */
  hear(event: LogEvent, fields: EventFields): void {
    this.#passages.hear(event, fields);
    const { file, dataset, bytes, err } = fields;
    if (file === undefined || dataset !== undefined) return;
    if (event === 'found' && bytes !== undefined) this.#claimTrouble = null;
    // One that cannot be read may be the only one of its kind.
    if (event !== 'parked' || !(err instanceof HopperError) || err.code === 'source_unreadable')
      return;
    this.#claimTrouble = { error: err, heardMs: performance.now() };
  }

  /** What keeps files from being taken; null where nothing does. */
  get claimTrouble(): HopperError | null {
    const trouble = this.#claimTrouble;
    if (trouble === null) return null;
    return performance.now() - trouble.heardMs > CLAIM_TROUBLE_MS ? null : trouble.error;
  }

  /** How many files of a dataset wait. */
  countOf(dataset: string): number {
    return this.#claimed.filter((passage) => passage.dataset === dataset).length;
  }

  get troubles(): Trouble[] {
    const byCode = new Map<ErrorCode, { files: number; sinceMs: number }>();
    for (const { code, sinceMs } of this.#claimed) {
      const trouble = byCode.get(code) ?? { files: 0, sinceMs };
      trouble.files++;
      trouble.sinceMs = Math.min(trouble.sinceMs, sinceMs);
      byCode.set(code, trouble);
    }
    return [...byCode].map(([code, { files, sinceMs }]) => ({
      ...{ code, files, since: new Date(sinceMs).toISOString() },
    }));
  }

  get #claimed(): ParkedPassage[] {
    return [...this.#passages.all].filter(({ dataset }) => dataset !== null);
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
