import type { Kernel } from '../kernel/kernel.ts';
import { type ColumnRules, type ValueRule, valueRules } from '../schema/column-rules.ts';
import type { ColumnType } from '../schema/column-type.ts';
import type { Entries } from './column-batch.ts';
import { entryChecks, type RuleCheck } from './entry-checks.ts';

/** Verdicts of rules follow those of parsers (see value-parser.ts): this one and those behind it. */
const FIRST_VERDICT = 5;

/** The rule that a verdict is about; undefined where it is a parser's. */
export function ruleOf(verdict: number): ValueRule | undefined {
  return valueRules[verdict - FIRST_VERDICT];
}

/**
 * Holds the entries of a column against its rules: each entry once, when the block that has brought it is read. So a rule costs
 * nothing for values that come again, nor for rows as long as no entry breaks it.
 */
export class EntryRules {
  readonly #checks: readonly (RuleCheck & { report: (id: number) => void })[];
  /** How many entries of the batch have been looked at. */
  checked = 0;
  #broken = 0;
  /** Of each entry: the verdict, or 0. As long as none is broken there are none. */
  #verdicts = new Uint8Array(0);

  /** `bounds`: of numbers that are no outliers. */
  constructor(
    rules: ColumnRules,
    type: ColumnType,
    bounds: readonly [number, number] | null,
    kernel: Kernel,
  ) {
    this.#checks = entryChecks(rules, type, bounds, kernel).map((check) => {
      const verdict = FIRST_VERDICT + valueRules.indexOf(check.rule);
      return {
        ...check,
        report: (id) => {
          this.#mark(id, verdict);
        },
      };
    });
  }

  /** Gives back what it has taken of the kernel's memory. */
  close(): void {
    for (const { close } of this.#checks) close?.();
  }

  /** Begins the next batch. */
  clear(): void {
    this.checked = 0;
    if (this.#broken > 0) this.#verdicts.fill(0);
    this.#broken = 0;
  }

  /** Looks at the entries that are new. */
  check(entries: Entries): void {
    const from = this.checked;
    const { count } = entries;
    this.checked = count;
    for (const { check, report } of this.#checks) check(entries, from, report);
  }

  /** Whether an entry of the batch breaks a rule. */
  get anyBroken(): boolean {
    return this.#broken > 0;
  }

  /** Puts the negated verdict in place of each id of an entry that breaks a rule, and returns how many there were. */
  reject(ids: Int32Array, from: number, to: number): number {
    const verdicts = this.#verdicts;
    let rejected = 0;
    for (let row = from; row < to; row++) {
      const id = ids[row]!;
      // Entries behind the last that is broken have no verdict.
      const verdict = id < 0 || id >= verdicts.length ? 0 : verdicts[id]!;
      if (verdict === 0) continue;
      ids[row] = -verdict;
      rejected++;
    }
    return rejected;
  }

  #mark(id: number, verdict: number): void {
    if (id >= this.#verdicts.length) {
      const grown = new Uint8Array(Math.max(this.checked, 2 * this.#verdicts.length));
      grown.set(this.#verdicts);
      this.#verdicts = grown;
    }
    // The first rule that it breaks is the one to report.
    if (this.#verdicts[id] !== 0) return;
    this.#verdicts[id] = verdict;
    this.#broken++;
  }
}
