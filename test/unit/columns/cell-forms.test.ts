import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CellCleaner } from '../../../src/columns/clean-cell.ts';
import type { Column } from '../../../src/schema/column-type.ts';
import { columnTypes } from '../../../src/schema/column-types.ts';
import type { CleanOptions } from '../../../src/schema/dataset.ts';
import { column } from '../../support/loads.ts';
import { parseCell } from '../schema/parsers/parse-cell.ts';
import { type Built, buildBatches, keepAll } from './build-batches.ts';

// The kernel reads the cells that are written as most are. What it makes of them must be what the parsers and the cleaner make of
// them, which know all forms; so cells are made that are nearly in one.

interface Reading {
  value: unknown;
  text: string;
}

/** What a cell means by the cleaner and the parser alone: its value and canonical text, no value, or the rule that it breaks. */
function expected(of: Column, cell: string, clean: CleanOptions): Reading | null | string {
  const cleaner = new CellCleaner(clean, of.type);
  const bytes = Buffer.from(cell);
  if (bytes.length === 0 || !cleaner.clean(bytes, 0, bytes.length)) return null;
  const cleaned = Buffer.from(cleaner.bytes.subarray(cleaner.start, cleaner.end)).toString();
  const parsed = parseCell(columnTypes[of.type.name].parser(of.type), cleaned);
  return typeof parsed === 'string' ? parsed : parsed;
}

function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('\t', '\\t')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r');
}

/** Cells of a column must be read as the parsers do, where they are looked up and where they are not. */
function compare(of: Column, cells: readonly string[], clean: Partial<CleanOptions> = {}): void {
  const options = { ...keepAll, ...clean };
  const readings = cells.map((cell) => expected(of, cell, options));
  const sound = cells.filter((_, i) => typeof readings[i] !== 'string');
  const broken = cells.filter((_, i) => typeof readings[i] === 'string');
  const values = readings.filter((reading) => typeof reading !== 'string');
  // Each value that is not there yet ends the look-up of cells when there are 2,048 of them.
  for (const before of [[], fillersOf(of)]) {
    const rows = [...before, ...sound].map((cell) => [cell]);
    const built = buildBatches([of], rows, {
      clean: options,
      rowGroupRows: 10_000,
      blockRows: 512,
    });
    expect(built.problems).toEqual([]);
    const kept = built.batches[0]?.[0]?.slice(before.length) ?? [];
    expect(kept).toEqual(values.map((reading) => reading?.value ?? null));
    const lines = built.loadFile.split('\n').slice(before.length, -1);
    const texts = values.map((reading) => (reading === null ? '\\N' : escaped(reading.text)));
    expect(lines).toEqual(texts);
    const refused: Built = buildBatches(
      [of],
      broken.map((cell) => [cell]),
      { clean: options },
    );
    expect(refused.problemsTotal).toBe(broken.length);
    const rules = readings.filter((reading) => typeof reading === 'string');
    expect(refused.problems.map(({ rule }) => rule)).toEqual(rules);
  }
}

const fillers = new Map<Column, string[]>();

function fillersOf(of: Column): string[] {
  const made = fillers.get(of) ?? Array.from({ length: 2500 }, (_, i) => fillerOf(of, i));
  fillers.set(of, made);
  return made;
}

function fillerOf({ type }: Column, i: number): string {
  const day = new Date(Date.UTC(1971, 0, 1) + i * 86_400_000).toISOString().slice(0, 10);
  if (type.name === 'DATE') return day;
  if (type.name === 'DATETIME' || type.name === 'TIMESTAMP') {
    const fraction = type.fraction === 0 ? '' : `.${'1'.repeat(type.fraction)}`;
    return `${day} 01:02:03${fraction}`;
  }
  if (type.name === 'DECIMAL' && type.scale > 1) {
    const fraction = String(i % 10 ** Math.min(4, type.scale)).padStart(
      Math.min(4, type.scale),
      '0',
    );
    return `0.${fraction}`;
  }
  return String(i % (type.name === 'TINYINT' ? 100 : 10_000));
}

