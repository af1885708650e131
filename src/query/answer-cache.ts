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
  /** `signal`: nobody waits for it any more. */
  find: (versions: ReadonlyMap<string, string>, signal: AbortSignal) => Promise<KeptAnswer>;
}

/** What is being found out, and for how many. */
interface Search {
  found: Promise<KeptAnswer>;
  waiting: number;
  end: AbortController;
}

/**
 * Answers by what was asked, up to so many bytes; those that were not asked for again go first. Of what is asked for while it is found
 * out, there is one search, which ends when the last who waits for it has gone.
 */
export class AnswerCache {
  readonly #bytesMax: number;
  readonly #kept = new Map<string, KeptAnswer>();
  readonly #searches = new Map<string, Search>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** `signal`: whoever asks has gone, and what is returned rejects. */
  async get(
    key: string,
    { holds, moment, find }: Asked,
    signal?: AbortSignal,
  ): Promise<KeptAnswer> {
    const kept = this.#kept.get(key);
    if (kept !== undefined && (await holds(kept))) {
      this.#touch(key, kept);
      return kept;
    }
    const versions = await moment();
    signal?.throwIfAborted();
    const name = JSON.stringify([key, ...versions]);
    const search =
      this.#searches.get(name) ?? this.#search(name, key, (end) => find(versions, end));
    return this.#waitFor(name, search, signal);
  }

  get bytes(): number {
    return this.#bytes;
  }

  #search(name: string, key: string, find: (signal: AbortSignal) => Promise<KeptAnswer>): Search {
    const end = new AbortController();
    const found = find(end.signal)
      .then((answer) => {
        if (answer.isStable) this.#keep(key, answer);
        return answer;
      })
      .finally(() => {
        this.#forget(name, search);
      });
    const search: Search = { found, waiting: 0, end };
    this.#searches.set(name, search);
    return search;
  }

  async #waitFor(name: string, search: Search, signal?: AbortSignal): Promise<KeptAnswer> {
    search.waiting++;
    let leave = (): void => undefined;
    const gone = new Promise<never>((_, reject) => {
      leave = () => {
        reject(new Error('Who asked has gone'));
        if (--search.waiting > 0) return;
        // Whoever asks now is not to wait for what is being ended.
        this.#forget(name, search);
        search.end.abort();
      };
    });
    signal?.addEventListener('abort', leave, { once: true });
    try {
      return await Promise.race([search.found, gone]);
    } finally {
      signal?.removeEventListener('abort', leave);
    }
  }

  #forget(name: string, search: Search): void {
    if (this.#searches.get(name) === search) this.#searches.delete(name);
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
