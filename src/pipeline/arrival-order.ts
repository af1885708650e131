import { HopperError } from '../errors/hopper-error.ts';
import type { Dataset } from '../schema/dataset.ts';
import type { Outcome, Passage } from './passage.ts';

/** A file's place behind those that it must not overtake. */
export interface OrderedPlace {
  /** Where the file before it ended; null where there is none. */
  before: Promise<Outcome> | null;
  /** This one has ended, and the next may go on if all before have. After the first call of either, others do nothing. */
  leave(outcome: Outcome): void;
  /** Gives the place up, before the end: the next one then stands behind the one before. */
  stepOut(): void;
}

/**
 * Where a file changes rows of files before it, which one is the newest is the order of arrival, so one must not overtake
 * another, however long it waits: with `replace` another version of itself, with `upsert` any file of its dataset. The queue
 * of loads does not do: there a file in trouble lets others pass.
 */
export class ArrivalOrder {
  readonly #last = new Map<string, Promise<Outcome>>();

  /** Takes the place behind all others of the same key; null is the key of files that may overtake one another. */
  enter(key: string | null): OrderedPlace | null {
    if (key === null) return null;
    const before = this.#last.get(key) ?? null;
    let end!: (outcome: Outcome | Promise<Outcome>) => void;
    const ended = new Promise<Outcome>((resolve) => {
      end = resolve;
    });
    this.#last.set(key, ended);
    void ended.then((outcome) => {
      // One that waits for the next start is waited for until then.
      if (outcome !== 'waiting' && this.#last.get(key) === ended) this.#last.delete(key);
    });
    return {
      before,
      // Not before the one before has ended: whoever waits for this one waits for all of them.
      leave: (outcome) => {
        end(before?.then((former) => (former === 'waiting' ? former : outcome)) ?? outcome);
      },
      stepOut: () => {
        end(before ?? 'skipped');
      },
    };
  }
}

/** What a file of the dataset must not overtake has the same key. */
export function orderKey({ name, write }: Dataset, file: string, hasTable: boolean): string | null {
  switch (write.mode) {
    case 'append':
      return null;
    case 'replace':
      return `${name}/${file}`;
    case 'upsert':
      // Without a table nothing is changed: each file is one more Parquet file.
      return hasTable ? name : null;
  }
}

/** Waits until the file before it has ended. Throws earlier_waits where that one waits for the next start. */
export async function earlierEnded(passage: Passage): Promise<void> {
  const { place, claim } = passage;
  if (place?.before == null) return;
  passage.freeConversion();
  if ((await place.before) !== 'waiting') return;
  throw new HopperError('earlier_waits', {
    message: `${claim.file} waits behind an earlier file of dataset ${passage.dataset.name}, which waits for the next start.`,
  });
}
