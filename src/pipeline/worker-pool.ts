import { rm } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { FairQueue } from '../core/fair-queue.ts';
import { formOf, type SourceForm } from '../decode/decode-file.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { type Ask, convertInPieces, type OnPiece } from './convert-in-pieces.ts';
import { PIECE_BYTES_MIN } from './conversion-plan.ts';
import type { ConversionResult, SourceIdentity, SourceState } from './conversion.ts';
import { markOfFile } from './decode-source.ts';
import { readInPieces } from './read-in-pieces.ts';
import type { SourceReading, UnreadSource } from './read-source.ts';
import type { Dataset } from '../schema/dataset.ts';
import { stateOfFile } from './source-state.ts';
import {
  fromWire,
  STARTED,
  type WorkerAnswer,
  type WorkerAnswers,
  type WorkerJob,
  type WorkerMessage,
  type WorkerReply,
  type WorkerSettings,
  type WorkerTask,
} from './worker-job.ts';

/**
 * Hardly anything in a worker is an object, so the memory for young ones can be small: with two threads that saved 10 MB
 * for a file of students and 20 MB for one of orders, and no time was lost (200 MB each, Node 24).
 */
const resourceLimits = { maxYoungGenerationSizeMb: 4 };

/**
 * How many messages with jobs for small files a thread has at a time. With the next one already there it does not wait for
 * the main thread in between, and need not be woken.
 */
const SMALL_MESSAGES_MAX = 2;

/**
 * How many such jobs a message has at the most: each message wakes a thread, and so does the one with the answers. Only of
 * a burst, because the first file's answer waits for the last one's.
 */
const JOBS_PER_MESSAGE_MAX = 8;

/** Jobs that were sent together. */
interface Message {
  id: number;
  tasks: Task[];
}

interface Task {
  job: WorkerJob;
  /** Whether others may be sent with it: not where the answer to them all would come late. */
  isBrief: boolean;
  resolve: (answer: WorkerAnswer) => void;
  reject: (error: Error) => void;
}

/**
 * Worker threads that identify and convert files, so that the main thread stays free for folders, database and signals. Datasets have
 * their turns one after another, so that one with much to convert does not hold up the others.
 * Started when there is work; one that dies takes only its own jobs with it, which are tried again like after any trouble
 * of the environment.
 */
export class WorkerPool {
  readonly #size: number;
  readonly #settings: WorkerSettings;
  readonly #idle: Worker[] = [];
  /** The messages to the threads that are not idle; the first is the one at work, or stands back for the next. */
  readonly #running = new Map<Worker, Message[]>();
  readonly #waiting = new FairQueue<Task>();
  #closed = false;
  #messages = 0;

  constructor(size: number, settings: WorkerSettings) {
    this.#size = size;
    this.#settings = settings;
  }

