import { join } from 'node:path';
import type { Config } from '../config/config.ts';

/** Folder of the claims, in the file system of the input folder. */
export function processingFolder(config: Config): string {
  return join(config.folders.input, '.processing');
}

/** The folders that have what later runs go by. */
export function stateFolders(config: Config): string[] {
  return [processingFolder(config), config.folders.output];
}
