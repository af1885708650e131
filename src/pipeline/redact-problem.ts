import { outlierHint } from '../columns/describe-rule.ts';
import type { Problem, Rule } from '../core/problem.ts';

/** Messages that quote the first line of the file: where it has no header these are cells. */
const quoting: Partial<Record<Rule, string>> = {
  header_delimiter: 'The header does not match the schema under any delimiter.',
  header_extra_column: 'The header has a column that schema.yaml does not know.',
  header_duplicate_column: 'The header names a column more than once.',
};

/** The problem without anything that stands in the file. */
export function redactProblem(problem: Problem): Problem {
  const { line, rule, check, hint, fits } = problem;
  const message = quoting[rule];
  return {
    line,
    column: message === undefined ? problem.column : null,
    value: null,
    rule,
    ...(check !== undefined && { check }),
    message: message ?? problem.message,
    // That of an outlier has bounds, which may be values of earlier files.
    hint: rule === 'outlier' ? outlierHint : hint,
    ...(fits !== undefined && { fits }),
  };
}