  /**
   * Starts threads now, so that the first file does not wait for them; as many as so many bytes keep busy, because each
   * takes 100 ms of CPU time to start.
   */
  warmUp(bytes = Infinity): void {
    const wanted = Math.min(this.#size, Math.ceil(bytes / PIECE_BYTES_MIN));
    while (this.#idle.length + this.#running.size < wanted) this.#idle.push(this.#start());
  }

  identify(source: string): Promise<SourceIdentity> {
    return this.#ask({ kind: 'identify', source });
  }

  /**
   * Identifies a source, and converts it at once where it is small, or where no load file is wanted of it, whose name the early
   * load of a large one has to know. `isWanted` tells of a source that is identified whether it has to be converted.
   */
  async read(
    dataset: string,
    unread: UnreadSource,
    isWanted: (identity: SourceIdentity) => boolean = () => true,
  ): Promise<SourceReading> {
    const state = await stateOfFile(unread.source);
    const whole = unread.outputs.loadFile !== null || !this.#isInPieces(state);
    const known = this.#datasetOf(dataset);
    if (whole || known === undefined || formOf(unread.source, known.encoding, null) !== null) {
      return this.#ask({ kind: 'read', dataset, ...unread }, !isLarge(state));
    }
    const ask: Ask = (job) => this.#ask(job);
    return readInPieces(unread, state, known, this.#size, ask, isWanted);
  }

  /** Converts a source, which is decoded before where that is needed; one large enough with several threads, and `onPiece` gets each piece of it as soon as it is complete. */
  async convert(task: WorkerTask, onPiece: OnPiece = () => undefined): Promise<ConversionResult> {
    const form = await this.#formOf(task);
    if (form === null) return this.#convertText(task, onPiece);
    const { decoded } = task.outputs;
    try {
      const state = await this.#ask({ kind: 'decode', task, form }, false);
      if ('problems' in state) return state;
      return await this.#convertText({ ...task, source: decoded, expected: state }, onPiece);
    } finally {
      await rm(decoded, { force: true });
    }
  }

  /** How a source has to be decoded; null: not at all. */
  async #formOf({ source, dataset }: WorkerTask): Promise<SourceForm | null> {
    const encoding = this.#datasetOf(dataset)?.encoding ?? 'utf-8';
    return formOf(source, encoding, await markOfFile(source));
  }

  #datasetOf(wanted: string): Dataset | undefined {
    return this.#settings.datasets.find(({ name }) => name === wanted);
  }

  #convertText(task: WorkerTask, onPiece: OnPiece): Promise<ConversionResult> {
    if (!this.#isInPieces(task.expected)) return this.#ask({ kind: 'convert', task });
    const { columns = [] } =
      this.#settings.datasets.find(({ name }) => name === task.dataset) ?? {};
    return convertInPieces(task, columns, this.#size, (job) => this.#ask(job), onPiece);
  }

  /** Whether a source is large enough for several threads, or for its rows to be loaded meanwhile. */
  #isInPieces({ bytes }: SourceState): boolean {
    return bytes > Math.min(this.#settings.conversion.pieceBytesMax, PIECE_BYTES_MIN);
  }

  /** Fails the jobs that no worker has begun. */
  dropWaiting(): void {
    for (const task of this.#waiting.clear()) task.reject(new HopperError('worker_died'));
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
    isBrief = isSmall(job),
  ): Promise<WorkerAnswers[Kind]> {
    if (this.#closed) throw new HopperError('worker_died');
    const reply = await new Promise<WorkerAnswer>((resolve, reject) => {
      this.#waiting.push(datasetOf(job), { job, isBrief, resolve, reject });
      this.#dispatch();
    });
    if (reply.kind === 'failed') throw fromWire(reply.error);
    // A worker answers each job in kind, which the union of all answers cannot say.
    return reply.answer as WorkerAnswers[Kind];
  }

  #dispatch(): void {
    for (let task = this.#waiting.peek(); task !== undefined; task = this.#waiting.peek()) {
      const worker = this.#workerFor(task);
      if (worker === undefined) return;
      const tasks = this.#nextTasks();
      const id = this.#messages++;
      const messages = this.#running.get(worker) ?? [];
      messages.push({ id, tasks });
      this.#running.set(worker, messages);
      const message: WorkerMessage = { id, jobs: tasks.map(({ job }) => job) };
      worker.postMessage(message);
    }
  }

  /** Takes out the next one, and brief ones behind it: so many that all threads have their messages full of them. */
  #nextTasks(): Task[] {
    const brief = this.#waiting.count(({ isBrief }) => isBrief);
    const share = Math.floor(brief / (this.#size * SMALL_MESSAGES_MAX));
    const most = Math.min(share, JOBS_PER_MESSAGE_MAX);
    const tasks = [this.#waiting.shift()!];
    if (!tasks[0]!.isBrief) return tasks;
    while (tasks.length < most && this.#waiting.peek()?.isBrief === true)
      tasks.push(this.#waiting.shift()!);
    return tasks;
  }

  /** An idle or a new thread, or one that has only a small file's job before this one. */
  #workerFor(task: Task): Worker | undefined {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    if (this.#running.size < this.#size) return this.#start();
    if (!isSmall(task.job)) return undefined;
    for (const [worker, messages] of this.#running) {
      const isFree = messages.length < SMALL_MESSAGES_MAX;
      if (isFree && messages.every(({ tasks }) => tasks.every(({ job }) => isSmall(job))))
        return worker;
    }
    return undefined;
  }

  #start(): Worker {
    const worker = new Worker(workerUrl, { workerData: this.#settings, resourceLimits });
    let hasStarted = false;
    let failure: unknown;
    worker.on('message', (reply: WorkerReply | typeof STARTED) => {
      if (reply === STARTED) {
        hasStarted = true;
        return;
      }
      const { id, answers } = reply;
      const messages = this.#running.get(worker) ?? [];
      const at = messages.findIndex((message) => message.id === id);
      const tasks = messages.splice(at, 1).flatMap((message) => message.tasks);
      if (messages.length === 0) {
        this.#running.delete(worker);
        this.#idle.push(worker);
      }
      for (const [index, answer] of answers.entries()) tasks[index]?.resolve(answer);
      this.#dispatch();
    });
    worker.on('error', (error) => {
      failure = error;
    });
    worker.on('exit', () => {
      const tasks = (this.#running.get(worker) ?? []).flatMap((message) => message.tasks);
      this.#running.delete(worker);
      const idle = this.#idle.indexOf(worker);
      if (idle !== -1) this.#idle.splice(idle, 1);
      const code = hasStarted ? 'worker_died' : 'worker_not_started';
      for (const task of tasks) task.reject(new HopperError(code, { cause: failure }));
      if (!this.#closed) this.#dispatch();
    });
    return worker;
  }
}

function datasetOf(job: WorkerJob): string {
  if ('task' in job) return job.task.dataset;
  // Who only identifies a source does not say of which dataset it is.
  return 'dataset' in job ? job.dataset : '';
}

/** Whether a source is only hashed when it is read. */
function isLarge({ bytes }: SourceState): boolean {
  return bytes >= PIECE_BYTES_MIN;
}

/** Whether other small ones may come behind it. A piece of a large file takes long, and may wait for another piece, so nothing is put behind it. */
function isSmall(job: WorkerJob): boolean {
  return ['identify', 'read', 'decode', 'convert'].includes(job.kind);
}

// Only the compiled code has this file: a worker thread of Node 20 cannot be given a loader for TypeScript.
const workerUrl = new URL('./conversion-worker.js', import.meta.url);
