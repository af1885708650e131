import { expect, test } from 'vitest';
import { openCompressor } from '../../../src/parquet/compressor.ts';
import { RowGroupEncoder } from '../../../src/parquet/row-group-encoder.ts';
import { bytesOf, startOf } from '../../../src/parquet/row-group.ts';
import type { Column } from '../../../src/schema/column-type.ts';
import { batchOf, columnOf, kernel } from './batch-of.ts';

async function encoderOf(column: Column): Promise<RowGroupEncoder> {
  return new RowGroupEncoder([column], await openCompressor('none', 'large'), kernel);
}

test('a row group begins with its first page and ends with its last', async () => {
  const column = columnOf('a', 'TEXT');
  const encoder = await encoderOf(column);
  for (const values of [['a', 'b', null], Array<string>(50_000).fill('x')]) {
    const { bytes, rowGroup } = encoder.encode(batchOf([{ column, values, distinct: true }]));
    expect(rowGroup.rows).toBe(values.length);
    expect(startOf(rowGroup)).toBe(0);
    expect(bytesOf(rowGroup)).toBe(bytes.length);
  }
});

test('nulls that the schema forbids, or the batch does not count, are a defect', async () => {
  const required = columnOf('a', 'INTEGER', false);
  const forbidden = batchOf([{ column: required, values: [null], distinct: false }]);
  const strict = await encoderOf(required);
  expect(() => strict.encode(forbidden)).toThrow('Column a has 1 nulls');
  const nullable = columnOf('a', 'INTEGER');
  const batch = batchOf([{ column: nullable, values: [null, 1], distinct: false }]);
  batch.columns[0]!.nullCount = 0;
  const miscounted = await encoderOf(nullable);
  expect(() => miscounted.encode(batch)).toThrow('says 0');
});

test('a batch of other columns, or without rows, is a defect', async () => {
  const column = columnOf('a', 'INTEGER');
  const encoder = await encoderOf(column);
  for (const other of [columnOf('b', 'INTEGER'), columnOf('a', 'BIGINT')]) {
    const batch = batchOf([{ column: other, values: [1], distinct: false }]);
    expect(() => encoder.encode(batch)).toThrow('other columns');
  }
  const empty = batchOf([{ column, values: [], distinct: false }]);
  expect(() => encoder.encode(empty)).toThrow('at least one row');
});
