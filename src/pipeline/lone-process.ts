import { type ChildProcess, fork } from 'node:child_process';
import { asHopperError } from '../core/environment-error.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { markProcess, unmarkProcess } from '../intake/helper-process.ts';
import type { OnPiece } from './convert-in-pieces.ts';
import type { ConversionResult, SourceIdentity } from './conversion.ts';
import type { PieceResult } from './piece-result.ts';
import { Turnstile } from './turnstile.ts';
import { fromWire, type WireError, type WorkerSettings, type WorkerTask } from './worker-job.ts';

/** How long it is kept without work. */
const IDLE_MS_MAX = 2000;

/** What it is told: first its settings, then a job at a time. */
export type LoneMessage =
  | { kind: 'settings'; threads: number; settings: WorkerSettings }
  | { kind: 'identify'; source: string }
  | { kind: 'convert'; task: WorkerTask };

/** What it says. `died`: a thread of it ended under the job. */
export type LoneReply =
  | { kind: 'ready' }
  | { kind: 'piece'; piece: number; result: PieceResult }
  | { kind: 'done'; answer: SourceIdentity | ConversionResult }
  | { kind: 'failed'; error: WireError }
  | { kind: 'died'; how: string };

/** The process ended, or a thread in it, while it worked on a file; nothing else was at work in it. */
export class LoneDeath extends Error {
  readonly how: string;

  constructor(how: string) {
    super(`It ended: ${how}`);
    this.how = how;
  }
}

interface Job {
  onReply: (reply: LoneReply) => void;
  onEnd: (how: string) => void;
}

/**
 * A process of its own for files under suspicion, one at a time, so that whatever a file does to it, this process lives to
 * tell and the other files go on. Started when there is such a file; ends with this process, however that ends.
 */
export class LoneProcess {
  readonly #threads: number;
  readonly #settings: WorkerSettings;
  readonly #processingFolder: string;
  readonly #turnstile = new Turnstile();
  #child: ChildProcess | null = null;
  #job: Job | null = null;
  #idle: NodeJS.Timeout | null = null;
  #ending = false;

  constructor(threads: number, settings: WorkerSettings, processingFolder: string) {
    this.#threads = threads;
    this.#settings = settings;
    this.#processingFolder = processingFolder;
  }

  /** Runs the work on one file when that on all others before it has ended. */
  run<T>(work: () => Promise<T>): Promise<T> {
    return this.#turnstile.run(() => {
      if (this.#ending) throw new HopperError('worker_died');
      return work();
    });
  }

  /** Inside `run`; throws a LoneDeath where it ends, unless it was ended. */
  async identify(source: string): Promise<SourceIdentity> {
    return (await this.#ask({ kind: 'identify', source })) as SourceIdentity;
  }

  /** Inside `run`; throws a LoneDeath where it ends, unless it was ended. */
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

  /** Ends it at once; the job that runs fails. */
  async close(): Promise<void> {
    this.#ending = true;
    await this.#end();
    await unmarkProcess(this.#processingFolder);
  }

  async #ask(
    job: LoneMessage,
    onPiece: OnPiece = () => undefined,
  ): Promise<SourceIdentity | ConversionResult> {
    if (this.#idle !== null) clearTimeout(this.#idle);
    const child = this.#child ?? (await this.#start());
    const reply = await this.#exchange(child, job, (said) => {
      if (said.kind === 'piece') onPiece(said.piece, said.result);
    });
    this.#idle = setTimeout(() => void this.#end(), IDLE_MS_MAX).unref();
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

  /** An end before it is ready, as where the system has no room for another process, is nobody's fault. */
  async #start(): Promise<ChildProcess> {
    const child = fork(processUrl, {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child = child;
    child.on('message', (reply: LoneReply) => this.#job?.onReply(reply));
    const onEnd = (how: string): void => {
      // One that was ended for lack of work may be told of when the next one is at work.
      if (this.#child !== child) return;
      this.#child = null;
      this.#job?.onEnd(how);
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

  /** The last reply to a message. */
  async #exchange(
    child: ChildProcess,
    message: LoneMessage,
    onPart: (reply: LoneReply) => void = () => undefined,
  ): Promise<LoneReply> {
    try {
      return await new Promise<LoneReply>((resolve, reject) => {
        const onEnd = (how: string): void => {
          reject(this.#ending ? new HopperError('worker_died') : new LoneDeath(how));
        };
        const onReply = (reply: LoneReply): void => {
          if (reply.kind === 'piece') onPart(reply);
          else resolve(reply);
        };
        this.#job = { onReply, onEnd };
        if (hasEnded(child)) onEnd('before its work');
        // One that cannot be told has ended, and its end is told by itself.
        else child.send(message, () => undefined);
      });
    } finally {
      this.#job = null;
    }
  }

  async #end(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    this.#job?.onEnd('ended');
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
