// What an expression is compiled to: a function from the number of a row to a value, for each kind of value.
import type { CellSlot } from './cell-slot.ts';
import type { FractionOf } from './fraction.ts';
import type { CellComparison } from './cell-comparison.ts';
import type { Whole } from './whole.ts';

/** SQL has three of them. */
export const FALSE = 0;
export const TRUE = 1;
export const UNKNOWN = 2;
export type Truth = typeof FALSE | typeof TRUE | typeof UNKNOWN;

export type TruthOf = (row: number) => Truth;
/** NaN: no value. */
export type NumberOf = (row: number) => number;
/** Null: no value. */
export type TextOf = (row: number) => string | null;

export type TemporalKind = 'date' | 'time' | 'datetime' | 'timestamp';

export type Value = {
  /** Where it stands in the expression. */
  at: number;
  /** The columns that it follows from; none: it is the same for all rows. */
  slots: ReadonlySet<CellSlot>;
} &
  /** An integer or decimal: the whole number divided by 10 to the power of the scale. */
  (
    | { kind: 'exact'; scale: number; whole: Whole }
    /** An exact number that is no decimal, because it has been divided. */
    | { kind: 'fraction'; fraction: FractionOf }
    | { kind: 'float'; single: boolean; number: NumberOf }
    /** `cleaned`: as the dataset cleans texts. `slot`: of a column itself. */
    | { kind: 'text'; text: TextOf; cleaned: boolean; slot: CellSlot | null }
    /** `comparisons`: where it is false if and only if one of these is; else left out. */
    | { kind: 'truth'; truth: TruthOf; comparisons?: readonly CellComparison[] }
    /** Days or microseconds, as columns hold them. */
    | { kind: 'date'; whole: Whole }
    | { kind: 'time'; whole: Whole }
    | { kind: 'datetime'; whole: Whole }
    | { kind: 'timestamp'; whole: Whole }
    | { kind: 'json'; isNull: (row: number) => boolean }
    /** In single quotes; what it is follows from what it stands beside. */
    | { kind: 'quoted'; word: string }
  );

export type ValueOf<Kind extends Value['kind']> = Extract<Value, { kind: Kind }>;

export const kindNames: Record<Value['kind'], string> = {
  exact: 'a number',
  fraction: 'a number',
  float: 'a number',
  text: 'a text',
  truth: 'a condition',
  date: 'a date',
  time: 'a time of day',
  datetime: 'a DATETIME',
  timestamp: 'a TIMESTAMP',
  json: 'a JSON document',
  quoted: 'a text',
};

/** Whether a row has no value. */
export function nullTest(value: Value): (row: number) => boolean {
  switch (value.kind) {
    case 'exact':
    case 'date':
    case 'time':
    case 'datetime':
    case 'timestamp': {
      const { near, big } = value.whole;
      return near === null ? (row) => big(row) === null : (row) => Number.isNaN(near(row));
    }
    case 'fraction':
      return (row) => value.fraction(row) === null;
    case 'float':
      return (row) => Number.isNaN(value.number(row));
    case 'text': {
      const { slot, text } = value;
      return slot === null ? (row) => text(row) === null : (row) => slot.ids[row]! < 0;
    }
    case 'truth':
      return (row) => value.truth(row) === UNKNOWN;
    case 'json':
      return value.isNull;
    case 'quoted':
      return () => false;
  }
}
