import { spawnSync } from 'node:child_process';

/** Whether a program of the system can be run here; under CI=true it must be. */
export function isHere(program: string, ...words: string[]): boolean {
  return process.env['CI'] === 'true' || spawnSync(program, words).error === undefined;
}
