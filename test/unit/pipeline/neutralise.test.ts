import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Dialect } from '../../../src/schema/dataset.ts';
import { column } from '../../support/loads.ts';
import { Conversions } from './conversions.ts';

const columns = [
  column('id', 'INTEGER'),
  column('text', 'VARCHAR', { length: 60 }),
  column('price', 'DECIMAL', { precision: 8, scale: 2 }),
];
const plain: Dialect = { delimiter: ';', quote: '"', escape: '"', comment: null, skipLines: 0 };
const dialects: [string, Dialect][] = [
  ['RFC 4180', plain],
  ['apostrophes as quotes', { ...plain, quote: "'", escape: "'" }],
  ['an escape character', { ...plain, escape: '\\' }],
  ['apostrophes and an escape character', { ...plain, quote: "'", escape: '\\' }],
  ['a quote of several bytes', { ...plain, quote: '«', escape: '«' }],
  ['an apostrophe as escape character', { ...plain, escape: "'" }],
];

let at: Conversions;
beforeEach(() => {
  at = new Conversions();
});
afterEach(() => {
  at.remove();
});

interface Options {
  dialect?: Dialect;
  raw?: boolean;
}

/** The reject file of a content, and the texts that were loaded. */
async function divert(content: string | Buffer, { dialect, raw = false }: Options = {}) {
  at.remove();
  at = new Conversions();
  const rejected = join(at.folder, '.rejects.csv');
  const result = at.convert(content, columns, {
    diversion: { rowsMax: null, ratioMax: null },
    clean: { trim: false },
    ...(dialect !== undefined && dialect !== plain && { dialect }),
    ...(!raw && { rejectFormulas: 'neutralised' as const }),
    headerPolicy: { missing: 'fail', extra: 'ignore' },
    outputs: { rejected },
  });
  const rejects = result.rejects === null ? '' : readFileSync(rejected, 'utf8');
  return { rejects, table: result.refused ? {} : await at.readParquet(), result };
}

/** The rows of a text as a spreadsheet has them, without its first. */
function cellsOf(text: string, { quote, escape }: Dialect = plain): string[][] {
  const options = { delimiter: ';', quote, escape, relax_column_count: true, relax_quotes: true };
  return parse(text, options).slice(1);
}

function quoted(value: string, { quote, escape }: Dialect): string {
  const escaped = escape === quote ? value : value.replaceAll(escape, escape + escape);
  return quote + escaped.replaceAll(quote, escape + quote) + quote;
}

const isFormula = /^[\t\r\n]|^[\s\0\u{feff}]*[=+\-@＝＋－＠]/u;

const value = fc
  .tuple(
    fc.constantFrom('', "'", "''", ' ', '\t', '\u00a0', '\\', '"', '\n'),
    fc.constantFrom('=', '+', '-', '@', '＝', 'a', '1', "'", ''),
    fc.string({ unit: fc.constantFrom('A', '1', "'", '"', ';', '\\', '«', '='), maxLength: 6 }),
  )
  .map((parts) => parts.join(''))
  .filter((text) => text !== '');

describe.each(dialects)('with %s', (_name, dialect) => {
  test('no value of a neutralised reject file begins a formula, and repaired it loads what was sent', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(value, fc.boolean()), { minLength: 1, maxLength: 12 }),
        async (values) => {
          const rows = values.map(([text, quotes], i) => {
            const isPlain = !/[;"'«\\\n]/.test(text) && !quotes;
            return `x${i};${isPlain ? text : quoted(text, dialect)};-1,5`;
          });
          const content = `id;text;price\n-1;a;1\n${rows.join('\n')}\n`;
          const first = await divert(content, { dialect });
          for (const cells of cellsOf(first.rejects, dialect)) {
            expect(cells.filter((cell) => isFormula.test(cell))).toEqual(['-1,5']);
          }
          // Dropped as it is, beside a row that is sound, its rows come back as they are.
          const [header = ''] = first.rejects.split('\n');
          const sound = `-1;a;1;2;;;${quoted('type', dialect)};;\n`;
          const rest = first.rejects.slice(header.length + 1);
          const again = await divert(`${header}\n${sound}${rest}`, { dialect });
          expect(cellsOf(again.rejects, dialect).map((cells) => cells.slice(0, 3))).toEqual(
            cellsOf(first.rejects, dialect).map((cells) => cells.slice(0, 3)),
          );
          // And where formulas are not neutralised any more, with the values that were sent.
          const raw = await divert(`${header}\n${sound}${rest}`, { dialect, raw: true });
          expect(cellsOf(raw.rejects, dialect).map((cells) => cells[1])).toEqual(
            values.map(([text]) => text),
          );
          const repaired = rest.replaceAll(/^x(\d+;)/gm, '$1').replaceAll(/-1,5(?=;\d)/g, '-1.5');
          const { table } = await divert(`${header}\n${repaired}`, { dialect });
          expect(table['text']).toEqual(values.map(([text]) => text));
          expect(table['price']).toEqual(values.map(() => -1.5));
        },
      ),
      { numRuns: 40 },
    );
  });
});

