import { Worker } from 'node:worker_threads';
import { HopperError } from '../errors/hopper-error.ts';
import type {
  ConversionOutputs,
  ConversionResult,
  SourceIdentity,
  SourceState,
} from './conversion.ts';
import { fromWire, type WorkerAnswer, type WorkerJob, type WorkerSettings } from './worker-job.ts';

interface Task {
  job: WorkerJob;
  resolve: (answer: WorkerAnswer) => void;
  reject: (error: Error) => void;
}

/**
 * Worker threads that identify and convert files, so that the main thread stays free for folders, database and signals.
 * Started when there is work; one that dies takes only its own job with it, which is tried again like after any trouble
 * of the environment.
 */
export class WorkerPool {
  readonly #size: number;
  readonly #settings: WorkerSettings;
  readonly #idle: Worker[] = [];
  readonly #running = new Map<Worker, Task>();
  readonly #waiting: Task[] = [];
  #closed = false;

  constructor(size: number, settings: WorkerSettings) {
    this.#size = size;
    this.#settings = settings;
  }

  /** Starts all threads now, so that the first file does not wait for them. */
  warmUp(): void {
    while (this.#idle.length < this.#size) this.#idle.push(this.#start());
  }

  async identify(source: string): Promise<SourceIdentity> {
    const answer = await this.#ask({ kind: 'identify', source });
    if (answer.kind !== 'identified') throw unexpected(answer);
    return answer.identity;
  }

  /** The paths are those of the conversion; dataset is a name. */
  async convert(
    source: string,
    expected: SourceState,
    dataset: string,
    outputs: ConversionOutputs,
  ): Promise<ConversionResult> {
    const answer = await this.#ask({ kind: 'convert', source, expected, dataset, outputs });
    if (answer.kind !== 'converted') throw unexpected(answer);
    return answer.result;
  }

  /** Fails the jobs that no worker has begun. */
  dropWaiting(): void {
    for (const task of this.#waiting.splice(0)) task.reject(new HopperError('worker_died'));
  }

  /** Ends the threads at once; jobs that run or wait fail as if their worker had died. */
  async close(): Promise<void> {
    this.#closed = true;
    const workers = [...this.#idle, ...this.#running.keys()];
    this.dropWaiting();
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  #ask(job: WorkerJob): Promise<WorkerAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(new HopperError('worker_died'));
        return;
      }
      this.#waiting.push({ job, resolve, reject });
      this.#dispatch();
    });
  }

  #dispatch(): void {
    while (this.#waiting.length > 0) {
      const worker =
        this.#idle.pop() ?? (this.#running.size < this.#size ? this.#start() : undefined);
      const task = worker === undefined ? undefined : this.#waiting.shift();
      if (worker === undefined || task === undefined) return;
      this.#running.set(worker, task);
      worker.postMessage(task.job);
    }
  }

  #start(): Worker {
    const worker = new Worker(workerUrl, { workerData: this.#settings });
    let failure: unknown;
    worker.on('message', (answer: WorkerAnswer) => {
      const task = this.#running.get(worker);
      this.#running.delete(worker);
      this.#idle.push(worker);
      task?.resolve(answer);
      this.#dispatch();
    });
    worker.on('error', (error) => {
      failure = error;
    });
    worker.on('exit', () => {
      const task = this.#running.get(worker);
      this.#running.delete(worker);
      const idle = this.#idle.indexOf(worker);
      if (idle !== -1) this.#idle.splice(idle, 1);
      task?.reject(new HopperError('worker_died', { cause: failure }));
      if (!this.#closed) this.#dispatch();
    });
    return worker;
  }
}

function unexpected(answer: WorkerAnswer): Error {
  return answer.kind === 'failed' ? fromWire(answer.error) : new Error(`Answer ${answer.kind}`);
}

// Only the compiled code has this file: a worker thread of Node 20 cannot be given a loader for TypeScript.
const workerUrl = new URL('./conversion-worker.js', import.meta.url);
