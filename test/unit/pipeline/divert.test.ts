import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { column } from '../../support/loads.ts';
import { Conversions } from './conversions.ts';

const columns = [
  column('id', 'INTEGER'),
  column('text', 'VARCHAR', { length: 20 }),
  column('day', 'DATE'),
];
const diversion = { rowsMax: null, ratioMax: null };
const checks = [
  { expression: "day < '2027-01-01' or id < 0", name: null, message: null, hint: null },
  {
    ...{ expression: "text is null or text <> 'late' or day < '2026-06-01'", name: 'not_late' },
    ...{ message: 'Said to be "late"; and it is.', hint: 'Say | ask.' },
  },
];

let at: Conversions;
beforeEach(() => {
  at = new Conversions();
});
afterEach(() => {
  at.remove();
});

/** Converts, and reads the reject file that comes of it. */
async function divert(content: string | Uint8Array, pieceBytesMax = 16 << 20) {
  at.remove();
  at = new Conversions();
  const rejected = join(at.folder, '.rejects.csv');
  const result = at.convert(content, columns, {
    ...{ diversion, checks, clean: { trim: false }, outputs: { rejected } },
    settings: { pieceBytesMax, rowGroupRows: 7 },
  });
  const rejects = result.rejects === null ? null : readFileSync(rejected);
  const table = result.refused ? {} : await at.readParquet();
  return { result, rejects, table };
}

const day = '2026-01-02';
const text = fc.string({ unit: fc.constantFrom('a', 'é', ' ', "'", '.'), maxLength: 12 });
const quotedText = fc
  .string({ unit: fc.constantFrom('a', ';', '\n', '""', '\r\n'), minLength: 1, maxLength: 9 })
  .map((inner) => `"${inner}"`);
/** A row that is sound, and one with damage of its own: neither has the id of another. */
const soundRow = fc.oneof(text, quotedText).map((value) => (id: number) => `${id};${value};${day}`);
const damages: [rule: string, (id: number, value: string) => string][] = [
  ['type', (id, value) => `x${id};${value};${day}`],
  ['range', (id, value) => `${id};${value};2026-02-30`],
  ['field_count', (id, value) => `${id};${value}`],
  ['field_count', (id, value) => `${id};${value};${day};`],
  ['length', (id) => `${id};${'long'.repeat(6)};${day}`],
  ['quote', (id) => `${id};a"b;${day}`],
  ['quote', (id) => `${id};"a"b;${day}`],
  ['quote', (id) => `${id};"a" ;${day}`],
  ['check', (id, value) => `${id};${value};2027-01-01`],
  ['check', (id) => `${id};late;2026-06-01`],
  ['check | check', (id) => `${id};late;2027-01-01`],
];
const damagedRow = fc
  .tuple(fc.constantFrom(...damages), fc.oneof(text, quotedText))
  .map(([[rule, damage], value]) => ({ rule, row: (id: number) => damage(id, value) }));
const someRows = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: soundRow.map((row) => ({ rule: null, row })) },
    { weight: 1, arbitrary: damagedRow },
  ),
  { minLength: 1, maxLength: 40 },
);

test('every sound row is loaded as it was sent, and every damaged one is in the reject file as it was sent', async () => {
  await fc.assert(
    fc.asyncProperty(someRows, fc.constantFrom('\n', '\r\n'), async (given, lineEnd) => {
      const lines = given.map(({ rule, row }, i) => ({ rule, line: row(i) }));
      const content = `id;text;day\n${lines.map(({ line }) => `${line}${lineEnd}`).join('')}`;
      const sound = lines.filter(({ rule }) => rule === null).map(({ line }) => line);
      const damaged = damagedOf(lines);
      const { result, rejects, table } = await divert(content);
      if (sound.length === 0) {
        expect(result.refused).toBe(true);
        return;
      }
      const options = { delimiter: ';', record_delimiter: lineEnd, relax_column_count: true };
      const sent: string[][] = parse(sound.map((line) => `${line}${lineEnd}`).join(''), options);
      expect(table['id']).toEqual(sent.map(([id]) => Number(id)));
      expect(table['text']).toEqual(sent.map(([, value]) => (value === '' ? null : value)));
      expect(result.counts).toMatchObject({
        ...{ rowsRead: lines.length, rowsAccepted: sound.length, rowsRejected: damaged.length },
      });
      const [, ...said] = splitRejects(rejects);
      expect(said).toEqual(damaged);
    }),
    { numRuns: 300 },
  );
});

/** Those with a rule, with the numbers of the lines on which they start. */
function damagedOf(lines: readonly { rule: string | null; line: string }[]) {
  const damaged = [];
  let number = 2;
  for (const { rule, line } of lines) {
    if (rule !== null) damaged.push({ row: line, line: String(number), rules: rule });
    number += 1 + line.split('\n').length - 1;
  }
  return damaged;
}

