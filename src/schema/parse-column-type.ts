import { nearest } from '../core/nearest.ts';
import type { ColumnType, TypeName } from './column-type.ts';
import { columnTypes, DECIMAL_PRECISION_MAX } from './column-types.ts';

/** A type, or what is wrong with its text. */
export type ParsedColumnType = { type: ColumnType } | { problem: string };

/** MySQL's limit: it takes no more digits after the point. */
const DECIMAL_SCALE_MAX = 30;
/** Both databases and Parquet count time in microseconds at the finest. */
const FRACTION_MAX = 6;

const names = new Map<string, TypeName>(
  (Object.keys(columnTypes) as TypeName[]).flatMap((name) =>
    [name, ...columnTypes[name].aliases].map((word) => [word, name] as const),
  ),
);

/** Reads a type as schema.yaml writes it, letter case and spacing free: `INTEGER`, `String(20)`, `Numeric(10, 2)`. */
export function parseColumnType(text: string): ParsedColumnType {
  const match = /^\s*([^()]*?)\s*(?:\(([^()]*)\)\s*)?$/.exec(text);
  const word = match?.[1] ?? text;
  const name = names.get(word.toUpperCase().replaceAll(/\s+/g, ' '));
  if (match === null || name === undefined) return { problem: unknownType(word) };
  const numbers = match[2]?.split(',').map((number) => number.trim()) ?? [];
  if (!numbers.every((number) => /^\d{1,9}$/.test(number))) {
    return { problem: `what stands in the parentheses of ${name} must be whole numbers` };
  }
  return withParameters(name, numbers.map(Number));
}

function withParameters(name: TypeName, numbers: readonly number[]): ParsedColumnType {
  const type: ColumnType = { name, length: 0, precision: 0, scale: 0, fraction: 0 };
  const { parameters } = columnTypes[name];
  const [first, second] = numbers;
  switch (parameters.kind) {
    case 'none':
      return numbers.length === 0 ? { type } : { problem: `${name} takes no parentheses` };
    case 'length': {
      const { max, default: length } = parameters;
      const problem = tooMany(name, numbers, 1) ?? outOfRange(name, 'length', first, 1, max);
      return problem === null ? { type: { ...type, length: first ?? length } } : { problem };
    }
    case 'fraction': {
      const problem =
        tooMany(name, numbers, 1) ??
        outOfRange(name, "number of a second's fraction digits", first, 0, FRACTION_MAX);
      return problem === null ? { type: { ...type, fraction: first ?? 0 } } : { problem };
    }
    case 'precision_scale': {
      const precision = first ?? parameters.defaultPrecision;
      const scale = second ?? parameters.defaultScale;
      const problem = tooMany(name, numbers, 2) ?? decimalProblem(name, precision, scale);
      return problem === null ? { type: { ...type, precision, scale } } : { problem };
    }
  }
}

function tooMany(name: TypeName, numbers: readonly number[], most: number): string | null {
  if (numbers.length <= most) return null;
  return `${name} takes ${most === 1 ? 'one number' : `${most} numbers`} in parentheses`;
}

function outOfRange(
  name: TypeName,
  what: string,
  value: number | undefined,
  min: number,
  max: number,
): string | null {
  if (value === undefined || (value >= min && value <= max)) return null;
  const instead = name === 'VARCHAR' ? '; use TEXT for longer values' : '';
  return `the ${what} of ${name} must be from ${min} to ${max}${instead}`;
}

function decimalProblem(name: TypeName, precision: number, scale: number): string | null {
  if (precision < 1 || precision > DECIMAL_PRECISION_MAX) {
    const why = 'more digits are not exact in the programs that read Parquet';
    return `the precision of ${name} must be from 1 to ${DECIMAL_PRECISION_MAX}: ${why}`;
  }
  const most = Math.min(DECIMAL_SCALE_MAX, precision);
  if (scale <= most) return null;
  return `the scale of ${name}(${precision},${scale}) must be from 0 to ${most}`;
}

function unknownType(word: string): string {
  return `unknown type ${JSON.stringify(word.slice(0, 80))}: ${typeHint(word)}`;
}

function typeHint(word: string): string {
  // Of { type: DECIMAL(10,2) } YAML makes two keys.
  if (/\([^)]*$/.test(word))
    return "its parenthesis is not closed; in braces a type with a comma stands in quotes, such as 'DECIMAL(10,2)'";
  const close = nearest(word, names.keys(), 3);
  return close.length > 0
    ? `did you mean ${close.join(' or ')}?`
    : `the types are ${Object.keys(columnTypes).join(', ')}`;
}
