import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HeaderPolicy } from '../../../src/schema/dataset.ts';
import { column } from '../../support/loads.ts';
import { Conversions } from './conversions.ts';

const columns = [
  { ...column('id', 'INTEGER'), nullable: false },
  column('text', 'VARCHAR', { length: 20 }),
  { ...column('unit', 'VARCHAR', { length: 5 }), nullable: false, default: 'kg' },
  column('day', 'DATE'),
];
const headerPolicy: HeaderPolicy = { missing: 'as_null', extra: 'ignore' };

let at: Conversions;
beforeEach(() => {
  at = new Conversions();
});
afterEach(() => {
  at.remove();
});

test('a column that is missing has no value in any row, or its default; one that is unknown is left out', async () => {
  const { refused, counts } = at.convert('note;text;id\n"x;y";a;1\n;;2\n', columns, {
    headerPolicy,
  });
  expect({ refused, counts }).toMatchObject({ refused: false, counts: { rowsAccepted: 2 } });
  expect(await at.readParquet()).toEqual({
    id: [1, 2],
    text: ['a', null],
    unit: ['kg', 'kg'],
    day: [null, null],
  });
  expect(at.readLoadFile()).toBe('1\ta\tkg\t\\N\n2\t\\N\tkg\t\\N\n');
});

test('rows are compared without the columns that are left out, in any number of pieces', async () => {
  const rows = Array.from({ length: 4000 }, (_, i) => `${i};${i % 100};${i % 7}`);
  const content = `note;id;text\n${rows.join('\n')}\n`;
  const clean = { duplicateRows: 'drop' } as const;
  const tables: unknown[] = [];
  for (const pieceBytesMax of [1 << 24, 4000]) {
    const { counts } = at.convert(content, columns, {
      ...{ headerPolicy, clean },
      settings: { pieceBytesMax },
    });
    expect(counts).toMatchObject({ rowsAccepted: 700, rowsDroppedDuplicate: 3300 });
    tables.push(await at.readParquet());
  }
  expect(tables[1]).toEqual(tables[0]);
});

test('a row that is broken is told of by its own columns, and diverted with all that was sent', () => {
  const rejected = join(at.folder, '.rejects.csv');
  const { problems, counts } = at.convert('note;id;text\na;1;x\nb;two;y\nc;3\n', columns, {
    ...{ headerPolicy, diversion: { rowsMax: null, ratioMax: null }, outputs: { rejected } },
  });
  expect(counts).toMatchObject({ rowsAccepted: 1, rowsRejected: 2 });
  expect(problems).toMatchObject([
    { line: 3, column: 'id', value: 'two', rule: 'type' },
    { line: 4, rule: 'field_count', message: 'The row has 2 values, the header 3.' },
  ]);
  const [header, ...rows] = readFileSync(rejected, 'utf8').trimEnd().split('\n');
  expect(header).toBe('note;id;text;_line;_column;_value;_rule;_message;_hint');
  expect(rows.map((row) => row.split(';').slice(0, 3))).toEqual([
    ['b', 'two', 'y'],
    ['c', '3', '4'],
  ]);
});

test('a reject file is known under the policy, and its own columns are no unknown ones', async () => {
  const content =
    'note;id;text;_line;_column;_value;_rule;_message;_hint\nb;2;y;3;"id";"two";"type";"m";"h"\n';
  const strictToExtra: HeaderPolicy = { missing: 'as_null', extra: 'fail' };
  expect(at.convert(content, columns, { headerPolicy }).refused).toBe(false);
  expect(await at.readParquet()).toMatchObject({ id: [2], text: ['y'] });
  const { problems } = at.convert(content, columns, { headerPolicy: strictToExtra });
  expect(problems).toMatchObject([{ rule: 'header_extra_column', column: 'note' }]);
});

test('bytes that are not UTF-8 in a column that is left out fail the file all the same', () => {
  const content = Buffer.from('note;id;text\n\xe9;1;x\n', 'latin1');
  const { refused, problems } = at.convert(content, columns, { headerPolicy });
  expect({ refused, problems }).toMatchObject({ refused: true, problems: [{ rule: 'encoding' }] });
});

test('checks and unique keys see the default of a column that is left out, and nothing is quoted for it', () => {
  const expression = "unit <> 'kg' or id < 3";
  const { problems, counts } = at.convert('id;text\n1;a\n2;a\n3;b\n', columns, {
    ...{ headerPolicy, uniqueKeys: [['text', 'unit'], ['day']] },
    checks: [{ expression, name: null, message: null, hint: null }],
  });
  expect(counts).toMatchObject({ rowsAccepted: 1, rowsRejected: 2 });
  expect(problems).toMatchObject([
    { line: 3, rule: 'unique', cells: [{ value: 'a' }, { column: 'unit', value: '' }] },
    { line: 4, rule: 'check', cells: [{ column: 'unit', value: '' }, { value: '3' }] },
  ]);
});
