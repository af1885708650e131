import { readConfig } from '../config/read-config.ts';
import { environment } from '../config/environment.ts';
import type { Config } from '../config/config.ts';

/** Exit codes, the same for every command. */
export const DONE = 0;
export const FILE_FAILED = 1;
export const USAGE = 2;

/** What every command has. */
export interface CommonOptions {
  /** Path of the configuration file. */
  config: string;
}

export function openConfig(options: CommonOptions): Config {
  return readConfig(options.config, environment());
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function printError(text: string): void {
  process.stderr.write(`${text}\n`);
}