/** One character put in, taken out or exchanged. */
function nearly(cell: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const odd = fc.constantFrom(...'0195.-+eE:T Z,aA\t'.split(''), '\u00a0', 'é', '日');
  const change = fc.record({ at: fc.nat({ max: 30 }), take: fc.nat({ max: 1 }), put: odd });
  return fc.tuple(cell, fc.option(change, { freq: 2 })).map(([text, by]) => {
    if (by === null) return text;
    const at = by.at % (text.length + 1);
    return text.slice(0, at) + by.put + text.slice(at + by.take);
  });
}

const digits = fc.stringMatching(/^[0-9]{1,20}$/);
const sign = fc.constantFrom('', '', '', '-', '+');
const whole = fc.tuple(sign, digits).map(([minus, text]) => minus + text);
const decimal = fc
  .tuple(sign, fc.stringMatching(/^[0-9]{0,10}$/), fc.stringMatching(/^[0-9]{0,6}$/))
  .map(([minus, before, behind]) => `${minus}${before}.${behind}`);
const time = fc.date({ min: new Date(-3e13), max: new Date(2e14), noInvalidDate: true });
const datetime = fc
  .tuple(time, fc.constantFrom(' ', ' ', 'T'), fc.constantFrom('', '.5', '.123', '.123456', 'Z'))
  .map(([at, between, rest]) => at.toISOString().slice(0, 19).replace('T', between) + rest);

const cells = (one: fc.Arbitrary<string>) =>
  fc.array(nearly(one), { minLength: 1, maxLength: 40, size: 'max' });

describe('the kernel reads a cell as the parsers do', () => {
  test.each([
    [column('c', 'TINYINT'), whole],
    [column('c', 'SMALLINT'), whole],
    [column('c', 'INTEGER'), whole],
    [column('c', 'BIGINT'), whole],
    [column('c', 'DECIMAL', { precision: 5, scale: 2 }), fc.oneof(whole, decimal)],
    [column('c', 'DECIMAL', { precision: 18, scale: 0 }), fc.oneof(whole, decimal)],
    [column('c', 'DECIMAL', { precision: 18, scale: 18 }), fc.oneof(whole, decimal)],
    [column('c', 'DECIMAL', { precision: 30, scale: 4 }), fc.oneof(whole, decimal)],
    [column('c', 'DOUBLE'), fc.oneof(whole, decimal, fc.double().map(String))],
    [column('c', 'FLOAT'), fc.oneof(whole, decimal)],
    [column('c', 'DATE'), datetime.map((text) => text.slice(0, 10))],
    [column('c', 'DATETIME'), datetime],
    [column('c', 'DATETIME', { fraction: 3 }), datetime],
    [column('c', 'TIMESTAMP', { fraction: 6 }), datetime],
    [column('c', 'CHAR', { length: 5 }), fc.string({ unit: 'grapheme', maxLength: 7 })],
    [column('c', 'VARCHAR', { length: 5 }), fc.string({ unit: 'grapheme', maxLength: 7 })],
    [column('c', 'TEXT'), fc.string({ unit: 'grapheme', maxLength: 40 })],
  ] as const)('%j', (of, one) => {
    fc.assert(
      fc.property(cells(one), (texts) => {
        compare(of, texts);
      }),
      { numRuns: 60 },
    );
  });

  test('also where cells are cleaned first', () => {
    const part = fc.constantFrom(
      'n',
      'N',
      'a',
      'A',
      ' ',
      '\t',
      '\u00a0',
      '\u3000',
      'é',
      'É',
      '0',
      '.',
    );
    const text = fc.string({ unit: part, maxLength: 20 });
    const clean = { trim: true, lowercaseValues: true, nullWords: ['na', 'NaN', '0.00', 'é'] };
    const columns = [
      column('c', 'TEXT'),
      column('c', 'VARCHAR', { length: 4 }),
      column('c', 'DECIMAL', { precision: 4, scale: 2 }),
    ];
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 40 }), (texts) => {
        for (const of of columns) compare(of, texts, clean);
      }),
      {
        numRuns: 100,
        examples: [[['0', '0.00', '0.0', ' 0.00 ', 'NA', 'Na ', 'nan', 'NaN', 'É']]],
      },
    );
  });
});
