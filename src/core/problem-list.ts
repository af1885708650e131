import type { FoundProblems, Problem, ProblemGroup, Rule } from './problem.ts';

/** More kinds of problems than this are only counted, so that a file of a million columns does not make a million groups. */
const GROUPS_MAX = 1000;

/** Of a header it is the names that are at fault, each once: together they are one kind of problem. */
const headerRules: ReadonlySet<Rule> = new Set([
  'header_delimiter',
  'header_missing_column',
  'header_extra_column',
  'header_duplicate_column',
]);

/** The column by which a problem is counted. */
export function groupColumn(rule: Rule, column: string | null): string | null {
  return headerRules.has(rule) ? null : column;
}

/** Two problems or groups of the same kind are counted together. */
export function kindOf({
  rule,
  column,
  check,
}: Pick<Problem, 'rule' | 'column' | 'check'>): string {
  return `${groupColumn(rule, column) ?? ''} ${rule} ${check ?? ''}`;
}

/**
 * The problems of one file: all are counted, by rule and column too, and the first `max` are kept for the report, besides the
 * first of each kind.
 */
export class ProblemList {
  readonly items: Problem[] = [];
  total = 0;
  readonly #max: number;
  /** By column, then by rule, of checks by the check. */
  readonly #groups = new Map<string | null, Map<string, ProblemGroup>>();
  #groupCount = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Whether a problem of this kind would be kept: describing one that is only counted would cost for nothing. */
  wants(rule: Rule, column: string | null, check?: string): boolean {
    if (this.items.length < this.#max) return true;
    return this.#groupCount < GROUPS_MAX && this.#group(rule, column, check) === undefined;
  }

  add(problem: Problem): void {
    this.total++;
    if (this.items.length < this.#max) this.items.push(problem);
    const { rule, column, check } = problem;
    this.#join({ rule, column, ...(check !== undefined && { check }), count: 1, first: problem });
  }

  /** Counts problems that are not wanted, and so not described. */
  count(rule: Rule, column: string | null, more = 1, check?: string): void {
    this.total += more;
    const group = this.#group(rule, column, check);
    if (group !== undefined) group.count += more;
  }

  /** Takes what was found in the next part of the file, whose first line is `line`. */
  append({ problems, problemsTotal, groups }: FoundProblems, line: number): void {
    const placed = (problem: Problem): Problem => ({ ...problem, line: problem.line + line });
    this.total += problemsTotal;
    for (const problem of problems) {
      if (this.items.length === this.#max) break;
      this.items.push(placed(problem));
    }
    for (const group of groups) this.#join({ ...group, first: placed(group.first) });
  }

  /** All that was found so far. */
  found(): FoundProblems {
    const groups = [...this.#groups.values()].flatMap((ofColumn) => [...ofColumn.values()]);
    // By line, because a block's malformed rows are found before its cells: pieces must not give another order than the whole.
    return { problems: this.items, problemsTotal: this.total, groups: groups.sort(byPlace) };
  }

  #group(rule: Rule, column: string | null, check?: string): ProblemGroup | undefined {
    return this.#groups.get(groupColumn(rule, column))?.get(keyOf(rule, check));
  }

  #join(group: ProblemGroup): void {
    const there = this.#group(group.rule, group.column, group.check);
    if (there !== undefined) {
      there.count += group.count;
      return;
    }
    if (this.#groupCount === GROUPS_MAX) return;
    this.#groupCount++;
    const column = groupColumn(group.rule, group.column);
    const ofColumn = this.#groups.get(column) ?? new Map<string, ProblemGroup>();
    this.#groups.set(column, ofColumn.set(keyOf(group.rule, group.check), { ...group, column }));
  }
}

function keyOf(rule: Rule, check: string | undefined): string {
  return check === undefined ? rule : `${rule} ${check}`;
}

function byPlace(a: ProblemGroup, b: ProblemGroup): number {
  return a.first.line - b.first.line || (kindOf(a) < kindOf(b) ? -1 : 1);
}

/** A few problems, all of which are listed. */
export function listProblems(problems: readonly Problem[], max = Infinity): FoundProblems {
  const list = new ProblemList(max);
  for (const problem of problems) list.add(problem);
  return list.found();
}
