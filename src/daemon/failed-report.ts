import { readFile } from 'node:fs/promises';
import { systemCode } from '../core/environment-error.ts';
import type { FailureReport } from '../pipeline/failure-report.ts';

/** What the report on a failed file says of it; null where there is none, or it is being written. */
export async function readFailedReport(
  path: string,
): Promise<Pick<FailureReport, 'dataset' | 'code' | 'time'> | null> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    const isReport =
      typeof value === 'object' && value !== null && 'dataset' in value && 'time' in value;
    return isReport ? (value as FailureReport) : null;
  } catch (error) {
    if (error instanceof SyntaxError || systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}
