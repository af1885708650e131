import { Worker } from 'node:worker_threads';
import { HopperError } from '../errors/hopper-error.ts';
import { convertInPieces, type OnPiece } from './convert-in-pieces.ts';
import { PIECE_BYTES_MIN } from './conversion-plan.ts';
import type { ConversionResult, SourceIdentity } from './conversion.ts';
import {
  fromWire,
  type WorkerAnswer,
  type WorkerAnswers,
  type WorkerJob,
  type WorkerSettings,
  type WorkerTask,
} from './worker-job.ts';

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

  identify(source: string): Promise<SourceIdentity> {
    return this.#ask({ kind: 'identify', source });
  }

  /** Converts a source; one large enough with several threads, and `onPiece` gets each piece of it as soon as it is complete. */
  convert(task: WorkerTask, onPiece: OnPiece = () => undefined): Promise<ConversionResult> {
    const { pieceBytesMax } = this.#settings.conversion;
    if (this.#size === 1 || task.expected.bytes <= Math.min(pieceBytesMax, PIECE_BYTES_MIN)) {
      return this.#ask({ kind: 'convert', task });
    }
    return convertInPieces(task, this.#size, (job) => this.#ask(job), onPiece);
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

  async #ask<Kind extends WorkerJob['kind']>(
    job: Extract<WorkerJob, { kind: Kind }>,
  ): Promise<WorkerAnswers[Kind]> {
    if (this.#closed) throw new HopperError('worker_died');
    const reply = await new Promise<WorkerAnswer>((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject });
      this.#dispatch();
    });
    if (reply.kind === 'failed') throw fromWire(reply.error);
    // A worker answers each job in kind, which the union of all answers cannot say.
    return reply.answer as WorkerAnswers[Kind];
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

// Only the compiled code has this file: a worker thread of Node 20 cannot be given a loader for TypeScript.
const workerUrl = new URL('./conversion-worker.js', import.meta.url);
