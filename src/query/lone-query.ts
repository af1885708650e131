import { type ChildProcess, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { environment } from '../config/environment.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { fromWire } from '../pipeline/worker-job.ts';
import {
  BASE_BYTES,
  type QueryAnswer,
  type QueryJob,
  type QueryMessage,
  type QueryReply,
  type QuerySettings,
} from './query-job.ts';

/** How long a process is kept without work: one is started in a third of a second. */
const IDLE_MS_MAX = 60_000;
/** DuckDB gives most queries up within some milliseconds, and some do not look whether they should. */
const INTERRUPT_MS = 1000;

/** What Node.js 24 has as writable and does not use: 658 MB of data in a process without any query, where 20 has 137 MB (measured). */
const RESERVED_BYTES = Number(process.versions.v8.split('.')[0]) >= 13 ? 512 << 20 : 0;

/** Half of the cores, and not more than one query can keep busy: the files need some too. */
const THREADS = Math.max(1, Math.min(4, availableParallelism() >> 1));

export interface QueryLimits {
  /** Of the whole process: where it would need more, the query fails. */
  memoryBytes: number;
  /** For a query, without the time in which its reader takes a part. */
  timeoutMs: number;
}

export interface RunOptions {
  /** Takes a part of the answer, and resolves when the next may come. */
  onPart?: (bytes: Uint8Array) => Promise<void>;
  /** Nobody wants the answer any more. */
  signal?: AbortSignal;
}

/**
 * A process of its own for one query at a time. DuckDB's own limits do not hold for all that a query may do: repeat('x', 15000000) over
 * 600 rows took 8.8 GB with a limit of 512 MB, and was given up 17 s after it had been told to. So the system limits the process's memory,
 * and it is killed where it does not stop; the daemon and other queries go on. Started for the first query; ends when it has had none for a
 * minute, and with this process, however that ends.
 */
export class LoneQuery {
  readonly #settings: QuerySettings;
  readonly #limits: QueryLimits;
  #child: ChildProcess | null = null;
  #hear: (reply: QueryReply) => void = () => undefined;
  #onEnd: (how: string) => void = () => undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(settings: Pick<QuerySettings, 'outputFolder' | 'datasets'>, limits: QueryLimits) {
    const memoryBytes = Math.max(limits.memoryBytes - BASE_BYTES, limits.memoryBytes >> 1);
    this.#settings = { ...settings, memoryBytes, threads: THREADS };
    this.#limits = limits;
  }

  /**
   * Does one job; call it again when it has ended.
   *
   * @throws HopperError query_too_long, query_too_large, worker_not_started, and what the job throws
   */
  async run(job: QueryJob, { onPart, signal }: RunOptions = {}): Promise<QueryAnswer> {
    clearTimeout(this.#idle);
    const { timeoutMs } = this.#limits;
    const child = this.#child ?? (await this.#start());
    signal?.throwIfAborted();
    const clock = new Countdown(timeoutMs, (isFirst) => {
      if (isFirst) child.send({ kind: 'interrupt' } satisfies QueryMessage, () => undefined);
      else this.#kill();
    });
    const kill = (): void => {
      this.#kill();
    };
    signal?.addEventListener('abort', kill, { once: true });
    try {
      return await this.#exchange(child, { kind: 'job', job }, async (bytes) => {
        clock.pause();
        await onPart?.(bytes);
        clock.go();
      });
    } catch (error) {
      signal?.throwIfAborted();
      if (clock.isOver) throw tooLong(timeoutMs);
      throw error instanceof ProcessEnd ? tooLarge(this.#limits.memoryBytes) : error;
    } finally {
      clock.pause();
      signal?.removeEventListener('abort', kill);
      this.#idle = setTimeout(kill, IDLE_MS_MAX).unref();
    }
  }

  /** Ends it; the query that runs fails. */
  async close(): Promise<void> {
    clearTimeout(this.#idle);
    const child = this.#child;
    if (child === null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    this.#kill();
    await ended;
  }

  async #start(): Promise<ChildProcess> {
    // The data of a process are all memory that it can write to and shares with nobody.
    const kibibytes = Math.ceil((this.#limits.memoryBytes + BASE_BYTES + RESERVED_BYTES) / 1024);
    const child = spawn(
      '/bin/sh',
      ['-c', LIMITED, String(kibibytes), process.execPath, fileURLToPath(processUrl)],
      {
        ...{ serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] },
        env: plainEnvironment(),
      },
    );
    this.#child = child;
    // A query does not keep the daemon from its end.
    child.unref();
    child.channel?.unref();
    child.on('message', (reply: QueryReply) => {
      if (this.#child === child) this.#hear(reply);
    });
    const onEnd = (how: string): void => {
      if (this.#child !== child) return;
      this.#child = null;
      this.#onEnd(how);
    };
    child.on('error', ({ message }) => {
      onEnd(message);
    });
    child.on('exit', (code, signal) => {
      onEnd(signal ?? `exit code ${code ?? 'unknown'}`);
    });
    try {
      await this.#exchange(child, { kind: 'settings', settings: this.#settings });
      return child;
    } catch (error) {
      this.#kill();
      if (!(error instanceof ProcessEnd)) throw error;
      throw new HopperError('worker_not_started', {
        message: `A process for queries could not be started: ${error.message}.`,
        hint: 'Look whether open files (ulimit -n), processes or memory are at their limit.',
      });
    }
  }

  /** The last reply to a message. */
  async #exchange(
    child: ChildProcess,
    message: QueryMessage,
    onPart: (bytes: Uint8Array) => Promise<void> = () => Promise.resolve(),
  ): Promise<QueryAnswer> {
    try {
      return await new Promise<QueryAnswer>((resolve, reject) => {
        this.#onEnd = (how) => {
          reject(new ProcessEnd(how));
        };
        this.#hear = (reply) => {
          if (reply.kind === 'part') {
            onPart(reply.bytes).then(() => {
              child.send({ kind: 'more' } satisfies QueryMessage, () => undefined);
            }, reject);
            return;
          }
          if (reply.kind === 'failed') reject(fromWire(reply.error));
          else resolve(reply.kind === 'done' ? reply.answer : nothing);
          if (reply.kind !== 'ready' && reply.isWorn) this.#kill();
        };
        if (child.exitCode !== null || child.signalCode !== null) this.#onEnd('before its work');
        // One that cannot be told has ended, and its end is told by itself.
        else child.send(message, () => undefined);
      });
    } catch (error) {
      // Whatever is still said of this job is not of the next one.
      if (!(error instanceof HopperError)) this.#kill();
      throw error;
    } finally {
      this.#onEnd = () => undefined;
      this.#hear = () => undefined;
    }
  }

  #kill(): void {
    const child = this.#child;
    this.#child = null;
    child?.kill('SIGKILL');
    this.#onEnd('ended');
  }
}

