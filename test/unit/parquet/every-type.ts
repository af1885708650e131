import fc from 'fast-check';
import type { Column } from '../../../src/schema/column-type.ts';
import { columnOf, type Value } from './batch-of.ts';

const int64 = fc.oneof(
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n, 0n, -1n),
);
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', 'ä', '日本語', '😀', 'x'.repeat(47), 'y'.repeat(48), 'z'.repeat(3000)),
);
const float = fc.float().map(Math.fround);
// Microseconds from the year 1 to the year 9999.
const moment = fc.bigInt(-62135596800000000n, 253402300799999999n);

function integer(bits: number): fc.Arbitrary<number> {
  return fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 });
}

function decimal(precision: number): fc.Arbitrary<bigint> {
  const most = 10n ** BigInt(precision) - 1n;
  return fc.oneof(fc.bigInt(-most, most), fc.constantFrom(-most, most, 0n, -1n));
}

function decimalColumn(precision: number, scale: number): Column {
  return columnOf(`decimal_${precision}_${scale}`, 'DECIMAL', true, { precision, scale });
}

/** A column of every type, and of every physical type that a decimal has, with the values it takes. */
export const everyType: readonly { column: Column; value: fc.Arbitrary<Value> }[] = [
  { column: columnOf('tinyint', 'TINYINT'), value: integer(8) },
  { column: columnOf('smallint', 'SMALLINT'), value: integer(16) },
  { column: columnOf('integer', 'INTEGER'), value: integer(32) },
  { column: columnOf('bigint', 'BIGINT'), value: int64 },
  { column: decimalColumn(1, 1), value: decimal(1) },
  { column: decimalColumn(9, 2), value: decimal(9) },
  { column: decimalColumn(18, 6), value: decimal(18) },
  { column: decimalColumn(19, 0), value: decimal(19) },
  { column: decimalColumn(25, 5), value: decimal(25) },
  { column: decimalColumn(38, 10), value: decimal(38) },
  { column: columnOf('float', 'FLOAT'), value: float },
  { column: columnOf('double', 'DOUBLE'), value: fc.double() },
  { column: columnOf('boolean', 'BOOLEAN'), value: fc.boolean() },
  { column: columnOf('char', 'CHAR', true, { length: 255 }), value: text },
  { column: columnOf('varchar', 'VARCHAR', true, { length: 4000 }), value: text },
  { column: columnOf('text', 'TEXT'), value: text },
  { column: columnOf('mediumtext', 'MEDIUMTEXT'), value: text },
  { column: columnOf('longtext', 'LONGTEXT'), value: text },
  { column: columnOf('date', 'DATE'), value: fc.integer({ min: -719162, max: 2932896 }) },
  { column: columnOf('time', 'TIME'), value: fc.bigInt(0n, 86399999999n) },
  { column: columnOf('datetime', 'DATETIME'), value: moment },
  { column: columnOf('timestamp', 'TIMESTAMP'), value: moment },
  { column: columnOf('json', 'JSON'), value: fc.json() },
];
