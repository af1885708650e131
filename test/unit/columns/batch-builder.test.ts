import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RowCounts } from '../../../src/core/load.ts';
import type { Column, TypeName } from '../../../src/schema/column-type.ts';
import { column } from '../../support/loads.ts';
import { buildBatches } from './build-batches.ts';

function required(name: string, type: TypeName): Column {
  return { ...column(name, type), nullable: false };
}

const integer = column('n', 'INTEGER');
const text = column('t', 'TEXT');

function sumOf(counts: RowCounts): number {
  const { rowsAccepted, rowsRejected, rowsDroppedNull, rowsDroppedDuplicate } = counts;
  return rowsAccepted + rowsRejected + rowsDroppedNull + rowsDroppedDuplicate;
}

describe('batches', () => {
  test('have exactly as many rows as a row group, however the blocks are cut', () => {
    const rows = Array.from({ length: 2500 }, (_, i) => [String(i % 7), `text ${i}`]);
    for (const blockRows of [1, 7, 999, 1000, 1001, 4096]) {
      const { batches, counts } = buildBatches([integer, text], rows, { blockRows });
      expect(batches.map(([first]) => first?.length)).toEqual([1000, 1000, 500]);
      expect(batches.flatMap(([first]) => first ?? [])).toEqual(rows.map((_, i) => i % 7));
      expect(batches.flatMap(([, second]) => second ?? [])).toEqual(rows.map(([, value]) => value));
      expect(counts).toMatchObject({ rowsRead: 2500, rowsAccepted: 2500 });
    }
  });

  test('close the gaps of rows that are dropped, up to full row groups', () => {
    const rows = Array.from({ length: 100 }, (_, i) => [i % 3 === 0 ? '' : String(i)]);
    const { batches, counts } = buildBatches([integer], rows, {
      rowGroupRows: 20,
      blockRows: 9,
      clean: { nullRows: 'drop_any' },
    });
    const kept = rows.flatMap(([cell]) => (cell === '' ? [] : [Number(cell)]));
    expect(batches.map(([first]) => first?.length)).toEqual([20, 20, 20, 6]);
    expect(batches.flatMap(([first]) => first ?? [])).toEqual(kept);
    expect(counts).toMatchObject({ rowsAccepted: 66, rowsDroppedNull: 34 });
  });

  test('are none where no row is accepted', () => {
    expect(buildBatches([integer], []).batches).toEqual([]);
    const { batches } = buildBatches([integer], [['']], { clean: { nullRows: 'drop_any' } });
    expect(batches).toEqual([]);
  });

  test('of very long values are handed over before they have all their rows', () => {
    const rows = Array.from({ length: 6 }, (_, i) => [`${i}${'x'.repeat(15_000_000)}`]);
    const { batches } = buildBatches([column('t', 'LONGTEXT')], rows, { blockRows: 1 });
    const sizes = batches.map(([first]) => first?.length ?? 0);
    expect(sizes.length).toBeGreaterThan(1);
    expect(batches.flatMap(([first]) => first?.map((cell) => String(cell).length) ?? [])).toEqual(
      rows.map(([cell]) => cell?.length),
    );
  });
});

describe('entries', () => {
  test('are shared by cells that mean the same', () => {
    const cells = ['5', '05', ' 5', '+5', '6', '', '5 ', '06'];
    const { batches, entries } = buildBatches(
      [integer],
      cells.map((cell) => [cell]),
      { clean: { trim: true } },
    );
    expect(batches).toEqual([[[5, 5, 5, 5, 6, null, 5, 6]]]);
    expect(entries).toEqual([[{ distinct: true, count: 2 }]]);
  });

  test.each([
    ['0', ['+0', '-0', '00'], 0],
    ['-1', ['-01', '-001'], -1],
  ])('of the null word %j and of other ways to write it are kept apart', (word, others, n) => {
    const cells = [word, ...others, word, ...others];
    // In either order: what was seen first must not decide what the other means.
    for (const rows of [cells, cells.slice(1)]) {
      const { batches } = buildBatches(
        [integer],
        rows.map((cell) => [cell]),
        { clean: { nullWords: [word] } },
      );
      expect(batches).toEqual([[rows.map((cell) => (cell === word ? null : n))]]);
    }
  });

  test('are not a dictionary where equal ones may be among them', () => {
    const { entries } = buildBatches([integer], [['+0'], ['00'], ['1']], {
      clean: { nullWords: ['0'] },
    });
    expect(entries).toEqual([[{ distinct: false, count: 3 }]]);
  });

  test('are no longer looked up where nearly every row brings a new one, until the next batch', () => {
    const fresh = Array.from({ length: 40_000 }, (_, i) => [`value ${i}`]);
    const same = Array.from({ length: 40_000 }, (_, i) => [`value ${i % 3}`]);
    const rows = [...fresh, ...same];
    const { batches, entries } = buildBatches([text], rows, { rowGroupRows: 40_000 });
    expect(entries[0]).toEqual([{ distinct: false, count: 40_000 }]);
    expect(entries[1]).toEqual([{ distinct: true, count: 3 }]);
    expect(batches.flatMap(([first]) => first ?? [])).toEqual(rows.flat());
  });

  test('are looked up on where no more than every second row brings a new one', () => {
    const rows = Array.from({ length: 80_000 }, (_, i) => [`value ${i >> 2}`]);
    const { entries } = buildBatches([text], rows, { rowGroupRows: 80_000 });
    expect(entries).toEqual([[{ distinct: true, count: 20_000 }]]);
  });
});

