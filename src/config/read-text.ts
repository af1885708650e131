import { readFileSync } from 'node:fs';
import { systemCode } from '../core/environment-error.ts';
import { HopperError } from '../errors/hopper-error.ts';

/** The text of a file that a key of the configuration names. Throws config_unreadable. */
export function readText(key: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new HopperError('config_unreadable', {
      message: `${key}: ${path} cannot be read: ${systemCode(error) ?? 'unknown error'}.`,
      hint: 'Correct the path, or let the user that csv-hopper runs as read the file.',
      cause: error,
    });
  }
}

/** The same without one newline at its end. */
export function readLine(key: string, path: string): string {
  return readText(key, path).replace(/\r?\n$/, '');
}
