// Brings values that stand beside one another, in a comparison or as arguments, to one kind.
import type { ColumnType } from '../column-type.ts';
import { columnTypes } from '../column-types.ts';
import { cleanWord, type WordCleaning } from '../read-rules.ts';
import { readTypedText } from '../typed-text.ts';
import { floatOfFraction, fractionOf } from './fraction.ts';
import { ExpressionMistake } from './tokens.ts';
import { kindNames, type NumberOf, type TemporalKind, type Value, type ValueOf } from './value.ts';
import { constantWhole, smallWhole, times, type Whole } from './whole.ts';

const MICROS_PER_DAY = 86_400_000_000;

/** The least digits of a second's fraction that hold all that a column can have. */
const literalTypes: Record<TemporalKind, ColumnType> = {
  date: typeOf('DATE'),
  time: typeOf('TIME'),
  datetime: typeOf('DATETIME'),
  timestamp: typeOf('TIMESTAMP'),
};

function typeOf(name: ColumnType['name']): ColumnType {
  return { name, length: 0, precision: 0, scale: 0, fraction: name === 'DATE' ? 0 : 6 };
}

/**
 * Values of one kind, those in quotes read as those beside them are written, exact numbers with one scale.
 * @throws ExpressionMistake where they have nothing in common
 */
export function unify(values: readonly Value[], cleaning: WordCleaning): Value[] {
  const typed = values.filter(({ kind }) => kind !== 'quoted');
  const kind = commonKind(typed);
  const isCleaned = typed.some((value) => value.kind === 'text' && value.cleaned);
  const read = values.map((value) =>
    value.kind === 'quoted' ? readQuoted(value, kind, isCleaned ? cleaning : null) : value,
  );
  if (kind === 'exact') return alignScales(read as ValueOf<'exact'>[]);
  if (kind === 'fraction') return read.map((value) => ({ ...value, ...asFraction(value) }));
  if (kind === 'float') {
    const isSingle = read.every((value) =>
      value.kind === 'float' ? value.single : isConstant(value),
    );
    return read.map((value) => asFloat(value, isSingle));
  }
  return kind === 'datetime' ? read.map(asDatetime) : read;
}

const isConstant = ({ slots }: Value): boolean => slots.size === 0;

function commonKind(values: readonly Value[]): Exclude<Value['kind'], 'quoted'> {
  let common: Value['kind'] | null = null;
  for (const { kind, at } of values) {
    const joined: Value['kind'] | null = common === null ? kind : join(common, kind);
    if (joined === null) {
      const message = `${kindNames[kind]} stands beside ${kindNames[common!]}`;
      throw new ExpressionMistake(`${message}${adviceOn(kind, common!)}`, at);
    }
    common = joined;
  }
  return common === null || common === 'quoted' ? 'text' : common;
}

function join(a: Value['kind'], b: Value['kind']): Value['kind'] | null {
  if (a === b) return a;
  const both = new Set([a, b]);
  const consistsOf = (...kinds: Value['kind'][]): boolean =>
    [...both].every((kind) => kinds.includes(kind));
  if (consistsOf('exact', 'fraction')) return 'fraction';
  if (consistsOf('exact', 'fraction', 'float')) return 'float';
  return consistsOf('date', 'datetime') ? 'datetime' : null;
}

function adviceOn(a: Value['kind'], b: Value['kind']): string {
  const both = [a, b];
  if (both.includes('text') && both.some((kind) => kind === 'exact' || kind === 'float')) {
    return '; a text is compared with a text, in single quotes';
  }
  if (both.includes('timestamp') && both.includes('date')) {
    return '; date(…) of the TIMESTAMP is its date in UTC';
  }
  if (both.includes('timestamp') && both.includes('datetime')) {
    return ', and of the latter nobody knows the time zone';
  }
  return '';
}