describe('rows', () => {
  test('with a null are kept, or dropped, as configured', () => {
    const rows = [
      ['1', ''],
      ['', 'a'],
      ['2', 'b'],
    ];
    const kept = buildBatches([integer, text], rows);
    expect(kept.batches).toEqual([
      [
        [1, null, 2],
        [null, 'a', 'b'],
      ],
    ]);
    const dropped = buildBatches([integer, text], rows, { clean: { nullRows: 'drop_any' } });
    expect(dropped.batches).toEqual([[[2], ['b']]]);
    expect(dropped.counts.rowsDroppedNull).toBe(2);
  });

  test('with a null are dropped before their bad values are reported', () => {
    const rows = [
      ['x', ''],
      ['y', 'a'],
    ];
    const { problems, counts } = buildBatches([integer, required('t', 'TEXT')], rows, {
      clean: { nullRows: 'drop_any' },
    });
    expect(problems).toMatchObject([{ line: 3, column: 'n', value: 'y', rule: 'type' }]);
    expect(counts).toEqual({
      rowsRead: 2,
      rowsAccepted: 0,
      rowsRejected: 1,
      rowsDroppedNull: 1,
      rowsDroppedDuplicate: 0,
    });
  });

  test('with a null in a column that must have a value are rejected', () => {
    const { problems, counts } = buildBatches([required('n', 'INTEGER')], [['1'], [''], ['NA']], {
      clean: { nullWords: ['NA'] },
    });
    expect(problems).toMatchObject([
      { line: 3, column: 'n', value: '', rule: 'nullable' },
      { line: 4, column: 'n', value: 'NA', rule: 'nullable' },
    ]);
    expect(counts).toMatchObject({ rowsAccepted: 1, rowsRejected: 2 });
  });

  test('that are equal after cleaning and typing are dropped but for the first', () => {
    const rows = [
      ['5', 'A'],
      ['05', ' a'],
      ['5', 'b'],
      ['', 'a'],
      ['NA', 'A '],
      ['5', 'a'],
    ];
    const { batches, counts, loadFile } = buildBatches([integer, text], rows, {
      clean: { trim: true, lowercaseValues: true, nullWords: ['NA'], duplicateRows: 'drop' },
      rowGroupRows: 2,
    });
    // A batch takes so many rows before it is asked which of them are dropped.
    expect(batches).toEqual([
      [[5], ['a']],
      [
        [5, null],
        ['b', 'a'],
      ],
    ]);
    expect(loadFile).toBe('5\ta\n5\tb\n\\N\ta\n');
    expect(counts).toMatchObject({ rowsAccepted: 3, rowsDroppedDuplicate: 3 });
  });

  test('whose fields only together are equal are not dropped', () => {
    const rows = [
      ['a', 'b\tc'],
      ['a\tb', 'c'],
      ['a\\', 'c'],
      ['a', '\\c'],
      ['', String.raw`\N`],
      [String.raw`\N`, ''],
    ];
    const { counts } = buildBatches([text, column('u', 'TEXT')], rows, {
      clean: { duplicateRows: 'drop' },
    });
    expect(counts.rowsDroppedDuplicate).toBe(0);
  });

  test('that broke a rule or were dropped are in no column and not in the load file', () => {
    const rows = [['1'], ['x'], ['2'], ['999999999999'], ['2'], ['3']];
    const { batches, loadFile } = buildBatches([integer], rows, {
      clean: { duplicateRows: 'drop' },
    });
    expect(batches).toEqual([[[1, 2, 3]]]);
    expect(loadFile).toBe('1\n2\n3\n');
  });

  test('are all accounted for, and agree with the rules applied one by one', () => {
    const cells = fc.constantFrom('1', '01', '2', '', 'x', 'NA', '99999999999');
    const table = fc.array(fc.tuple(cells, cells), { maxLength: 40 });
    const options = fc.record({
      nullRows: fc.constantFrom('keep' as const, 'drop_any' as const),
      duplicateRows: fc.constantFrom('keep' as const, 'drop' as const),
    });
    fc.assert(
      fc.property(
        table,
        options,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        (rows, clean, rowGroupRows, blockRows) => {
          const columns = [integer, required('m', 'INTEGER')];
          const built = buildBatches(columns, rows, {
            clean: { ...clean, nullWords: ['NA'] },
            rowGroupRows,
            blockRows,
          });
          const expected = { accepted: [] as string[], rejected: 0, nulls: 0, duplicates: 0 };
          for (const row of rows) {
            const values = row.map((cell) => (cell === '' || cell === 'NA' ? null : Number(cell)));
            const broken = values.some((v) => v !== null && !(Math.abs(v) < 2 ** 31));
            const key = JSON.stringify(values);
            if (clean.nullRows === 'drop_any' && values.includes(null)) expected.nulls++;
            else if (broken || values[1] === null) expected.rejected++;
            else if (clean.duplicateRows === 'drop' && expected.accepted.includes(key)) {
              expected.duplicates++;
            } else expected.accepted.push(key);
          }
          const accepted = built.batches.flatMap(([n, m]) =>
            (n ?? []).map((value, row) => JSON.stringify([value, m?.[row]])),
          );
          expect(accepted).toEqual(expected.accepted);
          expect(built.counts).toEqual({
            rowsRead: rows.length,
            rowsAccepted: expected.accepted.length,
            rowsRejected: expected.rejected,
            rowsDroppedNull: expected.nulls,
            rowsDroppedDuplicate: expected.duplicates,
          });
          expect(sumOf(built.counts)).toBe(rows.length);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('problems', () => {
  test('name line, column, value, rule and what is expected, line by line', () => {
    const columns = [integer, column('c', 'CHAR', { length: 2 }), column('d', 'DATE')];
    const rows = [
      ['1', 'ab', '2024-01-01'],
      ['1.5', 'abc', '2024-01-01'],
      ['99999999999', 'a ', '2023-02-29'],
    ];
    const { problems, counts } = buildBatches(columns, rows);
    expect(problems.map(({ line, column: at, value, rule }) => [line, at, value, rule])).toEqual([
      [3, 'n', '1.5', 'type'],
      [3, 'c', 'abc', 'length'],
      [4, 'n', '99999999999', 'range'],
      [4, 'c', 'a ', 'type'],
      [4, 'd', '2023-02-29', 'range'],
    ]);
    expect(problems.map(({ message }) => message)).toEqual([
      'n is not an INTEGER.',
      'c is too long for CHAR(2).',
      'n is outside what INTEGER can hold exactly.',
      'c is not a CHAR(2).',
      'd is no day or time that there is, or outside what DATE can hold exactly.',
    ]);
    expect(problems[0]?.hint).toBe('Expected: a whole number from -2147483648 to 2147483647.');
    expect(counts.rowsRejected).toBe(2);
  });

  test('show the cell as the file has it, cut after 200 characters', () => {
    const { problems } = buildBatches([integer], [[` ${'😀'.repeat(300)}`], ['\u00a0X ']], {
      clean: { trim: true },
    });
    expect(problems.map(({ value }) => value)).toEqual([` ${'😀'.repeat(199)}`, '\u00a0X ']);
  });

  test('are all counted and the first described', () => {
    const rows = Array.from({ length: 50 }, (_, i) => [`x${i}`, 'y']);
    const { problems, problemsTotal, counts } = buildBatches([integer, column('m', 'DATE')], rows, {
      problemsMax: 3,
      blockRows: 7,
    });
    expect(problems.map(({ line, column: at }) => [line, at])).toEqual([
      [2, 'n'],
      [2, 'm'],
      [3, 'n'],
    ]);
    expect(problemsTotal).toBe(100);
    expect(counts.rowsRejected).toBe(50);
  });

  test('of bytes that are not UTF-8 name the cell, and the row is rejected even where it has a null', () => {
    const latin1 = Buffer.from('größe', 'latin1');
    const rows = [
      ['1', 'größe'],
      ['2', latin1],
      ['', latin1],
    ];
    const { problems, counts } = buildBatches([integer, text], rows, {
      foreign: true,
      clean: { nullRows: 'drop_any' },
    });
    expect(problems).toMatchObject([
      { line: 3, column: 't', value: 'gr\ufffd\ufffde', rule: 'encoding' },
      { line: 4, column: 't', rule: 'encoding' },
    ]);
    expect(counts).toMatchObject({ rowsAccepted: 1, rowsRejected: 2, rowsDroppedNull: 0 });
  });
});
