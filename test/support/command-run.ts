import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HopperProcessOptions } from './hopper-process.ts';
import type { HopperProject } from './hopper-project.ts';

/** What a user sees of a command that has ended. */
export interface CommandRun {
  /** Exit code, or the signal that ended it. */
  code: number | NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** Runs a command in a project to its end. */
export async function runCommand(
  project: HopperProject,
  words: string[],
  options: Omit<HopperProcessOptions, 'cwd'> = {},
): Promise<CommandRun> {
  const started = project.run(words, options);
  const code = await started.ended;
  const { stdout, stderr } = started;
  return { code, stdout, stderr };
}

/** Everything below a folder: paths with kind, time and content, by which any write to it is seen. */
export function snapshot(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name);
    const stats = lstatSync(path);
    const content = stats.isFile()
      ? createHash('sha256').update(readFileSync(path)).digest('hex')
      : '';
    found[name] = `${stats.mode} ${stats.mtimeMs} ${content}`;
  }
  return found;
}
