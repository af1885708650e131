import { catalogue } from '../errors/catalogue.ts';
import type { EventFields, LogEvent } from '../log/log-event.ts';
import { type ParkedPassage, ParkedPassages } from '../log/parked-passages.ts';
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
  readonly #parked = new ParkedPassages();

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
    const { over, begun } = this.#parked.hear(event, fields);
    const changes = over.flatMap((passage) => this.#goOn(passage));
    if (begun !== null) changes.push(...this.#park(begun, time));
    if (event === 'finished') changes.push(...this.#closeLeft(fields.dataset ?? null));
    return changes;
  }

  #park(passage: ParkedPassage, time: string): TroubleChange[] {
    const { code, dataset } = troubleOf(passage);
    const key = keyOf({ code, dataset });
    const open = this.#open.get(key);
    if (open !== undefined) {
      open.waiting++;
      if (Date.parse(time) - Date.parse(open.toldAt) < REMIND_MS) return [];
      open.toldAt = time;
      return [{ event: 'parked', trouble: open }];
    }
    const trouble = { code, dataset, since: time, toldAt: time };
    this.#open.set(key, { ...trouble, waiting: 1 });
    return [{ event: 'parked', trouble }];
  }

  #goOn(passage: ParkedPassage): TroubleChange[] {
    const key = keyOf(troubleOf(passage));
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

/** Only what is the operator's to correct is a dataset's own. */
function troubleOf({ code, dataset }: ParkedPassage): Pick<OpenTrouble, 'code' | 'dataset'> {
  return { code, dataset: catalogue[code].fault === 'configuration' ? dataset : null };
}

function keyOf({ code, dataset }: Pick<OpenTrouble, 'code' | 'dataset'>): string {
  return `${code}/${dataset ?? ''}`;
}
