import { createHash } from 'node:crypto';
import { PassThrough, type Readable } from 'node:stream';
import { once } from 'node:events';
import type { DatasetJson, QuestionJson } from '../core/explorer-data.ts';
import { version } from '../core/version.ts';
import { HopperError } from '../errors/hopper-error.ts';
import type { Dataset } from '../schema/dataset.ts';
import { AnswerCache, type Asked, type KeptAnswer } from './answer-cache.ts';
import { dataVersion } from './data-version.ts';
import { describeFiles } from './describe-files.ts';
import type { Formulas, QueryJob } from './query-job.ts';
import { type PoolLimits, QueryPool } from './query-pool.ts';
import { readQuestions } from './saved-questions.ts';

export interface DataSettings {
  /** An absolute path. */
  outputFolder: string;
  datasets: readonly Dataset[];
  /** The folder of saved questions, an absolute path. */
  questionsFolder: string;
  limits: PoolLimits;
  /** Of an answer that is looked at. */
  rowsMax: number;
  /** Of one that is taken away as a file. */
  downloadRowsMax: number;
}

/** JSON, and a word that is another one when the answer may be; null for an answer that is another one each time. */
export interface TaggedAnswer {
  etag: string | null;
  body: string;
}

const CACHE_BYTES = 64 << 20;
/** How often what was withdrawn while it was read is read again. */
const ATTEMPTS = 3;
/** However slowly a reader takes a download, the query is given up then. */
const DOWNLOAD_MS_MAX = 600_000;
const BUFFERED_BYTES = 1 << 20;

/**
 * What readers are told of the datasets: found out by queries in processes of their own, and kept for as long as what is published stays
 * the same. Nothing of it holds up a file.
 */
export class DataService {
  readonly #settings: DataSettings;
  readonly #pool: QueryPool;
  readonly #cache = new AnswerCache(CACHE_BYTES);

  constructor(settings: DataSettings) {
    const { outputFolder, limits } = settings;
    this.#settings = settings;
    // What a schema has besides is nothing to a query.
    const datasets = settings.datasets.map(({ name, columns }) => ({
      name,
      columns: columns.map(({ name: column, type, nullable, description }) => ({
        ...{ name: column, type, nullable, ...(description !== undefined && { description }) },
      })),
    }));
    this.#pool = new QueryPool({ outputFolder, datasets }, limits);
  }

  async datasets(): Promise<DatasetJson[]> {
    const { outputFolder, datasets } = this.#settings;
    return Promise.all(
      datasets.map(async ({ name, match, columns }) => {
        const size = await describeFiles(outputFolder, name);
        return { name, match, columns: columns.length, ...size };
      }),
    );
  }

  /**
   * A SummaryJson. Throws a HopperError where a query cannot be answered; so does all of what follows. `signal`: nobody wants the answer any
   * more, which ends the query unless others wait for it.
   */
  summary(dataset: string, signal?: AbortSignal): Promise<TaggedAnswer> {
    return this.#answer({ kind: 'summary', dataset }, signal);
  }

  /** A HistoryJson. */
  history(dataset: string, signal?: AbortSignal): Promise<TaggedAnswer> {
    return this.#answer({ kind: 'history', dataset }, signal);
  }

  /** A TableJson. */
  rows(sql: string, signal?: AbortSignal): Promise<TaggedAnswer> {
    return this.#answer({ kind: 'rows', sql, rowsMax: this.#settings.rowsMax }, signal);
  }

  questions(): Promise<QuestionJson[]> {
    return readQuestions(this.#settings.questionsFolder);
  }

  /**
   * CSV, as it is computed. What fails before the first row is thrown; what fails later destroys the stream, so that nobody takes a part for
   * the whole. Destroying the stream ends the query, and so does the signal.
   */
  async csv(sql: string, formulas: Formulas, signal?: AbortSignal): Promise<Readable> {
    signal?.throwIfAborted();
    const end = new AbortController();
    const stream = new PassThrough({ highWaterMark: BUFFERED_BYTES });
    const limit = setTimeout(() => {
      stream.destroy(new HopperError('query_too_long'));
    }, DOWNLOAD_MS_MAX).unref();
    const leave = (): void => {
      stream.destroy();
    };
    signal?.addEventListener('abort', leave, { once: true });
    stream.once('close', () => {
      clearTimeout(limit);
      signal?.removeEventListener('abort', leave);
      end.abort();
    });
    // Whoever reads it is told too.
    stream.on('error', () => undefined);
    let begin = (): void => undefined;
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const job: QueryJob = { kind: 'csv', sql, formulas, rowsMax: this.#settings.downloadRowsMax };
    const sent = this.#pool.run(job, {
      signal: end.signal,
      onPart: async (bytes) => {
        const hasRoom = stream.write(bytes);
        begin();
        if (!hasRoom) await once(stream, 'drain', { signal: end.signal });
      },
    });
    sent.then(
      () => stream.end(),
      (error: unknown) => stream.destroy(error instanceof Error ? error : undefined),
    );
    await Promise.race([begun, sent]);
    return stream;
  }

  /** Ends all queries. */
  async close(): Promise<void> {
    await this.#pool.close();
  }

  async #answer(job: QueryJob, signal: AbortSignal | undefined): Promise<TaggedAnswer> {
    const key = JSON.stringify(job);
    const asked: Asked = {
      holds: async ({ versions }) => {
        const now = await this.#versions([...versions.keys()]);
        return [...versions].every(([name, then]) => now.get(name) === then);
      },
      moment: async () => this.#versions(this.#settings.datasets.map(({ name }) => name)),
      find: (versions, end) => this.#find(job, versions, end),
    };
    const answer = await this.#cache.get(key, asked, signal);
    return { etag: answer.isStable ? this.#tagOf(key, answer) : null, body: answer.body };
  }

  async #find(
    job: QueryJob,
    versions: ReadonlyMap<string, string>,
    signal: AbortSignal,
  ): Promise<KeptAnswer> {
    for (let attempt = 1; ; attempt++) {
      try {
        const answer = await this.#pool.run(job, { signal });
        // They were read before, so an answer is as new as they are, or newer.
        const read = answer.datasets.map((name) => [name, versions.get(name) ?? ''] as const);
        return { ...answer, versions: new Map(read) };
      } catch (error) {
        const isWithdrawn = error instanceof HopperError && error.code === 'query_files_changed';
        if (!isWithdrawn || attempt === ATTEMPTS) throw error;
      }
    }
  }

  async #versions(names: readonly string[]): Promise<Map<string, string>> {
    const { outputFolder } = this.#settings;
    const found = names.map(async (name) => [name, await dataVersion(outputFolder, name)] as const);
    return new Map(await Promise.all(found));
  }

  /** Another schema or another csv-hopper may answer in another way. */
  #tagOf(key: string, { versions }: KeptAnswer): string {
    const schemas = this.#settings.datasets.map(({ name, schemaFingerprint }) => [
      ...[name, schemaFingerprint, versions.get(name) ?? ''],
    ]);
    const seen = JSON.stringify([version, key, schemas]);
    return `"${createHash('sha256').update(seen).digest('base64url').slice(0, 22)}"`;
  }
}
