// The rules as loops over the entries of a column, as they lie in memory.
import type { Kernel } from '../kernel/kernel.ts';
import type { ColumnRules, ValueRule } from '../schema/column-rules.ts';
import type { ColumnType } from '../schema/column-type.ts';
import { readTypedText, type TypedText } from '../schema/typed-text.ts';
import type { Entries } from './column-batch.ts';
import { kernelEntries } from './kernel-entries.ts';
import { PatternCheck } from './pattern-check.ts';
import { rawReader } from './raw-value.ts';

/** Looks at the entries from `from` on and reports the ids of those that break the rule. */
type EntryCheck = (entries: Entries, from: number, report: (id: number) => void) => void;

// Checks have their loops over what the kernel finds each for itself: they are called for each block of rows, and a loop in common would need
// a function made for each call.

/** A rule with what finds the entries that break it. `close`: gives back what it has taken of the kernel's memory. */
export interface RuleCheck {
  rule: ValueRule;
  check: EntryCheck;
  close?: () => void;
}

/** No value has as many characters. */
const LENGTH_MAX = 2 ** 31 - 1;

type Value = TypedText['value'];

/** A check for each of the rules that there are, in the order in which they are asked. `bounds`: of numbers that are no outliers. */
export function entryChecks(
  rules: ColumnRules,
  type: ColumnType,
  bounds: readonly [number, number] | null,
  kernel: Kernel,
): RuleCheck[] {
  const { min, max, minLength, maxLength, enum: words, pattern } = rules;
  const checks: RuleCheck[] = [];
  if (min !== null)
    checks.push({ rule: 'min', check: limitsCheck(valueOf(min, type), null, kernel) });
  if (max !== null)
    checks.push({ rule: 'max', check: limitsCheck(null, valueOf(max, type), kernel) });
  if (minLength !== null) {
    checks.push({ rule: 'min_length', check: lengthCheck(minLength, Infinity, kernel) });
  }
  if (maxLength !== null)
    checks.push({
      rule: 'max_length',
      check: lengthCheck(0, maxLength, kernel),
    });
  if (words.length > 0) {
    const values = new Set(words.map((word) => valueOf(word, type)));
    checks.push({ rule: 'enum', check: enumCheck(values) });
  }
  if (pattern !== null) {
    const matches = new PatternCheck(pattern, kernel);
    checks.push({
      rule: 'pattern',
      check: (entries, from, report) => {
        matches.check(entries, from, report);
      },
      close: () => {
        matches.close();
      },
    });
  }
  if (bounds !== null) checks.push({ rule: 'outlier', check: outlierCheck(bounds, type, kernel) });
  return checks;
}

function valueOf(text: string, type: ColumnType): Value {
  const typed = readTypedText(text, type);
  if (typed === null) throw new Error(`A rule holds a value that is not of the type ${type.name}.`);
  return typed.value;
}

/** Reports values that are less than `low` or greater than `high`; each null where there is no such limit. */
function limitsCheck(low: Value | null, high: Value | null, kernel: Kernel): EntryCheck {
  const whole = [wholeLow(low), wholeHigh(high)] as const;
  const real = [Number(low ?? -Infinity), Number(high ?? Infinity)] as const;
  return (entries, from, report) => {
    if (
      entries.storage === 'fixed' ||
      entries.storage === 'bytes' ||
      entries.storage === 'boolean'
    ) {
      const read = rawReader(entries);
      for (let id = from; id < entries.count; id++) {
        const value = read(id);
        if ((low !== null && value < low) || (high !== null && value > high)) report(id);
      }
      return;
    }
    const { functions } = kernel;
    const { storage, entries: values } = kernelEntries(entries);
    const { count } = entries;
    const isWhole = entries.storage === 'int32' || entries.storage === 'int64';
    for (let id = from; id < count; id++) {
      id = isWhole
        ? functions.findIntegerOutside(storage, values, id, count, whole[0], whole[1])
        : functions.findRealOutside(storage, values, id, count, real[0], real[1]);
      if (id < count) report(id);
    }
  };
}

/** The least integer of 64 bits that is not less than the limit. */
function wholeLow(limit: Value | null): bigint {
  if (typeof limit === 'bigint') return limit;
  return inInt64(limit === null ? -Infinity : Math.ceil(Number(limit)));
}

/** The greatest that is not greater. */
function wholeHigh(limit: Value | null): bigint {
  if (typeof limit === 'bigint') return limit;
  return inInt64(limit === null ? Infinity : Math.floor(Number(limit)));
}

function inInt64(whole: number): bigint {
  if (whole < -(2 ** 63)) return -(2n ** 63n);
  return whole < 2 ** 63 ? BigInt(whole) : 2n ** 63n - 1n;
}

/** Bounds are sums, and those of equal numbers may differ in their last digits. */
const SLACK = 1e-9;

/** Reports numbers that lie outside of bounds, which are in the unit of the column. */
function outlierCheck(
  [low, high]: readonly [number, number],
  { scale }: ColumnType,
  kernel: Kernel,
): EntryCheck {
  const slack = SLACK * Math.max(Math.abs(low), Math.abs(high));
  return limitsCheck((low - slack) * 10 ** scale, (high + slack) * 10 ** scale, kernel);
}

/** Lengths in code points. */
function lengthCheck(least: number, most: number, { functions }: Kernel): EntryCheck {
  const [low, high] = [Math.min(least, LENGTH_MAX), Math.min(most, LENGTH_MAX)];
  return (entries, from, report) => {
    if (entries.storage !== 'bytes') return;
    const { bytes, offsets, count } = entries;
    for (let id = from; id < count; id++) {
      id = functions.findLengthOutside(bytes.byteOffset, offsets.byteOffset, id, count, low, high);
      if (id < count) report(id);
    }
  };
}

function enumCheck(values: ReadonlySet<Value>): EntryCheck {
  return (entries, from, report) => {
    const read = rawReader(entries);
    for (let id = from; id < entries.count; id++) {
      if (!values.has(read(id))) report(id);
    }
  };
}