test('what the reject file says of a row with such values, and what it leaves as it is', async () => {
  const { rejects } = await divert(
    'id;text;price\n1;ok;1\nx;"=HYPERLINK(""http://a"")";-5,00\ny;-5;+1\nz;a;-1+cmd\n',
  );
  const rows = cellsOf(rejects);
  expect(rows.map((cells) => cells.slice(0, 3))).toEqual([
    ['x', `'=HYPERLINK("http://a")`, '-5,00'],
    ['y', "'-5", '+1'],
    ['z', 'a', "'-1+cmd"],
  ]);
  expect(rows.map((cells) => cells[6])).toEqual([
    'type | type | formula',
    'type | formula',
    'type | type | formula',
  ]);
  expect(rows[1]!.slice(7)).toEqual([
    'id is not an INTEGER. | An apostrophe stands before values that a spreadsheet would take for formulas.',
    expect.stringMatching(
      / \| Leave it: it is taken off when the file is dropped\.$/,
    ) as unknown as string,
  ]);
});

test('raw, which is the default, is byte for byte, apostrophes of the sender too', async () => {
  const rows = ['x;=1+1;1;', "y;'=1+1;1;", 'z;"\t@a";1;'];
  const { rejects } = await divert(`id;text;price\n1;ok;1\n${rows.join('\n')}\n`, { raw: true });
  expect(rejects.split('\n').slice(1, 4)).toEqual([
    expect.stringMatching(/^x;=1\+1;1;/),
    expect.stringMatching(/^y;'=1\+1;1;/),
    expect.stringMatching(/^z;"\t@a";1;/),
  ]);
  // Nor is anything taken off a row in which nothing was put before.
  const own = rejects.replaceAll(/^(.*);1;;/gm, '$1;1;').replaceAll(/^[xyz]/gm, '7');
  const { table } = await divert(own);
  expect(table['text']).toEqual(['=1+1', "'=1+1", '\t@a']);
});

test('an apostrophe that somebody has taken away already is not missed, and one typed elsewhere stays', async () => {
  const { rejects } = await divert("id;text;price\n1;ok;1\nx;=a;1\ny;'b;1\n");
  const { table } = await divert(
    rejects.replace(`x;'=a`, '8;=a').replace("y;'b", "9;'b").replace(/^id/, 'id'),
  );
  expect(table['text']).toEqual(['=a', "'b"]);
});

test('equal rows of a neutralised reject file are found, with the apostrophe and without', async () => {
  const { rejects } = await divert('id;text;price\n1;ok;1\nx;=a;1\nx;=a;1.0\n');
  at.remove();
  at = new Conversions();
  const repaired = rejects.replaceAll(/^x/gm, '8').replace(/'=a(;1\.0)/, '=a$1');
  const result = at.convert(repaired, columns, { clean: { duplicateRows: 'drop' } });
  expect(result.counts).toMatchObject({ rowsAccepted: 1, rowsDroppedDuplicate: 1 });
});

test('names of the header that the schema does not know are neutralised, and lines before it are emptied', async () => {
  const dialect = { ...plain, skipLines: 2, comment: '#' };
  const start = '\u{feff}=cmd;"\r\n+cmd\r\n#;=cmd\r\nid;=cmd;text;price\r\n';
  const { rejects } = await divert(`${start}1;a;ok;1\r\nx;b;ok;1\r\n`, { dialect });
  expect(rejects.split('\r\n')[3]).toMatch(/^id;'=cmd;text;price;_line;/);
  expect(rejects.split('\r\n').slice(0, 3).join()).toBe('\u{feff},,');
  const { table } = await divert(rejects.replace('x;b', '7;b'), { dialect });
  expect(table['id']).toEqual([7]);
});

test.each([
  ['begins a comment', { ...plain, comment: "'" }, 'text;id;price\nok;1;1\n=b;x;1\n'],
  ['is the delimiter', { ...plain, delimiter: "'" }, "text'id'price\nok'1'1\n=b'x'1\n"],
])('where an apostrophe %s the value is quoted with it', async (_what, dialect, content) => {
  const { rejects } = await divert(content, { dialect });
  expect(rejects).toContain('\n"\'=b"');
  const { table } = await divert(rejects.replace(/([;'])x([;'])/, '$17$2'), { dialect });
  expect(table).toMatchObject({ text: ['=b'], id: [7] });
});

test('of a name to which its sender gave an apostrophe exactly the one that was put there comes off', async () => {
  const content = "id;'=x;=x;text;price\n1;a;b;ok;1\nx;a;b;ok;1\n";
  const { rejects } = await divert(content);
  expect(rejects).toMatch(/^id;''=x;'=x;text;price;_line;/);
  const [header = '', row = ''] = rejects.split('\n');
  const again = await divert(`${header}\n${row}\n${row.replace('x', '7')}\n`);
  expect(again.table['id']).toEqual([7]);
  expect(again.rejects).toMatch(/^id;''=x;'=x;text;price;_line;/);
});
