import {
  NULL_ID,
  type ColumnBatch,
  type ColumnVector,
  type Entries,
} from '../../../src/columns/column-batch.ts';
import { Kernel, SLACK_BYTES } from '../../../src/kernel/kernel.ts';
import type { Column, ColumnType, TypeName } from '../../../src/schema/column-type.ts';
import { columnTypes, decimalWidth } from '../../../src/schema/column-types.ts';

/** One for all tests of a file, as a worker thread has one for all its files. */
export const kernel = new Kernel();

type Numbers = Uint8Array | Int32Array | BigInt64Array | Float32Array | Float64Array;

/** The same numbers in the kernel's memory. */
export function inKernel<Values extends Numbers>(values: Values): Values {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const { buffer, byteOffset } = kernel.take(bytes.length + SLACK_BYTES);
  new Uint8Array(buffer, byteOffset, bytes.length).set(bytes);
  const make = values.constructor as new (
    memory: ArrayBufferLike,
    at: number,
    length: number,
  ) => Values;
  return new make(buffer, byteOffset, values.length);
}

/** A value as its storage holds it: decimals unscaled, dates in days, times in microseconds. */
export type Value = boolean | number | bigint | string;

export interface TestColumn {
  column: Column;
  values: readonly (Value | null)[];
  /** Whether rows with equal values share an entry. */
  distinct: boolean;
  /** Entries that no row uses, before those that rows do. */
  unused?: readonly Value[];
}

export function columnOf(
  name: string,
  typeName: TypeName,
  nullable = true,
  parameters: Partial<ColumnType> = {},
): Column {
  const type = { name: typeName, length: 0, precision: 0, scale: 0, fraction: 0, ...parameters };
  return { name, type, nullable };
}

export function batchOf(columns: readonly TestColumn[]): ColumnBatch {
  return { rowCount: columns[0]?.values.length ?? 0, columns: columns.map(vectorOf) };
}

export function vectorOf({ column, values, distinct, unused = [] }: TestColumn): ColumnVector {
  const entries: Value[] = [...unused];
  const idOf = new Map<unknown, number>();
  // Longer than there are rows, as builders have it.
  const ids = new Int32Array(values.length + 3).fill(0);
  let nullCount = 0;
  values.forEach((value, row) => {
    if (value === null) {
      ids[row] = NULL_ID;
      nullCount++;
      return;
    }
    // As a key of its own, -0 is not 0.
    const key = Object.is(value, -0) ? 'minus zero' : value;
    let id = distinct ? idOf.get(key) : undefined;
    if (id === undefined) {
      id = entries.push(value) - 1;
      idOf.set(key, id);
    }
    ids[row] = id;
  });
  return { column, ids: inKernel(ids), nullCount, entries: entriesOf(column, entries), distinct };
}

export function entriesOf(column: Column, values: readonly Value[]): Entries {
  const count = values.length;
  const storage = columnTypes[column.type.name].storage(column.type);
  const spare = Array<number>(3).fill(0);
  switch (storage) {
    case 'boolean':
    case 'int32':
    case 'float':
    case 'double': {
      const numbers = [...values.map(Number), ...spare];
      if (storage === 'boolean')
        return { storage, count, values: inKernel(Uint8Array.from(numbers)) };
      if (storage === 'int32')
        return { storage, count, values: inKernel(Int32Array.from(numbers)) };
      if (storage === 'float')
        return { storage, count, values: inKernel(Float32Array.from(numbers)) };
      return { storage, count, values: inKernel(Float64Array.from(numbers)) };
    }
    case 'int64':
      return {
        storage,
        count,
        values: inKernel(BigInt64Array.from([...values, ...spare].map(BigInt))),
      };
    case 'bytes': {
      const strings = values.map((value) => Buffer.from(String(value)));
      const offsets = new Int32Array(count + 4);
      strings.forEach((bytes, id) => {
        offsets[id + 1] = offsets[id]! + bytes.length;
      });
      const bytes = new Uint8Array(Buffer.concat([...strings, Buffer.from('spare')]));
      return { storage, count, bytes: inKernel(bytes), offsets: inKernel(offsets) };
    }
    case 'fixed': {
      const width = decimalWidth(column.type.precision);
      const bytes = new Uint8Array(width * (count + 1));
      values.forEach((value, id) => {
        bytes.set(bigEndian(BigInt(value), width), id * width);
      });
      return { storage, count, bytes: inKernel(bytes), width };
    }
  }
}

/** Two's complement. */
export function bigEndian(value: bigint, width: number): Uint8Array {
  const digits = BigInt.asUintN(8 * width, value)
    .toString(16)
    .padStart(2 * width, '0');
  return Uint8Array.from(Buffer.from(digits, 'hex'));
}
