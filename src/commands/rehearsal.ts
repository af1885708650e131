import type { Rule } from '../core/problem.ts';
import type { ConversionResult } from '../pipeline/conversion.ts';

/** One kind of problem that files would newly have. */
export interface RehearsedGroup {
  rule: Rule;
  column: string | null;
  /** Of a rule across columns: the check's name, or what it says. */
  check?: string;
  /** In all files. */
  count: number;
  /** Each with the line of its first such problem; 0 where the whole file is meant. */
  files: { file: string; line: number }[];
  /** Of the first of them. */
  message: string;
  hint: string;
}

/** Groups of different files are the same where these are. */
function kindOf({
  rule,
  column,
  check,
}: Pick<RehearsedGroup, 'rule' | 'column' | 'check'>): string {
  return `${rule} ${column ?? ''} ${check ?? ''}`;
}

/** What is found while files are converted under a changed schema. */
export class Rehearsal {
  /** Loads that were tried, and how many of them would fail, or have more rows diverted than before. */
  loads = 0;
  failing = 0;
  /** Failed files that were tried, and the names of those that would pass. */
  failed = 0;
  readonly passing: string[] = [];
  /** Loads whose source is gone. */
  readonly missing: string[] = [];
  readonly #groups = new Map<string, RehearsedGroup>();

  /** `rejectedBefore`: how many rows of it were diverted when it was loaded. */
  addLoad(file: string, result: ConversionResult, rejectedBefore: number): void {
    const { refused, counts, groups } = result;
    this.loads++;
    if (!refused && counts.rowsRejected <= rejectedBefore) return;
    this.failing++;
    for (const found of groups) {
      const { rule, column, check, count, first } = found;
      const kind = kindOf(found);
      const { message, hint, line } = first;
      const group = this.#groups.get(kind) ?? {
        ...{ rule, column, ...(check !== undefined && { check }) },
        ...{ count: 0, files: [], message, hint },
      };
      group.count += count;
      group.files.push({ file, line });
      this.#groups.set(kind, group);
    }
  }

  addFailed(file: string, { refused }: ConversionResult): void {
    this.failed++;
    if (!refused) this.passing.push(file);
  }

  addMissing(file: string): void {
    this.missing.push(file);
  }

  /** Those with most files first, then with most problems. */
  groups(): RehearsedGroup[] {
    return [...this.#groups.values()].sort(
      (a, b) =>
        b.files.length - a.files.length || b.count - a.count || (kindOf(a) < kindOf(b) ? -1 : 1),
    );
  }
}