/** Lines of a reject file: what the sender wrote, and the line and rules that are named. A row of the sender may have several. */
function splitRejects(rejects: Buffer | null): { row: string; line: string; rules: string }[] {
  if (rejects === null) return [];
  const found = [];
  const form =
    /([^]*?);(_line|\d+);(?:"[^"]*"|_column);(?:"(?:[^"]|"")*"|_value);"?([a-z_| ]+)"?;(?:"(?:[^"]|"")*"|_message);(?:"(?:[^"]|"")*"|_hint)\n/y;
  for (let match = form.exec(rejects.toString('utf8')); match !== null;) {
    const [, row = '', line = '', rules = ''] = match;
    found.push({ row, line, rules });
    match = form.exec(rejects.toString('utf8'));
  }
  return found;
}

test('a reject file is the same in pieces of any size, and dropped as it is it comes back as it is', async () => {
  await fc.assert(
    fc.asyncProperty(someRows, fc.integer({ min: 1, max: 200 }), async (given, pieceBytesMax) => {
      const content = `id;text;day\n-1;a;${day}\n${given.map(({ row }, i) => `${row(i)}\n`).join('')}`;
      const whole = await divert(content);
      const pieces = await divert(content, pieceBytesMax);
      expect(pieces.rejects).toEqual(whole.rejects);
      expect(pieces.table).toEqual(whole.table);
      if (whole.rejects === null) return;
      expect(at.outputs().sort()).toEqual(
        expect.arrayContaining(['.rejects.csv', 'a.parquet.tmp']) as string[],
      );
      expect(at.outputs().filter((name) => name.startsWith('.rejects.csv.'))).toEqual([]);
      // One sound row more, because a file without any fails as a whole.
      const marks = `-1;a;${day};1;"";"";"type";"";""\n`;
      const again = await divert(Buffer.concat([whole.rejects, Buffer.from(marks)]));
      const rejected = splitRejects(whole.rejects);
      const second = splitRejects(again.rejects);
      expect(second.map(({ row, rules }) => ({ row, rules }))).toEqual(
        rejected.map(({ row, rules }) => ({ row, rules })),
      );
    }),
    { numRuns: 200 },
  );
});

test('a file beyond its limit leaves nothing, and stops to describe rows', () => {
  const content = `id;text;day\n${Array.from({ length: 3000 }, (_, i) => `${i % 2 === 0 ? 'x' : ''}${i};a;${day}\n`).join('')}`;
  const rejected = join(at.folder, '.rejects.csv');
  const result = at.convert(content, columns, {
    diversion: { rowsMax: 10, ratioMax: null },
    outputs: { rejected },
    settings: { pieceBytesMax: 500, rowGroupRows: 7 },
  });
  expect(result).toMatchObject({ refused: true, rejects: null, problemsTotal: 1501 });
  expect(at.outputs()).toEqual([]);
});

test('of a row of many broken cells the first ones are named', () => {
  const many = Array.from({ length: 30 }, (_, i) => column(`c${i}`, 'INTEGER'));
  const content = `${many.map(({ name }) => name).join()}\n${'1,'.repeat(29)}1\n${'x,'.repeat(29)}x\n`;
  const rejected = join(at.folder, '.rejects.csv');
  at.convert(content, many, { diversion, outputs: { rejected } });
  const [, row] = readFileSync(rejected, 'utf8').split('\n');
  expect(row).toContain('c19 is not an INTEGER. | and 10 more"');
  expect(row).not.toContain('c20 is not');
});

test('of a row that breaks checks the reject file says which, in their words, and its other columns stay as they are', async () => {
  const content = `id;text;day\n1;a;${day}\n2;late;2027-01-01\n`;
  const { rejects, result } = await divert(content);
  expect(rejects!.toString('utf8').split('\n')[1]).toBe(
    [
      ...['2;late;2027-01-01;3;" | ";" | ";"check | check"'],
      `"The row breaks the check day < '2027-01-01' or id < 0. | Said to be ""late""; and it is. (check not_late: text is null or text <> 'late' or day < '2026-06-01')"`,
      '"Correct day or id. | Say | ask."',
    ].join(';'),
  );
  expect(result.groups).toMatchObject([
    { rule: 'check', check: "day < '2027-01-01' or id < 0", count: 1 },
    { rule: 'check', check: 'not_late', count: 1 },
  ]);
});

test('rows that break checks count towards the limit, with those that have broken cells', () => {
  const rows = ['1;a;2027-01-01', `x;a;${day}`, `3;a;${day}`, `4;a;${day}`];
  const content = `id;text;day\n${rows.join('\n')}\n`;
  const convert = (rowsMax: number | null, ratioMax: number | null) =>
    at.convert(content, columns, {
      ...{ checks, diversion: { rowsMax, ratioMax } },
      outputs: { rejected: join(at.folder, '.rejects.csv') },
    });
  expect(convert(2, 0.5)).toMatchObject({ refused: false, counts: { rowsRejected: 2 } });
  for (const result of [convert(1, null), convert(null, 0.49)]) {
    expect(result).toMatchObject({ refused: true, rejects: null, loadFiles: [] });
    expect(result.problems).toMatchObject([
      { rule: 'invalid_rows' },
      { line: 2, rule: 'check' },
      { line: 3, rule: 'type' },
    ]);
  }
});
