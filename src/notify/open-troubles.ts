import { catalogue, type ErrorCode } from '../errors/catalogue.ts';
import { HopperError } from '../errors/hopper-error.ts';
import type { EventFields, LogEvent } from '../log/log-event.ts';
import type { NoticeTrouble } from './notice-group.ts';

export interface OpenTrouble extends Pick<NoticeTrouble, 'code' | 'dataset' | 'since'> {
  /** When its beginning was told of last: ISO 8601, UTC. */
  toldAt: string;
}

/**
 * Trouble that is still there is told of again when another file comes to wait for it so long after. Also the way out where the file for
 * which it began was taken away by its sender, of which no event tells.
 */
const REMIND_MS = 86_400_000;

/** More files than are under way at a time; what is beyond waits for the same trouble as others. */
const WAITING_MAX = 20_000;

const ends: readonly LogEvent[] = ['finished', 'failed', 'skipped'];

export interface TroubleChange {
  event: 'parked' | 'resumed';
  trouble: OpenTrouble;
}

/**
 * Makes of the files that are parked and go on the troubles that they wait for: one for each error code, and for each dataset where
 * it is the dataset's own. It begins with the first file that waits for it, and is over when none does.
 */
export class OpenTroubles {
  readonly #open = new Map<string, OpenTrouble & { waiting: number }>();
  /** For what each file waits. */
  readonly #files = new Map<string, string>();

  /** `left`: those that were open when the last run ended. */
  constructor(left: readonly OpenTrouble[] = []) {
    for (const trouble of left) {
      if (Object.hasOwn(catalogue, trouble.code)) {
        this.#open.set(keyOf(trouble), { ...trouble, waiting: 0 });
      }
    }
  }

  /** Those that are open, to go on with after a restart. */
  get list(): OpenTrouble[] {
    return [...this.#open.values()].map(({ code, dataset, since, toldAt }) => ({
      ...{ code, dataset, since, toldAt },
    }));
  }

  /** What an event of the log changes. */
  hear(event: LogEvent, fields: EventFields, time: string): TroubleChange[] {
    const file = `${fields.file ?? ''}/${fields.loadId ?? ''}`;
    if (event === 'parked') {
      const { err } = fields;
      return err instanceof HopperError ? this.#park(file, err.code, fields, time) : [];
    }
    if (event === 'found' || event === 'resumed') return this.#goOn(file);
    if (!ends.includes(event)) return [];
    // It may have been parked before its load was known.
    const over = [...this.#goOn(file), ...this.#goOn(`${fields.file ?? ''}/`)];
    return event === 'finished' ? [...over, ...this.#closeLeft(fields.dataset ?? null)] : over;
  }

  #park(file: string, code: ErrorCode, { dataset }: EventFields, time: string): TroubleChange[] {
    const isOwn = catalogue[code].fault === 'configuration';
    const trouble = { code, dataset: isOwn ? (dataset ?? null) : null, since: time, toldAt: time };
    const key = keyOf(trouble);
    if (this.#files.get(file) === key) return [];
    if (this.#files.size >= WAITING_MAX) return [];
    const over = this.#goOn(file);
    this.#files.set(file, key);
    const open = this.#open.get(key);
    if (open !== undefined) {
      open.waiting++;
      if (Date.parse(time) - Date.parse(open.toldAt) < REMIND_MS) return over;
      open.toldAt = time;
      return [...over, { event: 'parked', trouble: open }];
    }
    this.#open.set(key, { ...trouble, waiting: 1 });
    return [...over, { event: 'parked', trouble }];
  }

  #goOn(file: string): TroubleChange[] {
    const key = this.#files.get(file);
    if (key === undefined) return [];
    this.#files.delete(file);
    const open = this.#open.get(key);
    if (open === undefined) return [];
    open.waiting--;
    return open.waiting > 0 ? [] : this.#close(key, open);
  }

  /** What an earlier run left open, and no file waits for now, is over when a file has come through. */
  #closeLeft(dataset: string | null): TroubleChange[] {
    return [...this.#open].flatMap(([key, open]) =>
      open.waiting === 0 && (open.dataset === null || open.dataset === dataset)
        ? this.#close(key, open)
        : [],
    );
  }

  #close(key: string, trouble: OpenTrouble): TroubleChange[] {
    this.#open.delete(key);
    return [{ event: 'resumed', trouble }];
  }
}

function keyOf({ code, dataset }: OpenTrouble): string {
  return `${code}/${dataset ?? ''}`;
}
