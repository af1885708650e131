import { expect, test } from 'vitest';
import { BatchBuilder } from '../../../src/columns/batch-builder.ts';
import { Kernel, SLACK_BYTES } from '../../../src/kernel/kernel.ts';
import { ProblemList } from '../../../src/core/problem-list.ts';
import { GATHERED_FIELDS } from '../../../src/csv/row-block.ts';
import { RowScanner } from '../../../src/csv/row-scanner.ts';
import { SourceReader } from '../../../src/csv/source-reader.ts';
import { openCompressor } from '../../../src/parquet/compressor.ts';
import { RowGroupEncoder } from '../../../src/parquet/row-group-encoder.ts';
import { column } from '../../support/loads.ts';
import { keepAll } from '../columns/build-batches.ts';
import { withReader } from '../csv/source-file.ts';

/** All memory that a kernel has, used or not. */
function sizeOf(kernel: Kernel): number {
  const some = kernel.take(8);
  const { byteLength } = some.buffer;
  kernel.giveBack(some);
  return byteLength;
}

test('a view stays what it is when the memory grows', () => {
  const kernel = new Kernel();
  const early = kernel.take(1000).fill(7);
  const before = sizeOf(kernel);
  const late = kernel.take(50 << 20).fill(9);
  expect(sizeOf(kernel)).toBeGreaterThan(before);
  expect(early.every((byte) => byte === 7)).toBe(true);
  kernel.bytesAt(early.byteOffset, 1000).fill(8);
  expect(early.every((byte) => byte === 8)).toBe(true);
  expect(late.every((byte) => byte === 9)).toBe(true);
  for (const view of [early, late]) expect(kernel.holds(view)).toBe(true);
});

test('bytes that lie elsewhere are copied, and again when they are more', () => {
  const kernel = new Kernel();
  const here = kernel.take(10);
  expect(kernel.addressOf(here)).toBe(here.byteOffset);
  for (const length of [10, 1000, 5, 100_000]) {
    const bytes = new Uint8Array(length).map((_, i) => i);
    expect(kernel.holds(bytes)).toBe(false);
    const address = kernel.addressOf(bytes);
    expect(kernel.bytesAt(address, length)).toEqual(bytes);
  }
});

test('what conversions have taken they give back', async () => {
  const kernel = new Kernel();
  const compressor = await openCompressor('none', 'large');
  const columns = [column('id', 'INTEGER'), column('name', 'TEXT'), column('at', 'DATETIME')];
  columns.push({ ...column('more', 'JSON'), gathers: true });
  const extra = [{ field: 3, name: 'tail' }];
  const row = (i: number) =>
    `${i},"name ""${i % 5000}""",2024-01-01 00:00:${10 + (i % 50)},${'x'.repeat(i % 99)}\n`;
  const content = Buffer.from(Array.from({ length: 20_000 }, (_, i) => row(i)).join(''));
  const convert = (): void => {
    const clean = { ...keepAll, duplicateRows: 'drop' as const };
    const builder = new BatchBuilder({ columns, clean, renders: false, kernel });
    const encoder = new RowGroupEncoder(columns, compressor, kernel);
    builder.begin({
      ...{ fieldOf: [0, 1, 2, GATHERED_FIELDS], rowsMax: 1 << 17, seed: 1, extra },
      ...{ compares: true },
      ...{ rejected: null, marks: null },
    });
    withReader(content, 1 << 20, ({ fileBytes }, fd) => {
      const part = { from: 0, to: fileBytes };
      const reader = new SourceReader(fd, fileBytes, 1 << 20, part, kernel);
      const onFault = () => undefined;
      const options = { delimiter: 44, fieldCount: 4, rowsMax: 512, line: 1, onFault, kernel };
      const scanner = new RowScanner(options);
      while (reader.refill()) {
        do {
          reader.start = scanner.scan(reader.bytes, reader.start, reader.end, reader.last);
          builder.add(scanner.block, 0, 0, false, new ProblemList(1));
        } while (scanner.full);
      }
      scanner.close();
      reader.close();
    });
    expect(encoder.encode(builder.batch()).rowGroup.rows).toBe(20_000);
    builder.close();
    encoder.close();
  };
  convert();
  const size = sizeOf(kernel);
  for (let i = 0; i < 10; i++) convert();
  expect(sizeOf(kernel)).toBe(size);
});

test('plain bytes are characters of ASCII, wherever another one stands', () => {
  const kernel = new Kernel();
  for (const length of [0, 1, 63, 64, 65, 200]) {
    const bytes = kernel.take(length + SLACK_BYTES).fill(0);
    bytes.fill(0x7f, 0, length);
    const isPlain = () => kernel.functions.isPlain(bytes.byteOffset, length) !== 0;
    expect(isPlain()).toBe(true);
    for (let at = 0; at < length; at++) {
      for (const odd of [0, 0x80, 0xff]) {
        bytes[at] = odd;
        expect(isPlain()).toBe(false);
      }
      bytes[at] = 0x20;
    }
  }
});
