import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { noRules, type ColumnRules } from '../../../src/schema/column-rules.ts';
import type { Column, TypeName } from '../../../src/schema/column-type.ts';
import { column } from '../../support/loads.ts';
import { buildBatches, type CellValue } from './build-batches.ts';

type Parameters = Partial<Column['type']>;

function ruled(type: TypeName, rules: Partial<ColumnRules>, more: Parameters = {}): Column {
  return { ...column('c', type, more), rules: { ...noRules, ...rules } };
}

/** The cells that are accepted, and the rules that the others break. */
function verdicts(of: Column, cells: readonly string[]): { kept: CellValue[]; broken: string[] } {
  const { batches, problems } = buildBatches(
    [of, column('row', 'INTEGER')],
    cells.map((cell, i) => [cell, String(i)]),
  );
  const kept = batches.flatMap(([first]) => first ?? []);
  return { kept, broken: problems.map(({ rule, value }) => `${rule} ${value ?? ''}`) };
}

describe('a rule', () => {
  test.each<[TypeName, Parameters, Partial<ColumnRules>, string[], string[]]>([
    ['INTEGER', {}, { min: '15', max: '22' }, ['15', '+22', '18'], ['min 14', 'min -15', 'max 23']],
    [
      'BIGINT',
      {},
      { min: '-4294967297', max: '4294967296' },
      ['-4294967297', '0', '4294967296', '-1', '4294967295'],
      ['min -4294967298', 'max 4294967297', 'max 9223372036854775807'],
    ],
    ['DECIMAL', { precision: 5, scale: 2 }, { max: '1.50' }, ['1.5', '-9'], ['max 1.51']],
    [
      'DECIMAL',
      { precision: 30, scale: 0 },
      { min: '-10', max: '100000000000000000000' },
      ['-10', '100000000000000000000'],
      ['min -11', 'max 100000000000000000001'],
    ],
    ['FLOAT', {}, { min: '0.1' }, ['0.1', '1'], ['min 0.09']],
    ['DOUBLE', {}, { max: '1e300' }, ['1e300', '-1'], ['max 1.1e300']],
    ['DATE', {}, { min: '2024-01-01' }, ['2024-01-01'], ['min 2023-12-31', 'min 1000-01-01']],
    ['TIME', {}, { max: '12:00:00' }, ['12:00', '00:00:00'], ['max 12:00:01']],
    [
      'DATETIME',
      {},
      { min: '1969-12-31 23:59:59' },
      ['1970-01-01 00:00:00'],
      ['min 1969-12-31 23:59:58'],
    ],
    [
      'TIMESTAMP',
      {},
      { min: '2024-01-01 00:00:00' },
      ['2024-01-01T01:00:00+01:00'],
      ['min 2024-01-01T00:59:59+01:00'],
    ],
    ['BOOLEAN', {}, { enum: ['1'] }, ['true', '1'], ['enum false', 'enum 0']],
    ['DOUBLE', {}, { enum: ['1.5', '0'] }, ['1.50', '-0'], ['enum 1.51']],
    ['BIGINT', {}, { enum: ['7'] }, ['07'], ['enum 8']],
    ['VARCHAR', { length: 9 }, { enum: ['a', 'ä'] }, ['a', 'ä'], ['enum A', 'enum b']],
    [
      'TEXT',
      {},
      { minLength: 2, maxLength: 3 },
      ['ab', '😀😀😀', 'äöü'],
      ['min_length 😀', 'min_length a', 'max_length abcd', 'max_length 😀😀😀😀'],
    ],
    ['CHAR', { length: 5 }, { pattern: '[A-Z]+\\d?' }, ['AB', 'X1'], ['pattern x', 'pattern AB12']],
  ])('of %s %o %o', (type, more, rules, good, bad) => {
    const cells = bad.map((problem) => problem.slice(problem.indexOf(' ') + 1));
    const { kept, broken } = verdicts(ruled(type, rules, more), [...good, ...cells]);
    expect(kept).toHaveLength(good.length);
    expect(broken).toEqual(bad);
  });

  test('is not asked about a cell without a value', () => {
    const of = ruled('VARCHAR', { minLength: 3, enum: ['abc'], pattern: 'abc' });
    expect(verdicts(of, ['', 'abc', ''])).toEqual({ kept: [null, 'abc', null], broken: [] });
  });

  test('comes behind the type: a cell breaks one of them', () => {
    const of = ruled('INTEGER', { min: '5', max: '9' });
    expect(verdicts(of, ['x', '4', '99999999999']).broken).toEqual([
      'type x',
      'min 4',
      'range 99999999999',
    ]);
  });

  test('says where, what and how', () => {
    const cells = [['15'], ['23'], ['23']];
    const { problems, counts } = buildBatches([ruled('INTEGER', { max: '22' })], cells);
    expect(problems[0]).toEqual({
      line: 3,
      column: 'c',
      value: '23',
      rule: 'max',
      message: 'c is greater than its max.',
      hint: 'Expected: at most 22.',
    });
    expect(problems.map(({ line }) => line)).toEqual([3, 4]);
    expect(counts).toMatchObject({ rowsRead: 3, rowsAccepted: 1, rowsRejected: 2 });
  });

  test('sees values as cleaning leaves them', () => {
    const of = ruled('VARCHAR', { enum: ['gp'], pattern: '[a-z]{2}' });
    const clean = { trim: true, lowercaseValues: true };
    expect(buildBatches([of], [[' GP '], ['Gp'], ['ms']], { clean }).problems).toMatchObject([
      { value: 'ms', rule: 'enum' },
    ]);
  });

  test('does not hold a row that cleaning drops for a null', () => {
    const columns = [ruled('INTEGER', { min: '5' }), column('n', 'INTEGER')];
    const built = buildBatches(
      columns,
      [
        ['1', ''],
        ['1', '1'],
      ],
      { clean: { nullRows: 'drop_any' } },
    );
    expect(built.counts).toMatchObject({ rowsDroppedNull: 1, rowsRejected: 1 });
  });
});

