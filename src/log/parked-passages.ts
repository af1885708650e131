import type { ErrorCode } from '../errors/catalogue.ts';
import { HopperError } from '../errors/hopper-error.ts';
import type { EventFields, LogEvent } from './log-event.ts';

/** More than are under way at a time; what is beyond waits for the same as others. */
const PASSAGES_MAX = 20_000;

/** Of a file that waits. */
export interface ParkedPassage {
  /** Null for what could not be claimed, and still waits in the input folder, and for what is about no file. */
  dataset: string | null;
  code: ErrorCode;
  sinceMs: number;
}

/** What an event changes. */
export interface ParkedChange {
  /** What no longer waits, or waits for something else now. */
  over: readonly ParkedPassage[];
  begun: ParkedPassage | null;
}

const nothing: ParkedChange = { over: [], begun: null };

/** After which it goes on, or has ended. */
const goingOn: readonly LogEvent[] = [
  ...(['found', 'claimed', 'resumed', 'finished', 'failed', 'skipped'] as const),
];

/** What waits for something that is not its fault, told from the events of the log. */
export class ParkedPassages {
  readonly #passages = new Map<string, ParkedPassage>();

  get all(): Iterable<ParkedPassage> {
    return this.#passages.values();
  }

  hear(event: LogEvent, fields: EventFields): ParkedChange {
    const { file = '', loadId = '' } = fields;
    const key = `${file}/${loadId}`;
    if (event === 'parked') return this.#park(key, fields);
    if (!goingOn.includes(event)) return nothing;
    // It may have been parked before its load was known.
    const keys = event === 'resumed' ? [key] : [key, `${file}/`];
    return { over: keys.flatMap((one) => this.#take(one)), begun: null };
  }

  #park(key: string, fields: EventFields): ParkedChange {
    const { err } = fields;
    // A note of the log about itself has no error of ours.
    if (!(err instanceof HopperError)) return nothing;
    const { code } = err;
    const dataset = fields.dataset ?? null;
    const known = this.#passages.get(key);
    if (known?.code === code && known.dataset === dataset) return nothing;
    if (known === undefined && this.#passages.size >= PASSAGES_MAX) return nothing;
    const begun = { dataset, code, sinceMs: Date.now() };
    this.#passages.set(key, begun);
    return { over: known === undefined ? [] : [known], begun };
  }

  #take(key: string): ParkedPassage[] {
    const passage = this.#passages.get(key);
    this.#passages.delete(key);
    return passage === undefined ? [] : [passage];
  }
}
