import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { formatResult } from '../../../src/query/format-result.ts';
import type { QueryResult } from '../../../src/query/query-result.ts';

const result: QueryResult = {
  columns: [
    { name: 'name', type: 'VARCHAR' },
    { name: 'count', type: 'BIGINT' },
  ],
  rows: [
    ['at_home', 7n],
    [null, 12345n],
  ],
};

function one(value: QueryResult['rows'][number][number], type: string): QueryResult {
  return { columns: [{ name: 'v', type }], rows: [[value]] };
}

describe('table', () => {
  test('columns are aligned under a rule, numbers to the right, with NULL shown and the rows counted', () => {
    expect(formatResult(result, 'table')).toBe(
      [
        'name     count', //
        '-------  -----',
        'at_home      7',
        'NULL     12345',
        '(2 rows)',
        '',
      ].join('\n'),
    );
  });

  test('a result without rows shows its header, and one row is counted in the singular', () => {
    expect(formatResult({ ...result, rows: [] }, 'table')).toBe(
      'name  count\n----  -----\n(0 rows)\n',
    );
    expect(formatResult(one('x', 'VARCHAR'), 'table')).toContain('(1 row)\n');
  });

  test('control characters, direction marks and half surrogates cannot reach the terminal', () => {
    const text = formatResult(one('a\u001b[2J\nb\r\tc\u202e\u2028\ud800', 'VARCHAR'), 'table');
    expect(text.split('\n')[2]).toBe('a\\x1b[2J\\nb\\r\\tc\\u{202e}\\u{2028}\\u{d800}');
  });

  test('a control character in a column name is escaped too', () => {
    const text = formatResult(
      { columns: [{ name: 'a\u0007', type: 'VARCHAR' }], rows: [] },
      'table',
    );
    expect(text.split('\n')[0]).toBe('a\\x07');
  });

  test('wide and combined characters keep the columns aligned', () => {
    const text = formatResult(
      {
        columns: result.columns,
        rows: [
          ['日本', 1n],
          ['e\u0301', 2n],
        ],
      },
      'table',
    );
    expect(text.split('\n').slice(2, 4)).toEqual(['日本      1', 'e\u0301         2']);
  });
});

describe('csv', () => {
  test('NULL is an empty field and the empty string a quoted one', () => {
    const rows = [['', 1n] as const, [null, 2n] as const];
    expect(formatResult({ ...result, rows }, 'csv')).toBe('name,count\r\n"",1\r\n,2\r\n');
  });

  test('csv-parse reads every text back', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.string()), { minLength: 1 }), (rows) => {
        const columns = ['a', 'b,"\n'].map((name) => ({ name, type: 'VARCHAR' }));
        const text = formatResult({ columns, rows }, 'csv');
        const read: unknown = parse(text, { relax_column_count: false, record_delimiter: '\r\n' });
        expect(read).toEqual([['a', 'b,"\n'], ...rows]);
      }),
    );
  });
});

describe('json', () => {
  function value(...[input, type]: Parameters<typeof one>): unknown {
    const [object] = JSON.parse(formatResult(one(input, type), 'json')) as { v: unknown }[];
    return object?.v;
  }

  test('rows are objects by column name', () => {
    expect(JSON.parse(formatResult(result, 'json'))).toEqual([
      { name: 'at_home', count: 7 },
      { name: null, count: 12345 },
    ]);
    expect(formatResult({ ...result, rows: [] }, 'json')).toBe('[]\n');
  });

  test('a number that a double would change is a string', () => {
    expect(value(2n ** 53n - 1n, 'BIGINT')).toBe(9007199254740991);
    expect(value(2n ** 53n + 1n, 'BIGINT')).toBe('9007199254740993');
    expect(value(-(2n ** 63n), 'BIGINT')).toBe('-9223372036854775808');
    expect(value('-12.50', 'DECIMAL(10,2)')).toBe(-12.5);
    expect(value('1234567890123456.78', 'DECIMAL(18,2)')).toBe('1234567890123456.78');
    expect(value(Infinity, 'DOUBLE')).toBe('Infinity');
  });

  test('dates and times are ISO 8601', () => {
    expect(value('2024-02-29', 'DATE')).toBe('2024-02-29');
    expect(value('2024-02-29 01:02:03.5', 'TIMESTAMP')).toBe('2024-02-29T01:02:03.5');
    expect(value('2024-02-29 01:02:03+00', 'TIMESTAMP WITH TIME ZONE')).toBe(
      '2024-02-29T01:02:03Z',
    );
    expect(value('a b', 'VARCHAR')).toBe('a b');
  });

  test('a column named __proto__ is a member like any other', () => {
    const text = formatResult(
      { columns: [{ name: '__proto__', type: 'INTEGER' }], rows: [[1]] },
      'json',
    );
    expect(text).toBe('[\n{"__proto__":1}\n]\n');
  });
});
