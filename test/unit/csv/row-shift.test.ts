import { describe, expect, test } from 'vitest';
import { missingHint, surplusHint } from '../../../src/csv/row-shift.ts';
import { type CellFormat, usualFormat } from '../../../src/schema/cell-format.ts';
import type { Column } from '../../../src/schema/column-type.ts';
import { columnOf } from '../../support/loads.ts';

const columns = [
  columnOf('id', 'INTEGER'),
  columnOf('name', 'VARCHAR(40)'),
  columnOf('price', 'DECIMAL(10,2)'),
  columnOf('sold', 'DATE'),
];
/** In which no value passes for one of its neighbours. */
const strict = [
  columnOf('sold', 'DATE'),
  columnOf('price', 'DECIMAL(10,2)'),
  columnOf('flag', 'BOOLEAN'),
];
const texts = ['a', 'b', 'c'].map((name) => columnOf(name, 'TEXT'));

describe('a row with too many values', () => {
  test('is traced to the value that holds the delimiter, and shows it in quotes', () => {
    const row = ['1', 'Lovelace', ' Ada', '9.50', '2025-01-31'];
    expect(surplusHint(row, columns, ',')).toEqual({
      looksLike:
        'It looks like the delimiter stands in name (value 2 of the line) without quotes around the value.',
      value: 'Lovelace, Ada',
      repairs: ['"Lovelace, Ada"'],
    });
  });

  test('is traced also to a value that is too long besides', () => {
    const row = ['1', 'x'.repeat(50), ' Ada', '9.50', '2025-01-31'];
    expect(surplusHint(row, columns, ',')?.looksLike).toContain('in name (value 2 of the line)');
  });

  test('is traced over several delimiters and quotes, in the signs of the dialect', () => {
    const row = ['1', "Lovelace's", 'Ada', 'King', '9.50', '2025-01-31'];
    expect(surplusHint(row, columns, ';')?.value).toBe("Lovelace's;Ada;King");
    const dialect = { delimiter: ';', quote: "'", escape: '\\', comment: null, skipLines: 0 };
    expect(surplusHint(row, columns, ';', dialect)?.repairs).toEqual(["'Lovelace\\'s;Ada;King'"]);
  });

  test('is traced to a decimal comma', () => {
    const hint = surplusHint(['2025-01-31', '9', '50', 'true'], strict, ',');
    expect(hint?.looksLike).toContain('number with a comma in price (value 2 of the line)');
    expect(hint).toMatchObject({ value: '9,50', repairs: ['9.50'] });
  });

  test('of which the comma stands between no groups of three digits, is proposed no whole number for', () => {
    const whole = [columnOf('sold', 'DATE'), columnOf('count', 'INTEGER')];
    expect(surplusHint(['2025-01-31', '1', '5'], whole, ',')).toMatchObject({
      value: '1,5',
      repairs: [],
    });
  });

  test('is proposed a number as its column writes it, or none that it would take for another', () => {
    const repairsOf = (format: Partial<CellFormat>, ...cells: string[]): unknown => {
      const price = {
        ...columnOf('price', 'DECIMAL(10,2)'),
        format: { ...usualFormat, ...format },
      };
      return surplusHint(['2025-01-31', ...cells], [columnOf('sold', 'DATE'), price], ',')?.repairs;
    };
    expect(repairsOf({ decimalChar: '·' }, '1', '5')).toEqual(['1·5']);
    expect(repairsOf({ decimalChar: ',', groupChar: '.' }, '1', '234')).toEqual([]);
  });

  test('is traced to commas between thousands', () => {
    const whole = [columnOf('sold', 'DATE'), columnOf('count', 'INTEGER')];
    const hint = surplusHint(['2025-01-31', '1', '000'], whole, ',');
    expect(hint).toMatchObject({ value: '1,000', repairs: ['1000'] });
  });

  test('has delimiters too many at its end', () => {
    const row = ['1', 'Ada', '9.50', '2025-01-31', '', ''];
    expect(surplusHint(row, columns, ',')?.looksLike).toContain('2 delimiters too many at the end');
  });

  test('names all columns that it may be, and prefers the one that reads like prose', () => {
    expect(surplusHint(['x', 'y', 'z', 'w'], texts, ',')?.looksLike).toContain('one of a, b, c');
    expect(surplusHint(['x', 'y', ' z', 'w'], texts, ',')?.value).toBe('y, z');
  });

  test('is not guessed at where nothing fits', () => {
    expect(surplusHint(['x', 'y', 'z', 'w', 'v'], columns, ',')).toBeNull();
    expect(surplusHint([], columns, ',')).toBeNull();
  });

  test('is traced to a value that the format of its column writes with the delimiter, which needs quotes', () => {
    const [sold, price, flag] = strict as [Column, Column, Column];
    const written = { ...price, format: { ...usualFormat, decimalChar: ',' } };
    expect(surplusHint(['2025-01-31', '9', '50', 'true'], [sold, written, flag], ',')).toEqual({
      looksLike:
        'It looks like the delimiter stands in price (value 2 of the line) without quotes around the value.',
      value: '9,50',
      repairs: ['"9,50"'],
    });
  });

  test('is traced by values as their columns write them', () => {
    const german = [
      { ...columnOf('sold', 'DATE'), format: { ...usualFormat, temporal: '%d.%m.%Y' } },
      { ...columnOf('price', 'DECIMAL(10,2)'), format: { ...usualFormat, decimalChar: ',' } },
      columnOf('name', 'VARCHAR(40)'),
      {
        ...columnOf('paid', 'DATE'),
        format: { ...usualFormat, temporal: '%d.%m.%Y', missingValues: ['open'] },
      },
    ];
    for (const last of ['01.02.2025', 'open']) {
      const row = ['31.01.2025', '9,50', 'Lovelace', 'Ada', last];
      expect(surplusHint(row, german, ';')?.value).toBe('Lovelace;Ada');
    }
  });

  test('of very many columns takes no time', () => {
    const many = Array.from({ length: 20_000 }, (_, i) => columnOf(`c${i}`, 'INTEGER'));
    const row = Array.from({ length: 20_001 }, () => '1');
    expect(surplusHint(row, many, ',')?.looksLike).toContain('and others');
  });
});

describe('a row with too few values', () => {
  test('is traced to the value that is left out', () => {
    const hint = missingHint(['2025-01-31', 'true'], strict, ',');
    expect(hint?.looksLike).toBe('It looks like price (value 2 of the line) is left out.');
  });

  test('is traced to it by values as their columns write them', () => {
    const [sold, price, flag] = strict as [Column, Column, Column];
    const written = { ...sold, format: { ...usualFormat, temporal: '%d.%m.%Y' } };
    const hint = missingHint(['31.01.2025', 'true'], [written, price, flag], ',');
    expect(hint?.looksLike).toBe('It looks like price (value 2 of the line) is left out.');
  });

  test('looks cut where its values fit the first columns', () => {
    expect(missingHint(['1', 'Ada'], columns, ',')?.looksLike).toContain('a line that is cut');
  });

  test('looks like a line of another file where another delimiter splits it right', () => {
    const hint = missingHint(['1;Ada;9.50;2025-01-31'], columns, ',');
    expect(hint?.looksLike).toContain('separated by semicolons');
  });

  test('names all columns that it may be', () => {
    const hint = missingHint(['1', '9.50', '2025-01-31'], columns, ',');
    expect(hint?.looksLike).toContain('left out in one of id, name, price');
  });

  test('is not guessed at where nothing fits', () => {
    expect(missingHint(['x', 'y'], columns, ',')).toBeNull();
  });
});
