import { dirname, relative, sep } from 'node:path';
import type { Config } from '../config/config.ts';
import type { BatchSchedule } from '../daemon/batch-schedule.ts';

/** All that units are made of. Paths are absolute. */
export interface ServicePlan {
  /** Of the units, without an ending. */
  name: string;
  config: Config;
  /** The folder that relative paths are taken from. */
  workingFolder: string;
  /** The program node, and the file that it runs. */
  node: string;
  cli: string;
  /** The user that it runs as; null for a unit of the caller's own service manager. */
  runAs: string | null;
  /** A file of NAME=value lines that configuration refers to. */
  environmentFile: string | null;
  /** Null: the daemon. Otherwise ingest runs at these times. */
  schedule: BatchSchedule | null;
}

/**
 * The folders that are written to, without those that lie in another of them: each is a mount of its own in a sandbox, and a file
 * that goes from one mount to the other is copied where it could be renamed.
 */
export function writtenFolders({ folders }: Config): string[] {
  const { input, output, failed, archive, receipts, logs } = folders;
  const all = [input, output, failed, archive, receipts, logs].filter((path) => path !== null);
  return all.filter((path) => !all.some((other) => other !== path && isInside(path, other)));
}

/** Whether anything that the service reads or writes lies in one of these folders. */
export function touches(plan: ServicePlan, ...parents: string[]): boolean {
  const { config, workingFolder, node, cli } = plan;
  const paths = [
    ...[workingFolder, node, dirname(dirname(cli)), config.file],
    ...writtenFolders(config),
    ...config.secretFiles.map(({ path }) => path),
  ];
  return paths.some((path) => parents.some((parent) => isInside(path, parent)));
}

export function isInside(path: string, parent: string): boolean {
  const way = relative(parent, path);
  return way !== '..' && !way.startsWith(`..${sep}`);
}
