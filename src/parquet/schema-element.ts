import type { Column, LogicalType, Storage } from '../schema/column-type.ts';
import { columnTypes, decimalWidth } from '../schema/column-types.ts';
import type { ThriftCompactWriter } from './thrift-compact-writer.ts';

// Spec: parquet.thrift, Type.
export const physicalTypes: Record<Storage, number> = {
  boolean: 0,
  int32: 1,
  int64: 2,
  float: 4,
  double: 5,
  bytes: 6,
  fixed: 7,
};

// Spec: parquet.thrift, FieldRepetitionType.
const REQUIRED = 0;
const OPTIONAL = 1;

export function storageOf(column: Column): Storage {
  return columnTypes[column.type.name].storage(column.type);
}

/** The flat schema: the root, then one element a column. Spec: parquet.thrift, SchemaElement. */
export function writeSchema(thrift: ThriftCompactWriter, id: number, columns: readonly Column[]) {
  thrift.structListField<Column | null>(id, [null, ...columns], (column) => {
    if (column === null) {
      thrift.stringField(4, 'schema');
      thrift.i32Field(5, columns.length);
    } else {
      writeSchemaElement(thrift, column);
    }
  });
}

function writeSchemaElement(thrift: ThriftCompactWriter, column: Column): void {
  const storage = storageOf(column);
  const logicalType = columnTypes[column.type.name].logicalType(column.type);
  thrift.i32Field(1, physicalTypes[storage]);
  if (storage === 'fixed') thrift.i32Field(2, decimalWidth(column.type.precision));
  thrift.i32Field(3, column.nullable ? OPTIONAL : REQUIRED);
  thrift.stringField(4, column.name);
  // Readers from before logical types look at the converted type, and at scale and precision beside it.
  const convertedType = convertedTypeOf(logicalType);
  if (convertedType !== null) thrift.i32Field(6, convertedType);
  if (logicalType.kind === 'decimal') {
    thrift.i32Field(7, logicalType.scale);
    thrift.i32Field(8, logicalType.precision);
  }
  if (logicalType.kind !== 'none') {
    thrift.structField(10, () => {
      writeLogicalType(thrift, logicalType);
    });
  }
}

/** Spec: parquet.thrift, ConvertedType. */
function convertedTypeOf(type: LogicalType): number | null {
  switch (type.kind) {
    case 'none':
      return null;
    case 'string':
      return 0;
    case 'decimal':
      return 5;
    case 'date':
      return 6;
    // Spec: LogicalTypes.md asks for these two also where the time is local, which they cannot express.
    case 'time':
      return 8;
    case 'timestamp':
      return 10;
    case 'integer':
      return { 8: 15, 16: 16, 32: 17, 64: 18 }[type.bits];
    case 'json':
      return 19;
  }
}

/** Spec: parquet.thrift, LogicalType: a union, so exactly one field. */
function writeLogicalType(
  thrift: ThriftCompactWriter,
  type: Exclude<LogicalType, { kind: 'none' }>,
): void {
  switch (type.kind) {
    case 'string':
      thrift.emptyStructField(1);
      return;
    case 'decimal':
      thrift.structField(5, () => {
        thrift.i32Field(1, type.scale);
        thrift.i32Field(2, type.precision);
      });
      return;
    case 'date':
      thrift.emptyStructField(6);
      return;
    case 'time':
    case 'timestamp':
      thrift.structField(type.kind === 'time' ? 7 : 8, () => {
        thrift.boolField(1, type.utc);
        // The unit is a union too; its second member is MICROS.
        thrift.structField(2, () => {
          thrift.emptyStructField(2);
        });
      });
      return;
    case 'integer':
      thrift.structField(10, () => {
        thrift.byteField(1, type.bits);
        thrift.boolField(2, true);
      });
      return;
    case 'json':
      thrift.emptyStructField(12);
      return;
  }
}
