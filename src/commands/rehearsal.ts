import type { Rule } from '../core/problem.ts';
import type { ConversionResult } from '../pipeline/conversion.ts';

/** One kind of problem that files would newly have. */
export interface RehearsedGroup {
  rule: Rule;
  column: string | null;
  /** In all files. */
  count: number;
  /** Each with the line of its first such problem; 0 where the whole file is meant. */
  files: { file: string; line: number }[];
  /** Of the first of them. */
  message: string;
  hint: string;
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
    for (const { rule, column, count, first } of groups) {
      const kind = `${rule} ${column ?? ''}`;
      const { message, hint, line } = first;
      const group = this.#groups.get(kind) ?? { rule, column, count: 0, files: [], message, hint };
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
    const kind = ({ rule, column }: RehearsedGroup): string => `${rule} ${column ?? ''}`;
    return [...this.#groups.values()].sort(
      (a, b) =>
        b.files.length - a.files.length || b.count - a.count || (kind(a) < kind(b) ? -1 : 1),
    );
  }
}
