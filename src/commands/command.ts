import { readConfig } from '../config/read-config.ts';
import { environment } from '../config/environment.ts';
import type { Config } from '../config/config.ts';
import { asHopperError } from '../core/environment-error.ts';
import { visibleText } from '../core/visible-text.ts';

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

/** Prints lines for people. Each stays one line, whatever stands in a file name. */
export function print(...lines: string[]): void {
  process.stdout.write(joined(lines));
}

export function printError(...lines: string[]): void {
  process.stderr.write(joined(lines));
}

/** Says what went wrong and what to do about it; returns the exit code that it calls for. */
export function printFailure(error: unknown): number {
  const { fault, message, hint, code, cause } = asHopperError(error);
  printError(...`csv-hopper: ${message}\n${hint}`.split('\n'));
  if (code === 'defect' && cause instanceof Error) {
    printError(...(cause.stack ?? cause.message).split('\n'));
  }
  return fault === 'configuration' ? USAGE : FILE_FAILED;
}

function joined(lines: readonly string[]): string {
  return lines.map((line) => `${visibleText(line)}\n`).join('');
}
