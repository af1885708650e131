import { expect, test } from 'vitest';
import { ByteWriter } from '../../../src/parquet/byte-writer.ts';
import { ThriftCompactWriter } from '../../../src/parquet/thrift-compact-writer.ts';

function write(fields: (thrift: ThriftCompactWriter) => void): number[] {
  const out = new ByteWriter(1);
  const thrift = new ThriftCompactWriter(out);
  thrift.struct(() => {
    fields(thrift);
  });
  return [...out.written()];
}

test('field headers hold the distance to the field before, and start anew in a struct', () => {
  const bytes = write((thrift) => {
    thrift.i32Field(1, 1);
    thrift.structField(3, () => {
      thrift.boolField(2, true);
      thrift.boolField(3, false);
    });
    thrift.byteField(4, 64);
  });
  expect(bytes).toEqual([0x15, 2, 0x2c, 0x21, 0x12, 0, 0x13, 64, 0]);
});

test('integers are zigzag varints, beyond 32 bits too', () => {
  const bytes = write((thrift) => {
    thrift.i32Field(1, -1);
    thrift.i64Field(2, 300);
    thrift.i64Field(3, 2 ** 40);
  });
  expect(bytes).toEqual([0x15, 1, 0x16, 0xd8, 4, 0x16, 128, 128, 128, 128, 128, 64, 0]);
});

test('a list from fifteen elements on has its length behind its header', () => {
  const short = write((thrift) => {
    thrift.stringListField(1, ['é']);
  });
  expect(short).toEqual([0x19, 0x18, 2, 0xc3, 0xa9, 0]);
  const long = write((thrift) => {
    thrift.i32ListField(1, Array<number>(15).fill(2));
  });
  expect(long).toEqual([0x19, 0xf5, 15, ...Array<number>(15).fill(4), 0]);
});

test('fields out of order are a defect', () => {
  const twice = (thrift: ThriftCompactWriter) => {
    thrift.i32Field(1, 1);
    thrift.i32Field(1, 1);
  };
  expect(() => write(twice)).toThrow('out of order');
});
