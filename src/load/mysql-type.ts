/**
 * MySQL column types as values: what one can hold of another. Pure; the words come from table_schema.yaml or from
 * information_schema, of MySQL (`int`) as of MariaDB (`int(11)`).
 */
export type MysqlType =
  | { kind: 'integer'; bits: number; unsigned: boolean }
  | { kind: 'decimal'; precision: number; scale: number; unsigned: boolean }
  | { kind: 'float' | 'double'; fixed: boolean; unsigned: boolean }
  /** `most` counts characters of CHAR and VARCHAR, bytes of the TEXT family. CHAR is padded: it drops trailing blanks. */
  | { kind: 'text'; most: number; unit: 'characters' | 'bytes'; padded: boolean }
  | { kind: 'date' }
  | { kind: 'time' | 'datetime' | 'timestamp'; fraction: number }
  | { kind: 'json' }
  /** A type that is only compared by its words: ENUM, SET, BIT, spatial types. */
  | { kind: 'other'; words: string };

/** Why a column cannot hold another's values; `silent`: the server changes the value without a warning that stops the load. */
export interface Loss {
  silent: boolean;
  reason: string;
}

const integerBits: Readonly<Record<string, number>> = {
  tinyint: 8,
  int1: 8,
  bool: 8,
  boolean: 8,
  smallint: 16,
  int2: 16,
  mediumint: 24,
  int3: 24,
  int: 32,
  integer: 32,
  int4: 32,
  bigint: 64,
  int8: 64,
};

const textBytes: Readonly<Record<string, number>> = {
  tinytext: 2 ** 8 - 1,
  text: 2 ** 16 - 1,
  mediumtext: 2 ** 24 - 1,
  longtext: 2 ** 32 - 1,
};

/** Reads a type in MySQL's own words; letter case, display widths and character sets make no difference. */
export function mysqlTypeOf(words: string): MysqlType {
  const text = words.trim().toLowerCase().replace(/\s+/g, ' ');
  const match = /^([a-z][a-z0-9]*(?: precision| varying)?)\s*(?:\(([^)]*)\))?(.*)$/.exec(text);
  const name = match?.[1] ?? '';
  const numbers = (match?.[2] ?? '').split(',').map((part) => Number.parseInt(part, 10));
  const first = numbers[0];
  const given = first !== undefined && !Number.isNaN(first);
  // ZEROFILL makes a column unsigned as well.
  const unsigned = /\b(unsigned|zerofill)\b/.test(match?.[3] ?? '');

  const bits = integerBits[name];
  if (bits !== undefined) return { kind: 'integer', bits, unsigned };
  const bytes = textBytes[name];
  if (bytes !== undefined) return { kind: 'text', most: bytes, unit: 'bytes', padded: false };
  switch (name) {
    case 'decimal':
    case 'dec':
    case 'numeric':
    case 'fixed':
      return { kind: 'decimal', precision: given ? first : 10, scale: numbers[1] ?? 0, unsigned };
    case 'float':
    case 'float4':
      // Spec: FLOAT(p) with p above 24 is a DOUBLE; FLOAT(m,d) rounds to d digits.
      return {
        kind: given && numbers.length === 1 && first > 24 ? 'double' : 'float',
        fixed: numbers.length > 1,
        unsigned,
      };
    case 'double':
    case 'double precision':
    case 'real':
    case 'float8':
      return { kind: 'double', fixed: numbers.length > 1, unsigned };
    case 'char':
    case 'character':
    case 'nchar':
      return { kind: 'text', most: given ? first : 1, unit: 'characters', padded: true };
    case 'varchar':
    case 'char varying':
    case 'character varying':
    case 'nvarchar':
      return given
        ? { kind: 'text', most: first, unit: 'characters', padded: false }
        : { kind: 'other', words: text };
    case 'date':
    case 'json':
      return { kind: name };
    case 'time':
    case 'datetime':
    case 'timestamp':
      return { kind: name, fraction: given ? first : 0 };
    default:
      return { kind: 'other', words: text };
  }
}

/** What a column of type `actual` loses of the values of a column of type `wanted`; null: nothing. */
export function lossBetween(wanted: MysqlType, actual: MysqlType): Loss | null {
  if (JSON.stringify(wanted) === JSON.stringify(actual)) return null;
  if (actual.kind === 'other' || wanted.kind === 'other') {
    return refused('the two types cannot be compared');
  }
  if (actual.kind === 'text') return lossInText(wanted, actual);
  switch (wanted.kind) {
    case 'integer':
    case 'decimal':
      return lossOfExactNumber(wanted, actual);
    case 'float':
    case 'double':
      return lossOfFloat(wanted, actual);
    case 'date':
      if (actual.kind === 'datetime') return null;
      if (actual.kind === 'timestamp') return refused('only dates from 1970 to 2038 fit');
      return anotherKind;
    case 'time':
    case 'datetime':
    case 'timestamp':
      return lossOfTime(wanted, actual);
    case 'text':
    case 'json':
      return anotherKind;
  }
}

