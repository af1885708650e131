import type { RawValue } from '../columns/raw-value.ts';
import type { ColumnType } from '../schema/column-type.ts';
import { columnTypes } from '../schema/column-types.ts';

/** What can be done with the values of a column: reckoned with, put on a line of time, or only told apart. */
export type ValueKind = 'number' | 'time' | 'text' | 'boolean';

export function kindOf(type: ColumnType): ValueKind {
  const { kind } = columnTypes[type.name].logicalType(type);
  switch (kind) {
    case 'integer':
    case 'decimal':
      return 'number';
    case 'date':
    case 'time':
    case 'timestamp':
      return 'time';
    case 'string':
    case 'json':
      return 'text';
    case 'none':
      return type.name === 'BOOLEAN' ? 'boolean' : 'number';
  }
}

/** Negative, 0 or positive as `a` sorts before, with or behind `b`: texts by their code points, as Parquet and DuckDB have it. */
export function compareRaw(a: RawValue, b: RawValue): number {
  if (typeof a === 'string' && typeof b === 'string') return compareCodePoints(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareCodePoints(a: string, b: string): number {
  const both = Math.min(a.length, b.length);
  let at = 0;
  while (at < both && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  if (at === both) return a.length - b.length;
  return rankOf(a.charCodeAt(at)) - rankOf(b.charCodeAt(at));
}

/** Puts surrogates, which stand for code points from U+10000 on, behind all other units of UTF-16. */
function rankOf(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;
}

/** A raw number in the unit of the column: 12.5 for the 1250 of a DECIMAL(10,2). Times stay as they are. */
export function scaledNumber(type: ColumnType, raw: number): number {
  return type.scale === 0 ? raw : raw / 10 ** type.scale;
}

const MICROS = 1_000_000n;
const DAY_SECONDS = 86_400n;

/** In the canonical text of the type. */
export function rawText(type: ColumnType, raw: RawValue): string {
  switch (type.name) {
    case 'BOOLEAN':
      return raw === 0 ? 'false' : 'true';
    case 'DECIMAL':
      return decimalText(BigInt(raw), type.scale);
    case 'DATE':
      return dateText(BigInt(raw));
    case 'TIME':
      return timeText(BigInt(raw), type.fraction);
    case 'DATETIME':
    case 'TIMESTAMP': {
      const micros = BigInt(raw);
      const ofDay = DAY_SECONDS * MICROS;
      const days = (micros - modulo(micros, ofDay)) / ofDay;
      return `${dateText(days)} ${timeText(modulo(micros, ofDay), type.fraction)}`;
    }
    case 'FLOAT':
      return String(shortFloat(Number(raw)));
    case 'TINYINT':
    case 'SMALLINT':
    case 'INTEGER':
    case 'BIGINT':
    case 'DOUBLE':
    case 'CHAR':
    case 'VARCHAR':
    case 'TEXT':
    case 'MEDIUMTEXT':
    case 'LONGTEXT':
    case 'JSON':
      return String(raw);
  }
}

/** With as few digits as tell it from its neighbours among floats. */
function shortFloat(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}

function decimalText(value: bigint, scale: number): string {
  if (scale === 0) return String(value);
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function dateText(days: bigint): string {
  return new Date(Number(days) * 86_400_000).toISOString().slice(0, 10);
}

function timeText(micros: bigint, fraction: number): string {
  const seconds = Number(micros / MICROS);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const text = parts.map((part) => String(part).padStart(2, '0')).join(':');
  if (fraction === 0) return text;
  return `${text}.${String(micros % MICROS)
    .padStart(6, '0')
    .slice(0, fraction)}`;
}

function modulo(value: bigint, by: bigint): bigint {
  return ((value % by) + by) % by;
}
