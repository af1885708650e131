import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Column } from '../../../src/schema/column-type.ts';
import type { Dialect, HeaderPolicy } from '../../../src/schema/dataset.ts';
import { column } from '../../support/loads.ts';
import { Conversions, type ConvertOptions } from './conversions.ts';

const more: Column = { ...column('more', 'JSON'), gathers: true };
const columns = [column('id', 'INTEGER'), column('text', 'VARCHAR', { length: 20 }), more];
const headerPolicy: HeaderPolicy = { missing: 'fail', extra: 'json' };
const diversion = { rowsMax: null, ratioMax: null };
const dialect: Dialect = { delimiter: ';', quote: "'", escape: '\\', comment: '#', skipLines: 0 };

let at: Conversions;
beforeEach(() => {
  at = new Conversions();
});
afterEach(() => {
  at.remove();
});

function convert(content: string | Uint8Array, options: ConvertOptions = {}) {
  return at.convert(content, columns, { headerPolicy, ...options });
}

/** What is kept of each row. */
async function kept(): Promise<unknown[]> {
  const { more: found = [] } = await at.readParquet();
  return found.map((text) => (text === null ? null : (JSON.parse(text as string) as unknown)));
}

const cell = fc.string({
  unit: fc.constantFrom('a', 'é', '😀', ' ', '"', '\\', '\n', '\t', '\u0001', ';', "'", '{', ','),
  maxLength: 6,
});