const nothing: QueryAnswer = { body: '', datasets: [], isStable: false };

/** What Node.js may need to start. The rest may be passwords, which are not to be where others have SQL run. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const { PATH, LANG, TZ, NODE_OPTIONS, LD_LIBRARY_PATH } = environment();
  return { PATH, LANG, TZ, NODE_OPTIONS, LD_LIBRARY_PATH };
}

/** Where a system has no such limit, that of DuckDB is left. */
const LIMITED = 'ulimit -d "$0" 2>/dev/null; exec "$@"';

class ProcessEnd extends Error {}

function tooLong(timeoutMs: number): HopperError {
  return new HopperError('query_too_long', {
    message: `The query took longer than ${timeoutMs / 1000} s and was given up.`,
  });
}

function tooLarge(memoryBytes: number): HopperError {
  return new HopperError('query_too_large', {
    message: `The query needs more memory than ${Math.round(memoryBytes / 1e6)} MB and was given up.`,
  });
}

/** Calls when the time is over, and again when nothing came of it. */
class Countdown {
  isOver = false;
  readonly #onEnd: (isFirst: boolean) => void;
  #leftMs: number;
  #sinceMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number, onEnd: (isFirst: boolean) => void) {
    this.#leftMs = ms;
    this.#onEnd = onEnd;
    this.go();
  }

  go(): void {
    if (this.isOver) return;
    this.#sinceMs = performance.now();
    this.#timer = setTimeout(() => {
      this.isOver = true;
      this.#onEnd(true);
      this.#timer = setTimeout(() => {
        this.#onEnd(false);
      }, INTERRUPT_MS);
    }, this.#leftMs);
  }

  pause(): void {
    clearTimeout(this.#timer);
    this.#leftMs = Math.max(0, this.#leftMs - (performance.now() - this.#sinceMs));
  }
}

// Only the compiled code has this file, as that of the worker threads.
const processUrl = new URL('./query-process.js', import.meta.url);
