import { type ChildProcess, fork } from 'node:child_process';
import { asHopperError } from '../core/environment-error.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { markProcess, unmarkProcess } from '../intake/helper-process.ts';
import type { OnPiece } from './convert-in-pieces.ts';
import type { ConversionResult, SourceIdentity } from './conversion.ts';
import { Company } from './company.ts';
import type { PieceResult } from './piece-result.ts';
import type { SourceReading, UnreadSource } from './read-source.ts';
import { fromWire, type WireError, type WorkerSettings, type WorkerTask } from './worker-job.ts';

/** How long it is kept without work. */
const IDLE_MS_MAX = 2000;

/**
 * How many files are with it at a time where they keep company: two messages full of them for a thread, and as many on their way.
 * Where it dies each of them is tried alone, which takes some milliseconds for a small one.
 */
const COMPANY_MAX = 32;

/** What it is asked. */
type LoneJob =
  | { kind: 'settings'; threads: number; settings: WorkerSettings }
  | { kind: 'read'; dataset: string; unread: UnreadSource }
  | { kind: 'identify'; source: string }
  | { kind: 'convert'; task: WorkerTask };

type LoneAnswer = SourceReading | SourceIdentity | ConversionResult;

/** What comes of it. `died`: a thread of it ended under the job. */
export type LoneVerdict =
  | { kind: 'ready' }
  | { kind: 'piece'; piece: number; result: PieceResult }
  | { kind: 'done'; answer: LoneAnswer }
  | { kind: 'failed'; error: WireError }
  | { kind: 'died'; how: string };

/** What it is told, first its settings, and what it says; `id`: which job it is about. */
export type LoneMessage = LoneJob & { id: number };
export type LoneReply = LoneVerdict & { id: number };

/** The process ended, or a thread in it, while it worked on a file; what else was at work in it, whoever asked it knows. */
export class LoneDeath extends Error {
  readonly how: string;

  constructor(how: string) {
    super(`It ended: ${how}`);
    this.how = how;
  }
}

interface Job {
  onReply: (reply: LoneVerdict) => void;
  onEnd: (how: string) => void;
}

/**
 * A process of its own for files under suspicion, so that whatever a file does to it, this process lives to tell and the other files go
 * on. One file at a time has it for itself, or several are in it together. Started when there is such a file; ends with this process,
 * however that ends.
 */
export class LoneProcess {
  readonly #threads: number;
  readonly #settings: WorkerSettings;
  readonly #processingFolder: string;
  readonly #company = new Company(COMPANY_MAX);
  readonly #jobs = new Map<number, Job>();
  #jobsSoFar = 0;
  #child: ChildProcess | null = null;
  #starting: Promise<ChildProcess> | null = null;
  #idle: NodeJS.Timeout | null = null;
  #ending = false;

  constructor(threads: number, settings: WorkerSettings, processingFolder: string) {
    this.#threads = threads;
    this.#settings = settings;
    this.#processingFolder = processingFolder;
  }

  /** Starts it before there is work for it. */
  warmUp(): void {
    // What keeps it from starting is told to whoever asks it something.
    void this.#running().catch(() => undefined);
    this.#rest();
  }

  /** Runs the work on one file when that on all others before it has ended, and none on others meanwhile. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#company.alone(() => this.#unlessEnding(work));
  }

  /** Runs the work on one file beside that on others that may have company too. */
  together<T>(work: () => Promise<T>): Promise<T> {
    return this.#company.together(() => this.#unlessEnding(work));
  }

