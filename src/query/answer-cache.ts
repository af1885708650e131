import type { QueryAnswer } from './query-job.ts';

/** An answer, and of which versions of which datasets it was made. */
export interface KeptAnswer extends QueryAnswer {
  versions: ReadonlyMap<string, string>;
}

/** How somebody asks for an answer. */
export interface Asked {
  /** Whether a kept answer still holds. */
  holds: (answer: KeptAnswer) => Promise<boolean>;
  /** The versions of all datasets now: what is asked for under the same ones is found out once. */
  moment: () => Promise<ReadonlyMap<string, string>>;
  find: (versions: ReadonlyMap<string, string>) => Promise<KeptAnswer>;
}

/**
 * Answers by what was asked, up to so many bytes; those that were not asked for again go first. Of what is asked for while it is found
 * out, there is one search.
 */
export class AnswerCache {
  readonly #bytesMax: number;
  readonly #kept = new Map<string, KeptAnswer>();
  readonly #searches = new Map<string, Promise<KeptAnswer>>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  async get(key: string, { holds, moment, find }: Asked): Promise<KeptAnswer> {
    const kept = this.#kept.get(key);
    if (kept !== undefined && (await holds(kept))) {
      this.#touch(key, kept);
      return kept;
    }
    const versions = await moment();
    const search = JSON.stringify([key, ...versions]);
    return this.#searches.get(search) ?? this.#search(search, key, () => find(versions));
  }

  get bytes(): number {
    return this.#bytes;
  }

  #search(name: string, key: string, find: () => Promise<KeptAnswer>): Promise<KeptAnswer> {
    const search = find()
      .then((answer) => {
        if (answer.isStable) this.#keep(key, answer);
        return answer;
      })
      .finally(() => this.#searches.delete(name));
    this.#searches.set(name, search);
    return search;
  }

  /** The one that was asked for last is the last in the map. */
  #touch(key: string, answer: KeptAnswer): void {
    if (this.#kept.get(key) !== answer) return;
    this.#kept.delete(key);
    this.#kept.set(key, answer);
  }

  #keep(key: string, answer: KeptAnswer): void {
    this.#drop(key);
    this.#kept.set(key, answer);
    this.#bytes += sizeOf(key, answer);
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#bytesMax) break;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    const answer = this.#kept.get(key);
    if (answer === undefined) return;
    this.#kept.delete(key);
    this.#bytes -= sizeOf(key, answer);
  }
}

/** At most, and with something for what holds it: texts take one byte for each character, or two. */
function sizeOf(key: string, { body }: KeptAnswer): number {
  return 2 * (key.length + body.length) + 500;
}
