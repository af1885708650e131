// The rules as loops over the entries of a column, as they lie in memory.
import type { Kernel } from '../kernel/kernel.ts';
import type { ColumnRules, ValueRule } from '../schema/column-rules.ts';
import type { ColumnType } from '../schema/column-type.ts';
import { readTypedText, type TypedText } from '../schema/typed-text.ts';
import type { Entries } from './column-batch.ts';
import { PatternCheck } from './pattern-check.ts';
import { rawValue } from './raw-value.ts';

/** Looks at the entries from `from` on and reports the ids of those that break the rule. */
type EntryCheck = (entries: Entries, from: number, report: (id: number) => void) => void;

/** A rule with what finds the entries that break it. `close`: gives back what it has taken of the kernel's memory. */
export interface RuleCheck {
  rule: ValueRule;
  check: EntryCheck;
  close?: () => void;
}

type EntriesOf<Storage extends Entries['storage']> = Extract<Entries, { storage: Storage }>;
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
  if (min !== null) checks.push({ rule: 'min', check: limitCheck(valueOf(min, type), -1) });
  if (max !== null) checks.push({ rule: 'max', check: limitCheck(valueOf(max, type), 1) });
  if (minLength !== null) {
    checks.push({ rule: 'min_length', check: lengthCheck(minLength, Infinity) });
  }
  if (maxLength !== null) checks.push({ rule: 'max_length', check: lengthCheck(0, maxLength) });
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
  if (bounds !== null) checks.push({ rule: 'outlier', check: outlierCheck(bounds, type) });
  return checks;
}

function valueOf(text: string, type: ColumnType): Value {
  const typed = readTypedText(text, type);
  if (typed === null) throw new Error(`A rule holds a value that is not of the type ${type.name}.`);
  return typed.value;
}

/** Reports values that lie beyond the limit: below it where `side` is -1, above it where it is 1. */
function limitCheck(limit: Value, side: -1 | 1): EntryCheck {
  return (entries, from, report) => {
    switch (entries.storage) {
      case 'int32':
      case 'float':
      case 'double': {
        const { values, count } = entries;
        const bound = Number(limit) * side;
        for (let id = from; id < count; id++) if (values[id]! * side > bound) report(id);
        break;
      }
      case 'int64':
        checkWords(entries, from, BigInt(limit), side, report);
        break;
      case 'fixed':
      case 'bytes':
      case 'boolean':
        for (let id = from; id < entries.count; id++) {
          const value = rawValue(entries, id);
          if (side < 0 ? value < limit : value > limit) report(id);
        }
    }
  };
}

/** Two words at a time, because each 64-bit integer that JavaScript looks at is an object. */
function checkWords(
  { values, count }: EntriesOf<'int64'>,
  from: number,
  limit: bigint,
  side: -1 | 1,
  report: (id: number) => void,
): void {
  const words = new Int32Array(values.buffer, values.byteOffset, 2 * count);
  const limitHigh = Number(limit >> 32n);
  const limitLow = Number(BigInt.asUintN(32, limit));
  for (let id = from; id < count; id++) {
    const high = words[2 * id + 1]!;
    const beyond = high === limitHigh ? (words[2 * id]! >>> 0) - limitLow : high - limitHigh;
    if (beyond * side > 0) report(id);
  }
}

/** Bounds are sums, and those of equal numbers may differ in their last digits. */
const SLACK = 1e-9;

/** Reports numbers that lie outside of bounds, which are in the unit of the column. */
function outlierCheck([low, high]: readonly [number, number], { scale }: ColumnType): EntryCheck {
  const slack = SLACK * Math.max(Math.abs(low), Math.abs(high));
  const least = (low - slack) * 10 ** scale;
  const most = (high + slack) * 10 ** scale;
  return (entries, from, report) => {
    switch (entries.storage) {
      case 'int32':
      case 'float':
      case 'double': {
        const { values, count } = entries;
        for (let id = from; id < count; id++) {
          if (values[id]! < least || values[id]! > most) report(id);
        }
        break;
      }
      case 'int64': {
        const { values, count } = entries;
        const words = new Int32Array(values.buffer, values.byteOffset, 2 * count);
        for (let id = from; id < count; id++) {
          const value = words[2 * id + 1]! * 2 ** 32 + (words[2 * id]! >>> 0);
          if (value < least || value > most) report(id);
        }
        break;
      }
      case 'fixed':
      case 'bytes':
      case 'boolean':
        for (let id = from; id < entries.count; id++) {
          const value = Number(rawValue(entries, id));
          if (value < least || value > most) report(id);
        }
    }
  };
}

/** Lengths in code points, of which each has one byte that does not continue another. */
function lengthCheck(least: number, most: number): EntryCheck {
  return (entries, from, report) => {
    if (entries.storage !== 'bytes') return;
    const { bytes, offsets, count } = entries;
    for (let id = from; id < count; id++) {
      const start = offsets[id]!;
      const end = offsets[id + 1]!;
      // A code point has one to four bytes, so most values need no counting.
      if (end - start <= most && end - start >= 4 * least) continue;
      let length = 0;
      for (let at = start; at < end; at++) if ((bytes[at]! & 0xc0) !== 0x80) length++;
      if (length < least || length > most) report(id);
    }
  };
}

function enumCheck(values: ReadonlySet<Value>): EntryCheck {
  return (entries, from, report) => {
    for (let id = from; id < entries.count; id++) {
      if (!values.has(rawValue(entries, id))) report(id);
    }
  };
}
