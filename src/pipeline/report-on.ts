import { type FailureCode, type FailureReport, failureReport } from './failure-report.ts';
import type { RowCounts } from '../core/load.ts';
import type { FoundProblems } from '../core/problem.ts';
import type { Passage, PipelineContext } from './passage.ts';

/** What is wrong with a file. */
export interface Findings extends FoundProblems {
  /** Whether it was held against its schema, the database refused it, or a process died of it. */
  code: FailureCode;
  counts: RowCounts;
  delimiter: string | null;
}

/** What is known of a file that fails. */
export type FileIdentity = Pick<FailureReport, 'loadId' | 'dataset' | 'file' | 'sha256' | 'bytes'>;

/** The report on a file, as of now. */
export function reportOn(
  { identity, dataset }: Passage & { identity: FileIdentity },
  verdict: FailureReport['verdict'],
  findings: Findings,
  { config }: PipelineContext,
): FailureReport {
  const { loadId, file, sha256, bytes } = identity;
  const { code, counts, delimiter, problems, problemsTotal, groups } = findings;
  return failureReport(
    {
      ...{ verdict, code, loadId, dataset: identity.dataset, file, sha256, bytes },
      ...counts,
      ...{ delimiter, problemsMax: config.convert.problemsMax },
      ...{ problems, problemsTotal, groups },
      schema: dataset,
      values: config.report.values,
    },
    new Date(),
  );
}
