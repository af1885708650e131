import type { JSX } from 'preact';
import type { Problem } from '../../core/problem.ts';
import type { ReportData } from '../../serve/page-data.ts';
import { count, formatNumber } from '../format.ts';

/** Of each group; the report has more. */
const SHOWN = 20;

type Group = ReportData['groups'][number];

/** What is wrong with a file: by rule and column, each with its first places. */
export function Problems({ report }: { report: ReportData }): JSX.Element {
  const { problemsTotal, groups, problems } = report;
  return (
    <section aria-labelledby="problems-title">
      <h2 id="problems-title">{count(problemsTotal, 'problem')}</h2>
      {groups.map((group) => (
        <ProblemGroup
          key={`${group.rule} ${group.column ?? ''} ${group.check ?? ''}`}
          group={group}
          problems={problems.filter((problem) => isOf(problem, group))}
        />
      ))}
    </section>
  );
}

function ProblemGroup({ group, problems }: { group: Group; problems: Problem[] }): JSX.Element {
  const listed =
    problems.length > 0 ? problems : group.example === undefined ? [] : [group.example];
  const shown = listed.slice(0, SHOWN);
  const [first] = shown;
  const title =
    group.column !== null
      ? `Column ${group.column}`
      : group.check !== undefined
        ? `Check ${group.check}`
        : 'The file as a whole';
  const hasColumns = shown.some(({ column, cells }) => (column ?? cells ?? null) !== null);
  const hasValues = shown.some(({ value }) => value !== null);
  const hasMore = shown.some((problem) => saysMore(problem, first));
  return (
    <article class="panel problem">
      <h3>
        {title} <span class="soft">rule {group.rule}</span>{' '}
        <span class="mark bad">{count(group.count, 'time')}</span>
      </h3>
      {first === undefined ? null : (
        <>
          <p>{first.message}</p>
          <p class="hint">{first.hint}</p>
        </>
      )}
      {shown.every(({ line }) => line === 0) ? null : (
        <div class="table">
          <table>
            <caption class="hidden-text">{title}</caption>
            <thead>
              <tr>
                <th scope="col" class="number">
                  Line
                </th>
                {hasColumns ? <th scope="col">Column</th> : null}
                {hasValues ? <th scope="col">Value</th> : null}
                {hasMore ? <th scope="col">What to do</th> : null}
              </tr>
            </thead>
            <tbody>
              {shown.map((problem, index) => (
                <ProblemRow
                  key={index}
                  problem={problem}
                  first={first}
                  hasColumns={hasColumns}
                  hasValues={hasValues}
                  hasMore={hasMore}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {group.count > shown.length ? (
        <p class="soft">
          and {formatNumber(group.count - shown.length)} more; the report lists what it has room for
        </p>
      ) : null}
    </article>
  );
}

interface ProblemRowProps {
  problem: Problem;
  first: Problem | undefined;
  hasColumns: boolean;
  hasValues: boolean;
  hasMore: boolean;
}

function ProblemRow(props: ProblemRowProps): JSX.Element {
  const { problem, first, hasColumns, hasValues, hasMore } = props;
  const { line, column, value, message, hint, repairs, cells } = problem;
  return (
    <tr>
      <td class="number">{line === 0 ? '' : formatNumber(line)}</td>
      {hasColumns ? <td>{column ?? cells?.map((cell) => cell.column).join(', ') ?? ''}</td> : null}
      {hasValues ? <td>{value === null ? null : <code class="cell">{value}</code>}</td> : null}
      {hasMore ? (
        <td>
          {repairs?.map((repair) => (
            <span key={repair}>
              write <code class="cell good">{repair}</code>{' '}
            </span>
          ))}
          {cells?.map((cell) => (
            <span key={cell.column}>
              {cell.column} <code class="cell">{cell.value}</code>{' '}
            </span>
          ))}
          {message === first?.message && hint === first.hint ? null : (
            <span class="soft">
              {message} {hint}
            </span>
          )}
        </td>
      ) : null}
    </tr>
  );
}

/** Whether there is more to say of it than of the first of its group. */
function saysMore({ repairs, cells, message, hint }: Problem, first: Problem | undefined): boolean {
  const isAlike = message === first?.message && hint === first.hint;
  return !isAlike || repairs !== undefined || cells !== undefined;
}

/** Names of a header are one kind of problem, whatever the column. */
function isOf({ rule, column, check }: Problem, group: Group): boolean {
  if (rule !== group.rule || check !== group.check) return false;
  return group.column === null || group.column === column;
}