describe.each([
  ['RFC 4180', null],
  ['a dialect', dialect],
] as const)('in %s', (_name, form) => {
  const quoted = (value: string): string =>
    form === null
      ? `"${value.replaceAll('"', '""')}"`
      : `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

  test('what the schema does not know is kept as it was sent, in pieces of any size', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 30 }),
        fc.boolean(),
        fc.integer({ min: 20, max: 400 }),
        async (rows, trim, pieceBytesMax) => {
          at.remove();
          at = new Conversions();
          const lines = rows.map(([one, two], i) => `${quoted(one)};${i};a${i};${quoted(two)};`);
          const { refused, problems } = convert(
            `${quoted('One "x"')};id;text;two;three\n${lines.join('\n')}\n`,
            {
              clean: { trim },
              settings: { pieceBytesMax, rowGroupRows: 7 },
              ...(form !== null && { dialect: form }),
            },
          );
          expect(problems).toEqual([]);
          expect(refused).toBe(false);
          const expected = rows.map((values) => {
            const [one, two] = values.map((value) => (trim ? value.trim() : value));
            const object = { ...(one && { 'one "x"': one }), ...(two && { two }) };
            return Object.keys(object).length === 0 ? null : object;
          });
          expect(await kept()).toEqual(expected);
          const loaded = at.readLoadFile().trimEnd().split('\n');
          expect(loaded.map((line) => line.split('\t')[2] === '\\N')).toEqual(
            expected.map((object) => object === null),
          );
        },
      ),
      { numRuns: 60 },
    );
  });
});

test('a file without such columns has NULL there, and needs no column of that name', async () => {
  expect(convert('text;id\na;1\nb;2\n')).toMatchObject({ refused: false });
  expect(await kept()).toEqual([null, null]);
  expect(at.readLoadFile()).toBe('1\ta\t\\N\n2\tb\t\\N\n');
});

test('a column of a header that has the name of the column for them is one of them', async () => {
  convert('more;id;text\nx;1;a\n');
  expect(await kept()).toEqual([{ more: 'x' }]);
});

test('null words, lower-casing and rows with nulls are about the columns of the schema', async () => {
  const clean = { nullWords: ['NA', '{"x":"NA"}'], lowercaseValues: true, nullRows: 'drop_any' };
  const { counts } = convert('id;text;x\n1;A;NA\n2;B;\n3;NA;C\n', {
    clean: clean as NonNullable<ConvertOptions['clean']>,
  });
  expect(counts).toMatchObject({ rowsAccepted: 2, rowsDroppedNull: 1 });
  expect(await at.readParquet()).toEqual({
    id: [1, 2],
    text: ['a', 'b'],
    more: ['{"x":"NA"}', null],
  });
});

test('rows that differ in them alone are different, and equal ones are dropped however they are written', () => {
  const rows = Array.from({ length: 4000 }, (_, i) => {
    const x = i % 7;
    return i % 2 === 0 ? `${i % 100};a;${x};` : `+${i % 100};"a";"${x}"; `;
  });
  for (const pieceBytesMax of [1 << 24, 4000]) {
    const { counts } = convert(`id;text;x;y\n${rows.join('\n')}\n`, {
      clean: { duplicateRows: 'drop', trim: true },
      settings: { pieceBytesMax },
    });
    expect(counts).toMatchObject({ rowsAccepted: 700, rowsDroppedDuplicate: 3300 });
  }
});

test('a row that is diverted has them in its reject file, and repaired and dropped they are kept', async () => {
  const rejected = join(at.folder, '.rejects.csv');
  convert('id;=x;text;\n1;a;b;c\ntwo;=d;e;f\n', {
    ...{ diversion, outputs: { rejected } },
    headerPolicy: { ...headerPolicy, neutralised: true },
    rejectFormulas: 'neutralised',
  });
  expect(await kept()).toEqual([{ '=x': 'a', 4: 'c' }]);
  const rejects = readFileSync(rejected, 'utf8');
  expect(rejects).toMatch(/^id;'=x;text;;_line;.*\ntwo;'=d;e;f;3;/);
  const repaired = convert(rejects.replace('two', '2'), {
    headerPolicy: { ...headerPolicy, neutralised: true },
  });
  expect(repaired).toMatchObject({ isRejectFile: true, counts: { rowsAccepted: 1 } });
  expect(await kept()).toEqual([{ '=x': '=d', 4: 'f' }]);
});

test('a cell that is no text is a problem of the column that the sender knows', () => {
  const content = Buffer.from('id;text;town\n1;a;Br\xfchl\n2;b;Bonn\n', 'latin1');
  const { problems, refused } = convert(content);
  expect(refused).toBe(true);
  expect(problems).toMatchObject([{ line: 2, column: 'town', rule: 'encoding' }]);
});

test('a name that is no text is not kept as another one', () => {
  const content = Buffer.from('id;text;caf\xe9\n1;a;b\n', 'latin1');
  const { problems, refused } = convert(content);
  expect(refused).toBe(true);
  expect(problems).toMatchObject([{ line: 1, rule: 'encoding' }]);
});

test.each([
  ['a name that is there twice', 'id;text;x;X', 'names the column "x" more than once'],
  ['a name that is the place of a column without one', 'id;text;4;', '"4" more than once'],
  ['a name that is too long', `id;text;${'x'.repeat(257)}`, 'longer than 256 characters'],
  ['more names than are read', `id;text${';x'.repeat(1100)}`, 'The header has 1,102 columns'],
  ['none of the columns of the schema', 'x;y', 'does not match the schema'],
])('a header with %s is refused', (_what, header, message) => {
  const { problems, refused } = convert(`${header}\n1;a;b;c\n`);
  expect(refused).toBe(true);
  expect(problems.map((problem) => problem.message).join()).toContain(message);
});

test('long names in short rows take no more memory at a time than others', async () => {
  const names = Array.from({ length: 900 }, (_, i) => `${i}-${'n'.repeat(250)}`);
  const rows = Array.from({ length: 60 }, (_, i) => `${i};a${';1'.repeat(900)}`);
  const { counts } = convert(`id;text;${names.join(';')}\n${rows.join('\n')}\n`);
  expect(counts.rowsAccepted).toBe(60);
  const found = await kept();
  expect(found[59]).toEqual(Object.fromEntries(names.map((name) => [name, '1'])));
});

test('more than a thousand columns to be left out are told of, and not taken for rows of another width', () => {
  const { problems } = at.convert(`id;text${';x'.repeat(1100)}\n`, columns.slice(0, 2), {
    headerPolicy: { missing: 'fail', extra: 'ignore' },
  });
  expect(problems).toMatchObject([{ rule: 'header_extra_column', line: 1 }]);
});