test('rules reject the same rows however blocks and batches are cut, with a dictionary and without', () => {
  const numbers = ruled('BIGINT', { min: '100', max: '3000000' });
  const words = ruled('VARCHAR', { pattern: '[a-y]+\\d*', maxLength: 6 });
  const columns = [
    { ...numbers, name: 'number' },
    { ...words, name: 'word' },
  ];
  const cell = fc.record({
    number: fc.oneof(fc.nat({ max: 3_000_100 }), fc.nat({ max: 200 })),
    word: fc.oneof(fc.constantFrom('a', 'abc', 'z', 'abcdefg'), fc.stringMatching(/^[a-z]\d{4}$/)),
  });
  fc.assert(
    fc.property(
      fc.array(cell, { minLength: 1, maxLength: 40 }),
      fc.constantFrom(1, 7, 512, 4096),
      fc.constantFrom(1, 97),
      (cells, blockRows, repeats) => {
        // Enough rows of ever new values for the look-up to be given up.
        const rows = Array.from({ length: cells.length * repeats }, (_, i) => {
          const { number, word } = cells[i % cells.length]!;
          return { number: number + i, word: i % 2 === 0 ? word : `${word.slice(0, 1)}${i}` };
        });
        const isGood = ({ number, word }: { number: number; word: string }) =>
          number >= 100 && number <= 3_000_000 && /^[a-y]+\d*$/.test(word) && word.length <= 6;
        const built = buildBatches(
          columns,
          rows.map(({ number, word }) => [String(number), word]),
          { blockRows, rowGroupRows: 1000, problemsMax: 1 },
        );
        const good = rows.filter(isGood);
        expect(built.counts.rowsAccepted).toBe(good.length);
        expect(built.counts.rowsRejected).toBe(rows.length - good.length);
        const accepted = built.batches.flatMap(([first]) => first ?? []);
        expect(accepted).toEqual(good.map(({ number }) => BigInt(number)));
      },
    ),
    { numRuns: 60 },
  );
});

describe('a default', () => {
  const fallback = (type: TypeName, value: string): Column => ({
    ...column('c', type),
    default: value,
  });

  test('is the value of every cell without one, the same as where it is written', () => {
    const rows = [
      ['', '1'],
      ['7', '2'],
      ['+5', '3'],
      ['', '4'],
      ['NA', '5'],
      ['5', '6'],
    ];
    const columns = [fallback('INTEGER', '5'), column('n', 'INTEGER')];
    for (const blockRows of [1, 2, 6]) {
      const { batches, entries, loadFile } = buildBatches(columns, rows, {
        blockRows,
        clean: { nullWords: ['NA'] },
      });
      expect(batches).toEqual([
        [
          [5, 7, 5, 5, 5, 5],
          [1, 2, 3, 4, 5, 6],
        ],
      ]);
      expect(entries[0]?.[0]).toEqual({ distinct: true, count: 2 });
      expect(loadFile.split('\n')[0]).toBe('5\t1');
    }
  });

  test('may be what means no value where it is written', () => {
    const rows = [['0'], ['+0'], ['1'], ['']];
    const { batches } = buildBatches([fallback('INTEGER', '0')], rows, {
      clean: { nullWords: ['0'] },
    });
    expect(batches).toEqual([[[0, 0, 1, 0]]]);
  });

  test('is a value: such a row is not dropped for a null, and repeats one that has it written', () => {
    const columns = [{ ...fallback('VARCHAR', 'none'), nullable: false }];
    const { batches, counts } = buildBatches(columns, [[''], ['none'], ['x']], {
      clean: { nullRows: 'drop_any', duplicateRows: 'drop' },
    });
    expect(batches).toEqual([[['none', 'x']]]);
    expect(counts).toMatchObject({ rowsDroppedNull: 0, rowsDroppedDuplicate: 1 });
  });

  test('is entered anew in each batch, with a dictionary and without', () => {
    const rows = Array.from({ length: 9000 }, (_, i) => [i % 9 === 0 ? '' : `text ${i}`]);
    const { batches } = buildBatches([fallback('TEXT', 'text 1')], rows, {
      rowGroupRows: 4000,
      blockRows: 512,
    });
    expect(batches.flatMap(([first]) => first)).toEqual(
      rows.map(([cell]) => (cell === '' ? 'text 1' : cell)),
    );
  });
});