const anotherKind: Loss = { silent: true, reason: 'another kind of value' };

function refused(reason: string): Loss {
  return { silent: false, reason };
}

function changed(reason: string): Loss {
  return { silent: true, reason };
}

function lossInText(wanted: MysqlType, actual: MysqlType & { kind: 'text' }): Loss | null {
  if (wanted.kind === 'text') {
    if (actual.padded && !wanted.padded) return changed('CHAR drops blanks at the end of a value');
    // A character takes one to four bytes, so n characters need 4n bytes and n bytes may be n characters.
    const needed =
      actual.unit === 'bytes' && wanted.unit === 'characters' ? wanted.most * 4 : wanted.most;
    return actual.most < needed ? refused('longer values do not fit') : null;
  }
  return actual.most < textLength(wanted) ? refused('longer values do not fit') : null;
}

/** The most characters that a value takes when it is written out; for JSON the bytes of a LONGTEXT. */
function textLength(type: Exclude<MysqlType, { kind: 'text' }>): number {
  switch (type.kind) {
    case 'integer':
      return Math.max(String(rangeOf(type).from).length, String(rangeOf(type).to).length);
    case 'decimal':
      return type.precision + 3;
    case 'float':
    case 'double':
      return 24;
    case 'date':
      return 10;
    case 'time':
      return 11 + type.fraction;
    case 'datetime':
    case 'timestamp':
      return 20 + type.fraction;
    case 'json':
      return 2 ** 32 - 1;
    case 'other':
      return Number.POSITIVE_INFINITY;
  }
}

function lossOfExactNumber(
  wanted: MysqlType & { kind: 'integer' | 'decimal' },
  actual: MysqlType,
): Loss | null {
  const range = rangeOf(wanted);
  if (actual.kind === 'integer' || actual.kind === 'decimal') {
    const scale = wanted.kind === 'decimal' ? wanted.scale : 0;
    if (scale > (actual.kind === 'decimal' ? actual.scale : 0)) {
      return changed('digits after the point are rounded away');
    }
    const held = rangeOf(actual);
    return held.from > range.from || held.to < range.to
      ? refused('larger numbers do not fit')
      : null;
  }
  if (actual.kind === 'float' || actual.kind === 'double') {
    const exactBits = actual.kind === 'float' ? 24 : 53;
    const fits = wanted.kind === 'integer' && wanted.bits <= exactBits && !actual.fixed;
    if (!fits) return changed(`${actual.kind.toUpperCase()} rounds exact numbers`);
    return actual.unsigned && !wanted.unsigned ? refused('negative numbers do not fit') : null;
  }
  return anotherKind;
}

/** The whole numbers that a type holds; of a decimal, its whole digits. */
function rangeOf(type: MysqlType & { kind: 'integer' | 'decimal' }): { from: bigint; to: bigint } {
  if (type.kind === 'integer') {
    const bits = BigInt(type.bits);
    return type.unsigned
      ? { from: 0n, to: 2n ** bits - 1n }
      : { from: -(2n ** (bits - 1n)), to: 2n ** (bits - 1n) - 1n };
  }
  const to = 10n ** BigInt(type.precision - type.scale) - 1n;
  return { from: type.unsigned ? 0n : -to, to };
}

function lossOfFloat(
  wanted: MysqlType & { kind: 'float' | 'double' },
  actual: MysqlType,
): Loss | null {
  if (actual.kind === 'integer' || actual.kind === 'decimal') {
    return changed('digits after the point are rounded away');
  }
  if (actual.kind !== 'float' && actual.kind !== 'double') return anotherKind;
  if (actual.kind === 'float' && wanted.kind === 'double')
    return changed('FLOAT keeps 7 digits of 17');
  if (actual.fixed) return changed('digits after the point are rounded away');
  return actual.unsigned && !wanted.unsigned ? refused('negative numbers do not fit') : null;
}

function lossOfTime(
  wanted: MysqlType & { kind: 'time' | 'datetime' | 'timestamp' },
  actual: MysqlType,
): Loss | null {
  if (actual.kind === 'date' && wanted.kind !== 'time')
    return changed('the time of day is cut off');
  if (actual.kind !== 'time' && actual.kind !== 'datetime' && actual.kind !== 'timestamp')
    return anotherKind;
  if ((wanted.kind === 'time') !== (actual.kind === 'time')) return anotherKind;
  if (actual.fraction < wanted.fraction) return changed('fractions of a second are rounded away');
  if (wanted.kind === 'datetime' && actual.kind === 'timestamp') {
    return refused('only times from 1970 to 2038 fit');
  }
  return null;
}
