import { describe, expect, test } from 'vitest';
import { type CellFormat, usualFormat } from '../../../src/schema/cell-format.ts';
import { expectedCell } from '../../../src/schema/cell-parser.ts';
import type { Column, TypeName } from '../../../src/schema/column-type.ts';
import { column } from '../../support/loads.ts';
import { buildBatches } from './build-batches.ts';

type Parameters = Partial<Column['type']>;

function written(type: TypeName, format: Partial<CellFormat>, more: Parameters = {}): Column {
  return { ...column('c', type, more), format: { ...usualFormat, ...format } };
}

/** The text that MySQL gets of each cell; of one that is refused, the rule. */
function loaded(of: Column, cells: readonly string[], clean = {}): string[] {
  return cells.map((cell) => {
    const { loadFile, problems } = buildBatches([of], [[cell]], { clean });
    return problems[0]?.rule ?? loadFile.slice(0, -1);
  });
}

describe('a format of', () => {
  test.each<[TypeName, Parameters, Partial<CellFormat>, Record<string, string>]>([
    [
      'DATE',
      {},
      { temporal: '%d.%m.%Y' },
      {
        '31.12.2024': '2024-12-31',
        '1.2.2024': '2024-02-01',
        '29.02.2023': 'range',
        '2024-12-31': 'type',
        '31.12.24': 'type',
        ' 1.2.2024': 'type',
      },
    ],
    ['DATE', {}, { temporal: '%m/%d/%Y' }, { '12/31/2024': '2024-12-31', '31/12/2024': 'range' }],
    ['DATE', {}, { temporal: '%Y%m%d' }, { '20241231': '2024-12-31', '2024123': 'type' }],
    ['DATE', {}, { temporal: '%d.%m.%y' }, { '1.1.68': '2068-01-01', '1.1.69': '1969-01-01' }],
    ['DATE', {}, { temporal: '100%% (%Y) %d*%m' }, { '100% (2024) 3*4': '2024-04-03' }],
    [
      'TIME',
      {},
      { temporal: '%I:%M %p' },
      {
        '12:05 AM': '00:05:00',
        '1:05 pm': '13:05:00',
        '12:00 PM': '12:00:00',
        '13:00 PM': 'range',
        '0:10 AM': 'range',
      },
    ],
    [
      'TIME',
      { fraction: 3 },
      { temporal: '%H%M%S,%f' },
      { '235959,5': '23:59:59.500', '235959,0001': 'range' },
    ],
    ['DATETIME', {}, { temporal: '%d.%m.%Y %H:%M' }, { '1.2.2024 9:05': '2024-02-01 09:05:00' }],
    [
      'TIMESTAMP',
      {},
      { temporal: '%Y%m%dT%H%M%S%z' },
      { '20240102T030405+0200': '2024-01-02 01:04:05', '20240102T030405Z': '2024-01-02 03:04:05' },
    ],
    [
      'DECIMAL',
      { precision: 12, scale: 2 },
      { decimalChar: ',', groupChar: '.' },
      {
        '1.234.567,8': '1234567.80',
        '-1234,50': '-1234.50',
        '+,5': '0.50',
        '1.5': 'type',
        '12.34,5': 'type',
        '1,234': 'range',
        '1234.567,00': 'type',
        '1e3': 'type',
      },
    ],
    ['DOUBLE', {}, { decimalChar: ',' }, { '1,5e3': '1500', '1.5': 'type', '2': '2' }],
    [
      'INTEGER',
      {},
      { groupChar: '\u202f' },
      { '1\u202f234\u202f567': '1234567', '99\u202f999\u202f999\u202f999': 'range' },
    ],
    ['BIGINT', {}, { groupChar: "'" }, { "9'223'372'036'854'775'807": '9223372036854775807' }],
    [
      'BOOLEAN',
      {},
      { trueValues: ['ja', 'j'], falseValues: ['nein'] },
      { Ja: '1', J: '1', NEIN: '0', true: 'type', '1': 'type', '0': 'type' },
    ],
    ['BOOLEAN', {}, { trueValues: ['x'] }, { X: '1', false: '0', '0': '0', '1': 'type' }],
    ['INTEGER', {}, { missingValues: ['-', '999'] }, { '-': '\\N', '999': '\\N', '99': '99' }],
  ])('%s %o %o', (type, more, format, cells) => {
    expect(loaded(written(type, format, more), Object.keys(cells))).toEqual(Object.values(cells));
  });
});

