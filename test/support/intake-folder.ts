import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { HopperError } from '../../src/errors/hopper-error.ts';
import { Intake, type IntakeOptions } from '../../src/intake/intake.ts';
import type { SettledFile } from '../../src/intake/waiting-files.ts';

/** An input folder of its own, with what an intake over it says, and the processes that write to it. */
export class IntakeFolder {
  readonly root = mkdtempSync(join(tmpdir(), 'csv-hopper-intake-'));
  readonly input = join(this.root, 'input_csv');
  readonly processing = join(this.input, '.processing');
  readonly ignored: [name: string, reason: string][] = [];
  readonly troubles: HopperError[] = [];
  troublesOver = 0;
  readonly #intakes: Intake[] = [];
  readonly #children: ChildProcess[] = [];

  constructor() {
    mkdirSync(this.input);
  }

  path(name: string): string {
    return join(this.input, name);
  }

  async intake(options: Partial<IntakeOptions> = {}): Promise<Intake> {
    const intake = new Intake({
      folder: this.input,
      quietMs: 400,
      sweepMs: 1000,
      polling: false,
      wants: (name) => name.endsWith('.csv'),
      onIgnored: (name, reason) => this.ignored.push([name, reason]),
      onTrouble: (error) => this.troubles.push(error),
      onTroubleOver: () => this.troublesOver++,
      ...options,
    });
    this.#intakes.push(intake);
    await intake.start();
    return intake;
  }

  /** Runs JavaScript in another process, which may import sources by `source('intake/claim.ts')`. */
  child(
    script: string,
    args: string[] = [],
    { under = [] }: { under?: string[] } = {},
  ): ChildProcess {
    const preamble = `const source = (path) => import(new URL(path, ${JSON.stringify(sources)}).href); const args = process.argv.slice(1);`;
    const node = [process.execPath, '--import', tsx, '--input-type=module', '-e'];
    const [command = '', ...words] = [...under, ...node, preamble + script, ...args];
    const child = spawn(command, words, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#children.push(child);
    return child;
  }

  async remove(): Promise<void> {
    await Promise.all(this.#intakes.map((intake) => intake.stop()));
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    rmSync(this.root, { recursive: true, force: true });
  }
}

const sources = pathToFileURL(fileURLToPath(new URL('../../src/', import.meta.url))).href + '/';
const tsx = import.meta.resolve('tsx');

/** Takes until there are `count` files, or fails after 20 s with those it got. */
export async function takeFiles(intake: Intake, count: number): Promise<SettledFile[]> {
  const signal = AbortSignal.timeout(20_000);
  const files: SettledFile[] = [];
  while (files.length < count) {
    const taken = await intake.take(signal);
    if (taken.length === 0) {
      throw new Error(`Only ${files.length} of ${count}: ${names(files).join(', ')}`);
    }
    files.push(...taken);
  }
  return files;
}

export function names(files: readonly { name: string }[]): string[] {
  return files.map((file) => file.name);
}

/** What an intake would say of a file as it is now. */
export function settledNow(folder: string, name: string): SettledFile {
  const { size, dev, ino, mtimeNs } = lstatSync(join(folder, name), { bigint: true });
  return { name, bytes: Number(size), dev, ino, mtimeNs };
}

/** The next line that a process prints. */
export async function nextLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('no stdout');
  let text = '';
  while (!text.includes('\n')) {
    const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
    text += chunk.toString();
  }
  return text.trim();
}
