import { closeSync, fstatSync, openSync } from 'node:fs';
import { stat } from '../core/brief-calls.ts';
import { HopperError } from '../errors/hopper-error.ts';
import type { ConversionTask, OpenTask, SourceState } from './conversion.ts';

/** The state of an open file by which a change is noticed. */
export function stateOf(fd: number): SourceState {
  const { size, mtimeNs } = fstatSync(fd, { bigint: true });
  return { bytes: Number(size), mtimeNs: String(mtimeNs) };
}

/** The same of a file by its path. */
export async function stateOfFile(source: string): Promise<SourceState> {
  const { size, mtimeNs } = await stat(source);
  return { bytes: Number(size), mtimeNs: String(mtimeNs) };
}

/** Whether a source is no longer as it was identified. */
export async function wasChanged(source: string, expected: SourceState): Promise<boolean> {
  const { bytes, mtimeNs } = await stateOfFile(source);
  return bytes !== expected.bytes || mtimeNs !== expected.mtimeNs;
}

/** Opens the source of a task for an action, before and after which it must be as it was identified; throws source_changed. */
export function withSource<Result>(
  task: ConversionTask,
  action: (task: OpenTask) => Result,
): Result {
  const fd = openSync(task.source, 'r');
  try {
    const open = { ...task, fd };
    checkUnchanged(open);
    const result = action(open);
    checkUnchanged(open);
    return result;
  } finally {
    closeSync(fd);
  }
}

/** Throws source_changed where the source is not as it was identified. */
export function checkUnchanged({
  fd,
  source,
  expected,
}: Pick<OpenTask, 'fd' | 'source' | 'expected'>): void {
  const now = stateOf(fd);
  if (now.bytes === expected.bytes && now.mtimeNs === expected.mtimeNs) return;
  throw new HopperError('source_changed', { details: { source } });
}
