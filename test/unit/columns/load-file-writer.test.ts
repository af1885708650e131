import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ColumnBuilder } from '../../../src/columns/column-builder.ts';
import { DuplicateRows } from '../../../src/columns/duplicate-rows.ts';
import { hashBytes } from '../../../src/columns/key-table.ts';
import { LoadFileWriter } from '../../../src/columns/load-file-writer.ts';
import { column } from '../../support/loads.ts';
import { blockOf, buildBatches, keepAll } from './build-batches.ts';

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

describe('equal rows', () => {
  let folder: string;
  let path: string;
  let file: LoadFileWriter;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hopper-load-file-'));
    path = join(folder, 'rows.tsv');
    file = new LoadFileWriter(path);
  });

  afterEach(() => {
    file.close();
    rmSync(folder, { recursive: true });
  });

  /** A column that holds these texts, so that any of them can be rendered as a row. */
  function columnOf(texts: string[]): ColumnBuilder {
    const builder = new ColumnBuilder(column('t', 'LONGTEXT'), keepAll, texts.length, true);
    builder.append(blockOf(texts.map((value) => [value])), 0, 0, texts.length, 0);
    return builder;
  }

  test('are found in the file and in the buffer, and what was taken back is not', () => {
    const long = 'x'.repeat(700_000);
    const builder = columnOf([`${long}a`, `${long}b`, `${long}c`, 'short']);
    const seen = new DuplicateRows(file);
    const repeated = (row: number) => {
      file.renderRow([builder], row);
      const is = seen.isRepeated();
      if (is) file.takeBack();
      return is;
    };
    // A buffer of a megabyte: the first rows are in the file when they come again.
    expect([0, 1, 3, 2, 0, 1, 3, 2, 2].map(repeated)).toEqual([
      ...[false, false, false, false],
      ...[true, true, true, true, true],
    ]);
    const bytes = file.finish();
    const content = readFileSync(path, 'utf8');
    expect(content).toBe(`${long}a\n${long}b\nshort\n${long}c\n`);
    expect(bytes).toBe(content.length);
  });

  test('are not those that only have the same hash', () => {
    const [one, other] = collidingTexts();
    const builder = columnOf([one, other]);
    const seen = new DuplicateRows(file);
    const repeated = (row: number) => {
      file.renderRow([builder], row);
      return seen.isRepeated();
    };
    expect([repeated(0), repeated(1)]).toEqual([false, false]);
    expect([repeated(0), repeated(1)]).toEqual([true, true]);
  });

  test('are found among more rows than the table starts with', () => {
    const texts = Array.from({ length: 5000 }, (_, i) => `row ${i}`);
    const builder = columnOf(texts);
    const seen = new DuplicateRows(file);
    const count = () =>
      texts.filter((_, row) => {
        file.renderRow([builder], row);
        return seen.isRepeated();
      }).length;
    expect(count()).toBe(0);
    expect(count()).toBe(texts.length);
  });

  test('nothing is written of rows taken back, and closing twice does no harm', () => {
    const builder = columnOf(['a', 'b']);
    file.renderRow([builder], 0);
    file.takeBack();
    file.renderRow([builder], 1);
    expect(file.finish()).toBe(2);
    file.close();
    expect(readFileSync(path, 'utf8')).toBe('b\n');
  });
});

/** Two texts whose rows in a load file have the same hash: among 2^32 hashes some 80,000 tries find a pair. */
function collidingTexts(): [string, string] {
  const textOf = new Map<number, string>();
  for (let i = 0; ; i++) {
    const candidate = `row ${i}`;
    const row = Buffer.from(`${candidate}\n`);
    const hash = hashBytes(row, 0, row.length);
    const other = textOf.get(hash);
    if (other !== undefined) return [other, candidate];
    textOf.set(hash, candidate);
  }
}
