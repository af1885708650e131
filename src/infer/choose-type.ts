import type { ColumnType, TypeName } from '../schema/column-type.ts';
import { DECIMAL_PRECISION_MAX } from '../schema/column-types.ts';
import type { ColumnProfile } from './column-profile.ts';
import type { Form } from './value-form.ts';

/** Kinds of types, the narrower first: the first that all values of a column fit is taken. */
const kinds = [
  {
    kind: 'whole',
    forms: ['bit', 'whole', 'large_whole'],
    one: 'a whole number',
    many: 'whole numbers',
  },
  {
    kind: 'boolean',
    forms: ['bit', 'truth_word'],
    mark: 'truth_word',
    one: 'true, false, 1 or 0',
    many: 'true, false, 1 or 0',
  },
  {
    kind: 'decimal',
    forms: ['bit', 'whole', 'large_whole', 'decimal'],
    one: 'a number with a decimal point',
    many: 'numbers with a decimal point',
  },
  {
    kind: 'double',
    forms: ['bit', 'whole', 'large_whole', 'decimal', 'exponent'],
    one: 'a number',
    many: 'numbers',
  },
  { kind: 'date', forms: ['date'], one: 'a date as YYYY-MM-DD', many: 'dates as YYYY-MM-DD' },
  { kind: 'time', forms: ['time'], one: 'a time as HH:MM:SS', many: 'times as HH:MM:SS' },
  {
    kind: 'datetime',
    forms: ['datetime', 'far_datetime'],
    one: 'YYYY-MM-DD HH:MM:SS',
    many: 'YYYY-MM-DD HH:MM:SS',
  },
  {
    kind: 'instant',
    forms: ['datetime', 'instant'],
    mark: 'instant',
    one: 'YYYY-MM-DD HH:MM:SS with a zone',
    many: 'YYYY-MM-DD HH:MM:SS with a zone',
  },
] as const satisfies readonly {
  kind: string;
  forms: readonly Form[];
  /** The form without which no column is taken for nearly of this kind. */
  mark?: Form;
  one: string;
  many: string;
}[];

type Kind = (typeof kinds)[number];

/** A kind that most values fit. */
export interface NearMiss {
  /** What the others are: one of them, and many. */
  one: string;
  many: string;
  /** How many values do not fit, and the line of the first. */
  misfits: number;
  firstLine: number;
}

export interface TypeChoice {
  type: ColumnType;
  isText: boolean;
  nearMiss: NearMiss | null;
}

/** Scale up to which a fraction is taken for a fixed one. */
const FIXED_SCALE_MAX = 8;
const SCALE_LIMIT = 30;

/** Lengths of VARCHAR that are offered, each for values of up to half of it. */
const lengths = [20, 50, 100, 255, 500, 1000];

/** Cells that hold something: neither empty nor blank nor a null word. */
export function valuesOf({ rows, empty, blank, forms }: ColumnProfile): number {
  return rows - empty - blank.count - forms.null_word.count;
}

/**
 * The type of a column: the narrowest kind that all its values fit, wide enough for values somewhat larger than those of
 * this file. What would lose something as a number stays text.
 */
export function chooseType(profile: ColumnProfile): TypeChoice {
  const values = valuesOf(profile);
  const kind = kinds.find((candidate) => values > 0 && fitting(profile, candidate) === values);
  const type = (kind === undefined ? null : typeOf(kind, profile)) ?? textType(profile);
  const isText = type.length > 0 || type.name.endsWith('TEXT');
  return { type, isText, nearMiss: nearMiss(profile, values) };
}

function fitting({ forms }: ColumnProfile, kind: Kind): number {
  return sum(kind.forms.map((form) => forms[form].count));
}

/** Null where the kind has no type that is large enough. */
function typeOf({ kind }: Kind, profile: ColumnProfile): ColumnType | null {
  switch (kind) {
    case 'whole':
      return plain(profile.forms.large_whole.count > 0 ? 'BIGINT' : 'INTEGER');
    case 'boolean':
      return plain('BOOLEAN');
    case 'decimal':
      return decimalType(profile);
    case 'double':
      return plain('DOUBLE');
    case 'date':
      return plain('DATE');
    case 'time':
      return { ...plain('TIME'), fraction: profile.secondDigits };
    case 'datetime':
      return { ...plain('DATETIME'), fraction: profile.secondDigits };
    case 'instant':
      return { ...plain('TIMESTAMP'), fraction: profile.secondDigits };
  }
}

/**
 * A DECIMAL with room for larger values; fractions of differing length get two digits more. Long fractions are what
 * programs write for a double, which is taken where nothing is lost by it.
 */
function decimalType(profile: ColumnProfile): ColumnType | null {
  const { wholeDigitsMax, fractionDigitsMax, fractionDigitsMin, isExactDouble } = profile;
  if (fractionDigitsMax > FIXED_SCALE_MAX && isExactDouble) return plain('DOUBLE');
  const most = Math.min(SCALE_LIMIT, DECIMAL_PRECISION_MAX - wholeDigitsMax);
  if (fractionDigitsMax > most) return null;
  const isFixed = fractionDigitsMin === fractionDigitsMax;
  const scale = Math.min(most, Math.max(2, fractionDigitsMax + (isFixed ? 0 : 2)));
  const whole = Math.max(10, wholeDigitsMax + 2);
  return { ...plain('DECIMAL'), precision: Math.min(DECIMAL_PRECISION_MAX, whole + scale), scale };
}

/** A text type for values up to twice as long. */
export function textType({ lengthMax, bytesMax }: ColumnProfile): ColumnType {
  const length = lengths.find((one) => one >= 2 * lengthMax);
  return length === undefined ? longTextType(bytesMax) : { ...plain('VARCHAR'), length };
}

export function longTextType(bytesMax: number): ColumnType {
  if (2 * bytesMax < 2 ** 16) return plain('TEXT');
  return plain(2 * bytesMax < 2 ** 24 ? 'MEDIUMTEXT' : 'LONGTEXT');
}

/** The kind that most values fit, at least nine of ten, where some do not. */
function nearMiss(profile: ColumnProfile, values: number): NearMiss | null {
  let nearest: NearMiss | null = null;
  for (const kind of kinds) {
    const misfits = values - fitting(profile, kind);
    if (misfits === 0 || misfits * 10 > values) continue;
    // Zeros and ones fit BOOLEAN, and times without a zone fit TIMESTAMP, but nobody means that by them.
    if ('mark' in kind && profile.forms[kind.mark].count === 0) continue;
    if (nearest !== null && nearest.misfits <= misfits) continue;
    nearest = { one: kind.one, many: kind.many, misfits, firstLine: firstMisfit(profile, kind) };
  }
  return nearest;
}

/** The line of the first value that does not fit. */
function firstMisfit({ forms }: ColumnProfile, kind: Kind): number {
  const fit: readonly Form[] = kind.forms;
  const lines = (Object.keys(forms) as Form[])
    .filter((form) => form !== 'null_word' && !fit.includes(form) && forms[form].count > 0)
    .map((form) => forms[form].firstLine);
  return Math.min(...lines);
}

function plain(name: TypeName): ColumnType {
  return { name, length: 0, precision: 0, scale: 0, fraction: 0 };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
