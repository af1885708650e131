import { accepts } from './accepts.ts';
import type { ColumnType, TypeName } from './column-type.ts';
import { DECIMAL_PRECISION_MAX } from './column-types.ts';

/** Digits that any value of a whole number type may have before a decimal point. */
const wholeDigits = { TINYINT: 3, SMALLINT: 5, INTEGER: 10, BIGINT: 19 } as const;
const wholeNames = ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT'] as const;
const textNames = ['CHAR', 'VARCHAR', 'TEXT', 'MEDIUMTEXT', 'LONGTEXT'] as const;
/** More digits behind the point than this are what a program makes of a fraction, and no measure of the column. */
const SCALE_MAX = 10;

/** The type that holds what `type` holds and this value too, which it refuses; null where no other type is the obvious one. */
export function typeFor(type: ColumnType, text: string): ColumnType | null {
  return candidates(type, text).find((candidate) => accepts(candidate, text)) ?? null;
}

/** The same for a text that is too long. Lengths go up in tens, because the next value may be a little longer. */
export function typeForLength(type: ColumnType, characters: number, bytes: number): ColumnType {
  const length = Math.ceil(characters / 10) * 10;
  if (type.length > 0 && type.name === 'CHAR' && length <= 255) return typeOf('CHAR', { length });
  if (type.length > 0 && length <= 16_383) return typeOf('VARCHAR', { length });
  if (bytes <= 65_535) return typeOf('TEXT');
  return typeOf(bytes <= 16_777_215 ? 'MEDIUMTEXT' : 'LONGTEXT');
}

/** The type that holds what either holds; null where there is none. */
export function widest(a: ColumnType, b: ColumnType): ColumnType | null {
  if (a.name === b.name && a.name !== 'DECIMAL') {
    const length = Math.max(a.length, b.length);
    return typeOf(a.name, { length, fraction: Math.max(a.fraction, b.fraction) });
  }
  const text = laterOf(textNames, a, b);
  if (text !== null) {
    return text.length > 0 ? { ...text, length: Math.max(a.length, b.length) } : text;
  }
  const whole = laterOf(wholeNames, a, b);
  if (whole !== null) return whole;
  const [one, other] = [digitsOf(a), digitsOf(b)];
  if (one === null || other === null) return null;
  return decimal(Math.max(one.whole, other.whole), Math.max(one.scale, other.scale));
}

function candidates(type: ColumnType, text: string): ColumnType[] {
  switch (type.name) {
    case 'TINYINT':
    case 'SMALLINT':
    case 'INTEGER':
    case 'BIGINT': {
      const larger = wholeNames.slice(wholeNames.indexOf(type.name) + 1);
      return [...larger.map((name) => typeOf(name)), ...decimalsFor(type, text)];
    }
    case 'DECIMAL':
      return decimalsFor(type, text);
    case 'FLOAT':
      return [typeOf('DOUBLE')];
    case 'DATE':
      return [0, 3, 6].map((fraction) => typeOf('DATETIME', { fraction }));
    case 'TIME':
      return [3, 6].map((fraction) => typeOf('TIME', { fraction }));
    case 'DATETIME':
    case 'TIMESTAMP': {
      const fractions = [0, 3, 6].filter((fraction) => fraction >= type.fraction);
      const names: TypeName[] =
        type.name === 'DATETIME' ? ['DATETIME', 'TIMESTAMP'] : ['TIMESTAMP', 'DATETIME'];
      return names.flatMap((name) => fractions.map((fraction) => typeOf(name, { fraction })));
    }
    case 'DOUBLE':
    case 'BOOLEAN':
    case 'CHAR':
    case 'VARCHAR':
    case 'TEXT':
    case 'MEDIUMTEXT':
    case 'LONGTEXT':
    case 'JSON':
      return [];
  }
}

function decimalsFor(type: ColumnType, text: string): ColumnType[] {
  const match = /^[+-]?(\d+)(?:\.(\d+))?$/.exec(text);
  const own = digitsOf(type);
  if (match === null || own === null) return [];
  const whole = match[1]!.replace(/^0+/, '').length;
  const scale = match[2]?.length ?? 0;
  if (scale > Math.max(SCALE_MAX, own.scale)) return [];
  return [decimal(Math.max(own.whole, whole), Math.max(own.scale, scale)) ?? []].flat();
}

function digitsOf({ name, precision, scale }: ColumnType): { whole: number; scale: number } | null {
  if (name === 'DECIMAL') return { whole: precision - scale, scale };
  const found = wholeNames.find((whole) => whole === name);
  return found === undefined ? null : { whole: wholeDigits[found], scale: 0 };
}

function decimal(whole: number, scale: number): ColumnType | null {
  const precision = whole + scale;
  return precision > DECIMAL_PRECISION_MAX ? null : typeOf('DECIMAL', { precision, scale });
}

/** The one of two types that comes later in an order in which both are; else null. */
function laterOf(names: readonly TypeName[], a: ColumnType, b: ColumnType): ColumnType | null {
  const [one, other] = [names.indexOf(a.name), names.indexOf(b.name)];
  if (one === -1 || other === -1) return null;
  return one > other ? a : b;
}

function typeOf(name: TypeName, parameters: Partial<ColumnType> = {}): ColumnType {
  return { name, length: 0, precision: 0, scale: 0, fraction: 0, ...parameters };
}
