import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SourceRows } from '../../../src/columns/source-rows.ts';
import { kernel } from './build-batches.ts';
import { column, datasetOf } from '../../support/loads.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hopper-rows-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const { columns, clean } = datasetOf('d', [column('id', 'INTEGER'), column('name', 'MEDIUMTEXT')]);

/** Whether each row of a source, its lines given, equals each one before it: `[earlier, later]` of those that do. */
function equalRows(lines: readonly string[]): [number, number][] {
  const path = join(folder, 'a.csv');
  writeFileSync(path, lines.join(''));
  const bytes = lines.map((line) => Buffer.byteLength(line));
  const starts = bytes.map((_, i) => bytes.slice(0, i).reduce((sum, length) => sum + length, 0));
  const fd = openSync(path, 'r');
  try {
    const rows = new SourceRows({
      fd,
      fileBytes: Buffer.byteLength(lines.join('')),
      delimiter: { text: ',', byte: 44, name: 'comma' },
      dialect: null,
      fieldCount: 2,
      fieldOf: [0, 1],
      columns,
      clean: { ...clean, lowercaseValues: true, nullWords: ['NA'] },
      kernel,
    });
    return lines.flatMap((_, later) =>
      Array.from({ length: later }, (_, earlier): [number, number] => [earlier, later]).filter(
        ([earlier]) => rows.areEqual(starts[earlier]!, starts[later]!, bytes[later]!),
      ),
    );
  } finally {
    closeSync(fd);
  }
}

/** Ways to write the same value. */
const idWays = { 5: ['5', ' 5', '"5"', '" 5 "'], 55: ['55', '"55"'], null: ['', 'NA', '""'] };
const nameWays = {
  a: ['a', 'A', '" a"'],
  'a\n': ['"a\n."', '"A\n."'],
  aa: ['aa', '"AA"'],
  null: ['', 'NA', ' NA '],
};

test('rows are equal where their values are, however they are written and wherever they end', () => {
  const cell = (ways: Record<string, string[]>) =>
    fc
      .constantFrom(...Object.keys(ways))
      .chain((value) => fc.constantFrom(...ways[value]!).map((text) => ({ value, text })));
  const row = fc.record({
    id: cell(idWays),
    name: cell(nameWays),
    end: fc.constantFrom('\n', '\r\n', '\r'),
  });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 8 }), fc.boolean(), (rows, lastEnds) => {
      const values = rows.map(({ id, name }) => JSON.stringify([id.value, name.value]));
      const lines = rows.map(({ id, name, end }, i) => {
        return `${id.text},${name.text}${i < rows.length - 1 || lastEnds ? end : ''}`;
      });
      const expected = values.flatMap((value, later) =>
        values
          .slice(0, later)
          .flatMap((before, earlier) => (before === value ? [[earlier, later]] : [])),
      );
      expect(equalRows(lines)).toEqual(expected);
    }),
    { numRuns: 200 },
  );
});

test('a row is not taken for the start of a longer one, nor of one without its line end', () => {
  expect(equalRows(['1,ab\n', '1,abc\n', '1,a\n', '1,ab'])).toEqual([[0, 3]]);
});

test('rows far apart, and longer than what is kept for the next, are compared too', () => {
  const long = `1,"${'x'.repeat(300_000)}"\n`;
  const other = `1,"${'x'.repeat(299_999)}y"\n`;
  expect(equalRows([long, other, '2,b\n', long, '2,b\n'])).toEqual([
    [0, 3],
    [2, 4],
  ]);
});
