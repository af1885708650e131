import type { LoadIdentity, RowCounts } from '../core/load.ts';
import type { FoundProblems, Problem, ProblemGroup, Rule } from '../core/problem.ts';
import { kindOf } from '../core/problem-list.ts';
import { version } from '../core/version.ts';
import { redactProblem } from './redact-problem.ts';
import { schemaChange, type SchemaOfReport } from './schema-change.ts';

/** The catalogue's codes of errors that bring a file into the failed folder. */
export type FailureCode = 'content_invalid' | 'rows_refused' | 'set_aside';

/** Why a file failed, or rows of it were diverted, as the sender reads it next to the file. */
export interface FailureReport extends Omit<LoadIdentity, 'loadId' | 'sha256'>, RowCounts {
  /** Null where the file could not be read to its end. */
  loadId: string | null;
  sha256: string | null;
  /** `diverted`: its other rows were loaded. */
  verdict: 'failed' | 'diverted';
  code: FailureCode;
  /** ISO 8601, UTC. */
  time: string;
  /** Name of the reject file beside the report, where rows were diverted; else null. */
  rejects: string | null;
  /** One sentence for a person. */
  reason: string;
  /** How the header was read; null where it was not. */
  delimiter: string | null;
  /** All problems that were found; `problems` holds the first `problemsShown` of them. */
  problemsTotal: number;
  problemsShown: number;
  /** A report shows no more problems than this. */
  problemsMax: number;
  problems: Problem[];
  /** All problems by rule and column, by their first lines; at most 1000 groups. */
  groups: ReportGroup[];
  /** Whether the report holds values of the file, see `report.values` in the configuration. */
  values: ReportValues;
  /** Lines for schema.yaml under which values that are right would be taken as they are; null where none are obvious. */
  schemaChange: string | null;
  version: string;
}

/** The problems of one rule, and of one column or one check where the cells of one are at fault. */
export interface ReportGroup {
  rule: Rule;
  column: string | null;
  /** Of a rule across columns: the check's name, or what it says. */
  check?: string;
  count: number;
  firstLine: number;
  /** The first of them, where `problems` lists none of the group. */
  example?: Problem;
}

export type ReportValues = 'shown' | 'redacted';

/** What a report is made from. */
export interface FailureFindings
  extends
    Pick<FailureReport, 'verdict' | 'loadId' | 'dataset' | 'file' | 'sha256' | 'bytes'>,
    RowCounts,
    FoundProblems {
  code: FailureCode;
  delimiter: string | null;
  problemsMax: number;
  schema: SchemaOfReport;
  values: ReportValues;
}

export function failureReport(findings: FailureFindings, time: Date): FailureReport {
  const { schema, values, groups: found, rowsRead, ...rest } = findings;
  const conceal = values === 'redacted' ? redactProblem : (problem: Problem): Problem => problem;
  const problems = findings.problems.map(conceal);
  const concealed = found.map((group) => ({ ...group, first: conceal(group.first) }));
  return {
    rejects: null,
    time: time.toISOString(),
    reason: summary(problems, findings.problemsTotal),
    problemsShown: problems.length,
    version,
    ...rest,
    rowsRead,
    problems,
    groups: reportGroups(concealed, problems),
    values,
    schemaChange: schemaChange(schema, problems, concealed, rowsRead),
  };
}

function reportGroups(
  groups: readonly ProblemGroup[],
  problems: readonly Problem[],
): ReportGroup[] {
  const listed = new Set(problems.map(kindOf));
  return groups.map((group) => {
    const { rule, column, check, count, first } = group;
    return {
      ...{ rule, column, ...(check !== undefined && { check }) },
      ...{ count, firstLine: first.line, ...(!listed.has(kindOf(group)) && { example: first }) },
    };
  });
}

/** Whether a problem is counted in a group. */
export function isOf(
  problem: Problem,
  group: Pick<ProblemGroup, 'rule' | 'column' | 'check'>,
): boolean {
  return kindOf(problem) === kindOf(group);
}

/** What is wrong, in one line and without a cell value, so that it may stand in a log. */
export function summary(problems: readonly Problem[], total: number): string {
  const [first] = problems;
  if (first === undefined) return 'The file was refused.';
  // Where the header fits nothing at all, what is read as column names may be cells.
  const message =
    first.rule === 'header_delimiter' ? 'The header does not match the schema.' : first.message;
  const where = first.line === 0 ? '' : `line ${first.line}: `;
  const more = total === 1 ? '' : ` (and ${total - 1} more)`;
  return `${where}${message}${more}`;
}
