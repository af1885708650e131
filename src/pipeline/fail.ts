import { basename, join } from 'node:path';
import { exists } from '../core/exists.ts';
import { catalogue } from '../errors/catalogue.ts';
import { dropClaim, holdsSource } from '../intake/claim.ts';
import type { FailureReport } from './failure-report.ts';
import { type Failure, forgetFailure, noteFailure, tellFailure } from './failure-note.ts';
import { durationMs, type Passage, type PipelineContext } from './passage.ts';
import { patiently } from './patience.ts';
import { putWithReport } from './put-with-report.ts';
import { pagePath, reportPath } from './report-files.ts';
import { type FileIdentity, type Findings, reportOn } from './report-on.ts';
import { tellOfFailure } from './tell-sender.ts';

/** Hands the file back to people: into the failed folder, byte for byte as it was, with a report. */
export async function fail(
  passage: Passage & { identity: FileIdentity },
  findings: Findings,
  context: PipelineContext,
): Promise<'failed'> {
  const { claim, log } = passage;
  const { config, patience } = context;
  const report = reportOn(passage, 'failed', findings, context);
  // One step, so that a stop in between does not leave a file that has failed without its line in the log.
  let put: string | null = null;
  let path: string;
  try {
    path = await patiently(passage, patience, async () => {
      // One that is gone was moved by an attempt whose fsync failed.
      if (put === null && (await holdsSource(claim))) {
        put = await context.failures.run(() =>
          putWithReport(claim.path, config.folders.failed, report, async (at) => {
            await tellOfFailure(context, report, at);
            await noteFailure(claim, failureAt(at, passage, findings, report));
          }),
        );
      }
      await dropClaim(claim, context.spareFolders);
      return put ?? join(config.folders.failed, claim.file);
    });
  } catch (error) {
    // It may go back to the input folder, and fail in another way, or not at all.
    if (await exists(claim.path)) await forgetFailure(claim);
    throw error;
  }
  await tellFailure(claim, failureAt(path, passage, findings, report), log);
  return 'failed';
}

/** What is said of a file that lies, or is about to, at `path` in the failed folder. */
function failureAt(
  path: string,
  passage: Passage & { identity: FileIdentity },
  { code, counts }: Findings,
  report: FailureReport,
): Failure {
  const { loadId, dataset, file, bytes } = passage.identity;
  const names = [pagePath(path), reportPath(path)].map((name) => basename(name));
  return {
    code,
    message: report.reason,
    fields: {
      ...{ dataset, file, ...(loadId === null ? {} : { loadId }) },
      ...counts,
      ...{ bytes, durationMs: durationMs(passage), reason: report.reason },
      ...{ rule: report.problems[0]?.rule, report: names[1] },
      hint:
        code === 'set_aside'
          ? catalogue.set_aside.hint
          : `Repair the file and drop it again; ${names[0]} beside it says what is wrong, and ${names[1]} says it to programs.`,
    },
  };
}
