import { HopperError } from '../errors/hopper-error.ts';
import { LoneQuery, type QueryLimits, type RunOptions } from './lone-query.ts';
import type { QueryAnswer, QueryJob, QuerySettings } from './query-job.ts';

export interface PoolLimits extends QueryLimits {
  /** So many queries run side by side, each in a process of its own. */
  atOnce: number;
  /** So many may wait for them; more are refused. */
  waitingMax: number;
}

/** The longest that a query waits for its turn. */
const WAIT_MS_MAX = 30_000;

/** Runs queries: a few at once, some more wait in the order in which they came, and the others are refused. */
export class QueryPool {
  readonly #limits: PoolLimits;
  readonly #free: LoneQuery[];
  readonly #all: readonly LoneQuery[];
  readonly #waiting: ((lone: LoneQuery) => void)[] = [];

  constructor(settings: Pick<QuerySettings, 'outputFolder' | 'datasets'>, limits: PoolLimits) {
    this.#limits = limits;
    this.#all = Array.from({ length: limits.atOnce }, () => new LoneQuery(settings, limits));
    this.#free = [...this.#all];
  }

  /** Throws what LoneQuery.run throws, and a HopperError query_busy. */
  async run(job: QueryJob, options: RunOptions = {}): Promise<QueryAnswer> {
    const lone = this.#free.pop() ?? (await this.#wait(options.signal));
    try {
      options.signal?.throwIfAborted();
      return await lone.run(job, options);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.push(lone);
      else next(lone);
    }
  }

  /** Ends what runs. */
  async close(): Promise<void> {
    await Promise.all(this.#all.map((lone) => lone.close()));
  }

  async #wait(signal?: AbortSignal): Promise<LoneQuery> {
    if (this.#waiting.length >= this.#limits.waitingMax) throw new HopperError('query_busy');
    return new Promise((resolve, reject) => {
      const leave = (error: Error): void => {
        const place = this.#waiting.indexOf(take);
        if (place >= 0) this.#waiting.splice(place, 1);
        signal?.removeEventListener('abort', onAbort);
        clearTimeout(timer);
        reject(error);
      };
      const onAbort = (): void => {
        leave(new Error('Nobody waits for it any more'));
      };
      const timer = setTimeout(() => {
        leave(new HopperError('query_busy'));
      }, WAIT_MS_MAX);
      const take = (lone: LoneQuery): void => {
        signal?.removeEventListener('abort', onAbort);
        clearTimeout(timer);
        resolve(lone);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(take);
    });
  }
}
