import { basename, join } from 'node:path';
import { catalogue } from '../errors/catalogue.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { dropClaim, holdsSource } from '../intake/claim.ts';
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
  const { claim, identity, log } = passage;
  const { config, patience } = context;
  const { code, counts } = findings;
  const report = reportOn(passage, 'failed', findings, context);
  // One step, so that a stop in between does not leave a file that has failed without its line in the log.
  let put: string | null = null;
  const path = await patiently(passage, patience, async () => {
    // One that is gone was moved by an attempt whose fsync failed.
    if (put === null && (await holdsSource(claim))) {
      put = await context.failures.run(() =>
        putWithReport(claim.path, config.folders.failed, report, (at) =>
          tellOfFailure(context, report, at),
        ),
      );
    }
    await dropClaim(claim, context.spareFolders);
    return put ?? join(config.folders.failed, claim.file);
  });
  const isSetAside = code === 'set_aside';
  log.error('failed', isSetAside ? 'set aside' : 'content at fault', {
    ...counts,
    bytes: identity.bytes,
    durationMs: durationMs(passage),
    reason: report.reason,
    rule: report.problems[0]?.rule,
    report: basename(reportPath(path)),
    err: new HopperError(code, { message: report.reason }),
    hint: isSetAside
      ? catalogue.set_aside.hint
      : `Repair the file and drop it again; ${basename(pagePath(path))} beside it says what is wrong, and ${basename(reportPath(path))} says it to programs.`,
  });
  return 'failed';
}
