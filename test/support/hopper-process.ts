import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type CrashPoint, crashArgument } from './crash-point.ts';
import { until } from './until.ts';

export const repository = join(import.meta.dirname, '../..');

let built = false;

/** Compiles what is not compiled yet. */
export function build(): void {
  if (built) return;
  const script = join(repository, 'scripts/build-if-needed.mjs');
  const { status } = spawnSync(process.execPath, [script], { stdio: 'inherit' });
  if (status !== 0) throw new Error('csv-hopper does not compile.');
  built = true;
}

/**
 * Imports a compiled module, such as `daemon/hopper.js`, with the type of its source: the worker threads that it starts
 * run without a loader then, as they do for users.
 */
export async function compiled<T>(module: string): Promise<T> {
  build();
  return (await import(pathToFileURL(join(repository, 'dist', module)).href)) as T;
}

export interface HopperProcessOptions {
  /** The folder that it runs in. */
  cwd: string;
  crash?: CrashPoint;
  /** Further words for node. */
  node?: string[];
  /** Words before the command, of one that ends as what it runs, such as `setpriv`. */
  under?: string[];
}

/** A csv-hopper that runs as its users run it: compiled, in a process of its own. */
export class HopperProcess {
  readonly child: ChildProcess;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  stdout = '';
  stderr = '';

  constructor(words: string[], { cwd, crash, node = [], under = [] }: HopperProcessOptions) {
    build();
    const crashWords = crash === undefined ? [] : [crashArgument(crash)];
    const cli = join(repository, 'dist/cli.js');
    const [command = '', ...rest] = [
      ...under,
      process.execPath,
      ...crashWords,
      ...node,
      cli,
      ...words,
    ];
    const child = spawn(command, rest, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    // A test process that ends early must not leave it behind.
    const killChild = (): void => {
      child.kill('SIGKILL');
    };
    process.once('exit', killChild);
    this.ended = once(child, 'close').then(() => {
      process.off('exit', killChild);
      return child.exitCode ?? child.signalCode;
    });
    this.child = child;
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Resolves when it says that it waits for files. */
  async ready(): Promise<void> {
    await this.readyOrEnded();
    if (this.hasEnded) throw new Error(`It has ended. ${this.said}`);
  }

  /** The same for one that may run into a fault before. */
  async readyOrEnded(): Promise<void> {
    await until(
      () => this.stdout.includes('waiting for CSV files') || this.hasEnded,
      () => this.said,
    );
  }

  /** Sends a signal and waits for the end. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals | null> {
    this.child.kill(signal);
    return this.ended;
  }

  get said(): string {
    return `It said:\n${this.stdout}\n${this.stderr}`;
  }
}