test.each([
  ['DATE', { temporal: '%d.%m.%y' }, 'a DATE written as %d.%m.%y, such as 31.12.24'],
  ['TIME', { temporal: '%Hh%M' }, 'a TIME written as %Hh%M, such as 23h59'],
  [
    'TIMESTAMP',
    { temporal: '%m/%d/%Y %I:%M:%S.%f %p%z' },
    'a TIMESTAMP written as %m/%d/%Y %I:%M:%S.%f %p%z, such as 12/31/2024 11:59:58.0 PM+02:00',
  ],
  [
    'DECIMAL',
    { decimalChar: ',', groupChar: '.' },
    'a number with ",", at most 7 digits before and 2 after it, with or without "." between groups of three digits',
  ],
  ['DOUBLE', { decimalChar: ',' }, 'a number such as -1,5 or 2e-3'],
] as const)('what a cell of %s with %o is expected to be', (type, format, expected) => {
  const of = written(type, format, type === 'DECIMAL' ? { precision: 9, scale: 2 } : {});
  const { problems } = buildBatches([of], [['@'], ['-@']]);
  expect(problems[0]?.hint).toBe(`Expected: ${expected}.`);
  const example = /such as (.*?)(?: or .*)?$/.exec(expected)?.[1];
  if (example !== undefined) expect(buildBatches([of], [[example]]).problems).toEqual([]);
});

test('null words of a column are beside those of the dataset', () => {
  const of = written('VARCHAR', { missingValues: ['-'] });
  const clean = { trim: true, nullWords: ['NA'] };
  expect(loaded(of, [' - ', 'NA', '--'], clean)).toEqual(['\\N', '\\N', '--']);
});

test('one character or digit is not several', () => {
  expect(expectedCell(column('c', 'VARCHAR', { length: 1 }))).toBe('at most 1 character');
  expect(expectedCell(column('c', 'TIME', { fraction: 1 }))).toBe(
    'a time of day as HH:MM:SS with at most 1 digit of fraction',
  );
});

test('a cell is read by its format, also where an earlier one has its bytes as its value', () => {
  const of = written('DECIMAL', { decimalChar: ',', groupChar: '.' }, { precision: 9, scale: 3 });
  const rows = ['1,5', '1.500', '1500', '1,500', '1.500,000'].map((cell) => [cell]);
  const { batches, entries } = buildBatches([of], rows);
  // 1.500 is what MySQL gets for the first, and fifteen hundred where it stands in the file.
  expect(batches).toEqual([[[1500, 1_500_000, 1_500_000, 1500, 1_500_000]]]);
  expect(entries[0]?.[0]).toEqual({ distinct: true, count: 2 });

  const dates = [['1.2.2024'], ['2024-02-01'], ['01.02.2024']];
  const { problems } = buildBatches([written('DATE', { temporal: '%d.%m.%Y' })], dates);
  expect(problems).toMatchObject([{ line: 3, rule: 'type' }]);
  expect(problems[0]?.hint).toBe(
    'Expected: a DATE written as %d.%m.%Y, such as 31.12.2024. It looks like a date as year-month-day.',
  );
});

test('equal values are repeated rows however they are written, with a dictionary and without', () => {
  const of = written('BIGINT', { groupChar: '.' });
  const rows = Array.from({ length: 6000 }, (_, i) => [String(10_000 + i)]);
  const grouped = rows.map(([cell]) => [`${cell!.slice(0, 2)}.${cell!.slice(2)}`]);
  const { counts } = buildBatches([of], [...rows, ...grouped], {
    clean: { duplicateRows: 'drop' },
    blockRows: 512,
  });
  expect(counts).toMatchObject({ rowsAccepted: 6000, rowsDroppedDuplicate: 6000 });
});

test('rules and defaults are in the words of the type, whatever the format', () => {
  const of: Column = {
    ...written('BOOLEAN', { trueValues: ['ja'], falseValues: ['nein'] }),
    default: '1',
  };
  expect(loaded(of, ['', 'nein', 'ja'])).toEqual(['1', '0', '1']);
  const { batches } = buildBatches([of], [[''], ['ja'], ['nein'], ['']]);
  expect(batches).toEqual([[[true, true, false, true]]]);
});
