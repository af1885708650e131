import { basename } from 'node:path';
import { counted } from '../core/counted.ts';
import { HopperError } from '../errors/hopper-error.ts';
import type { Conversion, IdentifiedPassage, PipelineContext } from './passage.ts';
import { patiently } from './patience.ts';
import { putRejects } from './put-with-report.ts';
import type { FailureReport } from './failure-report.ts';
import { reportPath } from './report-files.ts';
import { reportOn } from './report-on.ts';

/** What became of rows that were not loaded. */
export interface Diverted {
  report: FailureReport;
  /** Path of the reject file, and that which the source would have beside it, whose the reports are. */
  rejects: string;
  source: string;
}

/**
 * Hands the rows that broke a rule back to people, when the others are loaded: the reject file into the failed folder, with a
 * report. Before the receipt, so that a crash in between does it again. Null where there are none.
 */
export async function divert(
  passage: IdentifiedPassage,
  conversion: Conversion,
  context: PipelineContext,
): Promise<Diverted | null> {
  const { rejects, counts } = conversion;
  // Of a load that is only made again they were handed back when it was made first, and may have been repaired since.
  if (rejects === null || passage.origin === 'brought_back') return null;
  const { failed } = context.config.folders;
  const report = reportOn(passage, 'diverted', { code: 'content_invalid', ...conversion }, context);
  let put: Omit<Diverted, 'report'> | null = null;
  const paths = await patiently(passage, context.patience, async () => {
    put ??= await context.failures.run(() => putRejects(rejects.path, failed, report));
    return put;
  });
  const name = basename(paths.rejects);
  passage.log.warn('diverted', 'rows put into a reject file', {
    ...counts,
    rejects: name,
    reason: report.reason,
    rule: report.problems[0]?.rule,
    report: basename(reportPath(paths.source)),
    err: new HopperError('content_invalid', { message: report.reason }),
    hint: `${counted(rejects.rows, 'row was', 'rows were')} not loaded: repair ${name} in the failed folder and drop it.`,
  });
  return { report, ...paths };
}