  /** Inside `alone` or `together`, as the others; throws a LoneDeath where it ends, unless it was ended. Of a small source. */
  async read(dataset: string, unread: UnreadSource): Promise<SourceReading> {
    return (await this.#ask({ kind: 'read', dataset, unread })) as SourceReading;
  }

  async identify(source: string): Promise<SourceIdentity> {
    return (await this.#ask({ kind: 'identify', source })) as SourceIdentity;
  }

  async convert(task: WorkerTask, onPiece: OnPiece): Promise<ConversionResult> {
    return (await this.#ask({ kind: 'convert', task }, onPiece)) as ConversionResult;
  }

  /** Whether it has been, or is about to be, ended by us. */
  get ending(): boolean {
    return this.#ending;
  }

  /** Takes no more work. */
  dropWaiting(): void {
    this.#ending = true;
  }

  /** Ends it at once; the jobs that run fail. */
  async close(): Promise<void> {
    this.#ending = true;
    await this.#end();
    await unmarkProcess(this.#processingFolder);
  }

  #unlessEnding<T>(work: () => Promise<T>): Promise<T> {
    if (this.#ending) throw new HopperError('worker_died');
    return work();
  }

  async #ask(job: LoneJob, onPiece: OnPiece = () => undefined): Promise<LoneAnswer> {
    const reply = await this.#exchange(await this.#running(), job, (said) => {
      if (said.kind === 'piece') onPiece(said.piece, said.result);
    });
    this.#rest();
    switch (reply.kind) {
      case 'done':
        return reply.answer;
      case 'failed':
        throw fromWire(reply.error);
      case 'died':
        throw new LoneDeath(reply.how);
      case 'ready':
      case 'piece':
        throw new Error(`The lone process answered ${reply.kind}`);
    }
  }

  /** Ends it in a while, unless it gets work. */
  #rest(): void {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      if (this.#jobs.size === 0 && this.#starting === null) void this.#end();
      else this.#rest();
    }, IDLE_MS_MAX).unref();
  }

  async #running(): Promise<ChildProcess> {
    if (this.#child !== null && this.#starting === null) return this.#child;
    this.#starting ??= this.#start().finally(() => {
      this.#starting = null;
    });
    return this.#starting;
  }

  /** An end before it is ready, as where the system has no room for another process, is nobody's fault. */
  async #start(): Promise<ChildProcess> {
    const child = fork(processUrl, {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child = child;
    child.on('message', ({ id, ...reply }: LoneReply) => this.#jobs.get(id)?.onReply(reply));
    const onEnd = (how: string): void => {
      // One that was ended for lack of work may be told of when the next one is at work.
      if (this.#child !== child) return;
      this.#child = null;
      this.#endJobs(how);
    };
    child.on('error', (error) => {
      onEnd(error.message);
    });
    child.on('exit', (code, signal) => {
      onEnd(signal ?? `exit code ${code ?? 'unknown'}`);
    });
    try {
      if (child.pid !== undefined) await markProcess(this.#processingFolder, child.pid);
      const { kind } = await this.#exchange(child, {
        kind: 'settings',
        threads: this.#threads,
        settings: this.#settings,
      });
      if (kind === 'ready') return child;
      throw new Error(`The lone process answered ${kind} at its start`);
    } catch (error) {
      await this.#end();
      if (!(error instanceof LoneDeath)) throw asHopperError(error);
      throw new HopperError('worker_not_started', {
        message: `A process for a file on its own could not be started: ${error.how}.`,
      });
    }
  }

  /** The last reply to a job. */
  async #exchange(
    child: ChildProcess,
    job: LoneJob,
    onPart: (reply: LoneVerdict) => void = () => undefined,
  ): Promise<LoneVerdict> {
    const id = this.#jobsSoFar++;
    try {
      return await new Promise<LoneVerdict>((resolve, reject) => {
        const onEnd = (how: string): void => {
          reject(this.#ending ? new HopperError('worker_died') : new LoneDeath(how));
        };
        const onReply = (reply: LoneVerdict): void => {
          if (reply.kind === 'piece') onPart(reply);
          else resolve(reply);
        };
        this.#jobs.set(id, { onReply, onEnd });
        const message: LoneMessage = { ...job, id };
        if (hasEnded(child)) onEnd('before its work');
        // One that cannot be told has ended, and its end is told by itself.
        else child.send(message, () => undefined);
      });
    } finally {
      this.#jobs.delete(id);
    }
  }

  #endJobs(how: string): void {
    for (const { onEnd } of this.#jobs.values()) onEnd(how);
  }

  async #end(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    this.#endJobs('ended');
    if (child?.pid === undefined || hasEnded(child)) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

// Only the compiled code has this file, as that of the worker threads.
const processUrl = new URL('./conversion-process.js', import.meta.url);
