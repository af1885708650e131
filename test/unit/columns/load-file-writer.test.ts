import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ColumnBuilder } from '../../../src/columns/column-builder.ts';
import { LoadFileWriter } from '../../../src/columns/load-file-writer.ts';
import { BlockPlacer } from '../../../src/columns/placed-block.ts';
import { column } from '../../support/loads.ts';
import { blockOf, buildBatches, keepAll, kernel } from './build-batches.ts';

const text = column('t', 'TEXT');

describe('the bytes', () => {
  test('escape backslash, tab, line feed, carriage return and NUL, and nothing else', () => {
    const every = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)).join('');
    const { loadFile } = buildBatches([text], [[`${every}é日😀`]]);
    const escaped = every
      .replace('\\', '\\\\')
      .replace('\0', '\\0')
      .replace('\t', '\\t')
      .replace('\n', '\\n')
      .replace('\r', '\\r');
    expect(loadFile).toBe(`${escaped}é日😀\n`);
  });

  test(String.raw`a null is \N, and the text \N is not`, () => {
    const rows = [
      ['', String.raw`\N`],
      [String.raw`\N`, ''],
    ];
    const { loadFile } = buildBatches([text, column('u', 'TEXT')], rows);
    expect(loadFile).toBe('\\N\t\\\\N\n\\\\N\t\\N\n');
  });

  test('are the canonical texts of the values', () => {
    const columns = [
      column('i', 'INTEGER'),
      column('d', 'DECIMAL', { precision: 5, scale: 2 }),
      column('b', 'BOOLEAN'),
      column('t', 'TIMESTAMP'),
    ];
    const { loadFile } = buildBatches(columns, [
      ['+05', '1', 'TRUE', '2024-01-01T02:00+02:00'],
      ['5', '1.00', '1', '2024-01-01 00:00:00'],
    ]);
    const row = '5\t1.00\t1\t2024-01-01 00:00:00\n';
    expect(loadFile).toBe(row + row);
  });
});

test('a buffer of a megabyte is written on, and closing twice does no harm', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hopper-load-file-'));
  const path = join(folder, 'rows.tsv');
  const file = new LoadFileWriter(path, kernel);
  try {
    const texts = ['a', 'b', 'c'].map((letter) => letter.repeat(700_000));
    const options = { clean: keepAll, renders: true, hashes: false };
    const builder = new ColumnBuilder(column('t', 'LONGTEXT'), options, kernel);
    const block = blockOf(texts.map((value) => [value]));
    builder.append(new BlockPlacer(kernel).place(block), 0, 0, texts.length, 0);
    file.renderRows([builder], texts.length);
    const bytes = file.finish();
    file.close();
    const content = readFileSync(path, 'utf8');
    expect(content).toBe(`${texts.join('\n')}\n`);
    expect(bytes).toBe(content.length);
  } finally {
    file.close();
    rmSync(folder, { recursive: true });
  }
});

test.each([
  ['are held while they are few, and there is no file', 1000, null],
  ['are in the file from the first on when they are more', 2, 'one\ntwo\n'],
])('rows %s', (_, heldBytesMax, inFile) => {
  const folder = mkdtempSync(join(tmpdir(), 'hopper-load-file-'));
  const path = join(folder, 'rows.tsv');
  const file = new LoadFileWriter(path, kernel, heldBytesMax);
  try {
    const options = { clean: keepAll, renders: true, hashes: false };
    const builder = new ColumnBuilder(text, options, kernel);
    builder.append(new BlockPlacer(kernel).place(blockOf([['one'], ['two']])), 0, 0, 2, 0);
    file.renderRows([builder], 2);
    expect(file.finish()).toBe(8);
    expect(existsSync(path) ? readFileSync(path, 'utf8') : null).toBe(inFile);
    expect(file.content && Buffer.from(file.content).toString()).toBe(
      inFile === null ? 'one\ntwo\n' : null,
    );
  } finally {
    file.close();
    rmSync(folder, { recursive: true });
  }
});