/** A word in single quotes as a value of a kind. */
function readQuoted(
  { word, at, slots }: ValueOf<'quoted'>,
  kind: Exclude<Value['kind'], 'quoted'>,
  cleaning: WordCleaning | null,
): Value {
  switch (kind) {
    case 'text': {
      const cleaned = cleaning !== null;
      const text = cleaned ? cleanWord(word, typeOf('TEXT'), cleaning) : word;
      return { kind, at, slots, cleaned, slot: null, text: () => text };
    }
    case 'date':
    case 'time':
    case 'datetime':
    case 'timestamp': {
      const type = literalTypes[kind];
      // A date is midnight where it stands beside a DATETIME, as a DATE column is.
      const isDate = kind === 'datetime' && /^\d{4}-\d\d-\d\d$/.test(word);
      const typed = readTypedText(isDate ? `${word} 00:00:00` : word, type);
      if (typed !== null) {
        return { kind, at, slots, whole: constantWhole(BigInt(typed.value)) };
      }
      const expected = columnTypes[type.name].expects(type);
      throw new ExpressionMistake(`${shown(word)} is not of the type: expected ${expected}`, at);
    }
    case 'truth':
      throw new ExpressionMistake(
        `${shown(word)} stands beside a condition: write true or false`,
        at,
      );
    case 'json':
      throw new ExpressionMistake('a JSON document cannot be compared', at);
    case 'exact':
    case 'fraction':
    case 'float':
      throw new ExpressionMistake(
        `${shown(word)} stands beside a number: write it without quotes, or a column in double ones`,
        at,
      );
  }
}

const shown = (word: string): string => JSON.stringify(word.slice(0, 80));

function alignScales(values: readonly ValueOf<'exact'>[]): Value[] {
  const scale = Math.max(...values.map((value) => value.scale));
  return values.map((value) => ({
    ...value,
    scale,
    whole: scaled(value.whole, scale - value.scale),
  }));
}

function scaled(whole: Whole, digits: number): Whole {
  return digits === 0 ? whole : times(whole, 10n ** BigInt(digits));
}

/** A number as a fraction. */
export function asFraction(value: Value): Pick<ValueOf<'fraction'>, 'kind' | 'fraction'> {
  if (value.kind === 'fraction') return value;
  const { whole, scale } = value as ValueOf<'exact'>;
  return { kind: 'fraction', fraction: fractionOf(whole, scale) };
}

/** A number as a floating point number; a constant beside FLOAT columns as these hold it. */
export function asFloat(value: Value, isSingle = false): ValueOf<'float'> {
  const { at, slots } = value;
  const number = numberOf(value);
  if (!isSingle || !isConstant(value)) {
    return { kind: 'float', at, slots, single: value.kind === 'float' && value.single, number };
  }
  const constant = Math.fround(number(0));
  return { kind: 'float', at, slots, single: true, number: () => constant };
}

function numberOf(value: Value): NumberOf {
  if (value.kind === 'float') return value.number;
  if (value.kind === 'fraction') return floatOfFraction(value.fraction);
  const { whole, scale } = value as ValueOf<'exact'>;
  const { near, isSmall } = whole;
  // Up to 10 to the power of 22 a divisor is exact, so what is divided by it is rounded once.
  if (near !== null && isSmall && scale <= 22) {
    const divisor = 10 ** scale;
    return (row) => near(row) / divisor;
  }
  return (row) => {
    const unscaled = whole.big(row);
    return unscaled === null ? NaN : Number(`${unscaled}e-${scale}`);
  };
}

/** A DATE is midnight of its day. */
function asDatetime(value: Value): Value {
  if (value.kind !== 'date') return value;
  const { whole, at, slots } = value;
  return {
    kind: 'datetime',
    at,
    slots,
    whole: times(whole, BigInt(MICROS_PER_DAY)),
  };
}

/** The day in which a moment lies. */
export function daysOf(value: ValueOf<TemporalKind>): Whole {
  const { whole, kind } = value;
  if (kind === 'date') return whole;
  const { near, isSmall, big } = whole;
  const perDay = BigInt(MICROS_PER_DAY);
  const days = (row: number): number => {
    if (isSmall && near !== null) return Math.floor(near(row) / MICROS_PER_DAY);
    const micros = big(row);
    if (micros === null) return NaN;
    return Number((micros - (((micros % perDay) + perDay) % perDay)) / perDay);
  };
  return smallWhole(days, 10_000_000n);
}
