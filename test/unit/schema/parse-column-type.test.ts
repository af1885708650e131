import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TypeName } from '../../../src/schema/column-type.ts';
import { columnTypes } from '../../../src/schema/column-types.ts';
import { parseColumnType } from '../../../src/schema/parse-column-type.ts';

const plain = { length: 0, precision: 0, scale: 0, fraction: 0 };

test.each([
  ['INTEGER', { name: 'INTEGER' }],
  ['integer', { name: 'INTEGER' }],
  ['  Boolean ', { name: 'BOOLEAN' }],
  ['VARCHAR (20)', { name: 'VARCHAR', length: 20 }],
  ['String(20)', { name: 'VARCHAR', length: 20 }],
  ['String', { name: 'VARCHAR', length: 255 }],
  ['char', { name: 'CHAR', length: 1 }],
  ['Numeric(10, 2)', { name: 'DECIMAL', precision: 10, scale: 2 }],
  ['DECIMAL( 38 ,30 )', { name: 'DECIMAL', precision: 38, scale: 30 }],
  ['decimal(5)', { name: 'DECIMAL', precision: 5, scale: 0 }],
  ['DOUBLE   PRECISION', { name: 'DOUBLE' }],
  ['DateTime', { name: 'DATETIME' }],
  ['datetime(6)', { name: 'DATETIME', fraction: 6 }],
  ['time(0)', { name: 'TIME' }],
])('%s is a type', (text, type) => {
  expect(parseColumnType(text)).toEqual({ type: { ...plain, ...type } });
});

test.each([
  ['INTEGR', /^unknown type "INTEGR": did you mean INTEGER/],
  ['BLOB', /^unknown type "BLOB": /],
  ['something else', /: the types are TINYINT, /],
  ['', /^unknown type ""/],
  ['INTEGER(11)', /^INTEGER takes no parentheses$/],
  ['VARCHAR()', /^what stands in the parentheses of VARCHAR must be whole numbers$/],
  ['VARCHAR(-1)', /whole numbers$/],
  [
    'VARCHAR(20',
    /^unknown type "VARCHAR\(20": its parenthesis is not closed; in braces .* in quotes/,
  ],
  ['VARCHAR(1)(2)', /^unknown type/],
  ['VARCHAR(1,2)', /^VARCHAR takes one number in parentheses$/],
  ['VARCHAR(0)', /must be from 1 to 16383/],
  ['VARCHAR(16384)', /must be from 1 to 16383; use TEXT/],
  ['CHAR(256)', /must be from 1 to 255$/],
  ['DECIMAL(39)', /must be from 1 to 38: more digits are not exact/],
  ['DECIMAL(0)', /must be from 1 to 38/],
  ['DECIMAL(5,6)', /must be from 0 to 5$/],
  ['DECIMAL(38,31)', /must be from 0 to 30$/],
  ['DECIMAL(1,2,3)', /^DECIMAL takes 2 numbers/],
  ['DATETIME(7)', /must be from 0 to 6$/],
])('%s is refused', (text, problem) => {
  const parsed = parseColumnType(text);
  expect('problem' in parsed && parsed.problem).toMatch(problem);
});

describe('every name', () => {
  const names = Object.keys(columnTypes) as TypeName[];

  test('and every alias means its type in any letter case', () => {
    for (const name of names) {
      for (const word of [name, ...columnTypes[name].aliases]) {
        expect(parseColumnType(word.toLowerCase())).toMatchObject({ type: { name } });
      }
    }
  });

  test('comes back from the MySQL type that is derived from it', () => {
    const text = fc.oneof(
      fc.constantFrom(...names),
      fc.integer({ min: 1, max: 255 }).map((length) => `CHAR(${length})`),
      fc.integer({ min: 1, max: 16383 }).map((length) => `VARCHAR(${length})`),
      fc.integer({ min: 0, max: 6 }).map((fraction) => `TIMESTAMP(${fraction})`),
      fc
        .integer({ min: 1, max: 38 })
        .chain((p) =>
          fc.integer({ min: 0, max: Math.min(p, 30) }).map((s) => `DECIMAL(${p},${s})`),
        ),
    );
    fc.assert(
      fc.property(text, (word) => {
        const parsed = parseColumnType(word);
        if ('problem' in parsed) throw new Error(parsed.problem);
        // MySQL has no boolean of its own: tinyint(1) is read back by its own spelling only.
        if (parsed.type.name === 'BOOLEAN') return;
        const mysqlType = columnTypes[parsed.type.name].mysqlType(parsed.type);
        expect(parseColumnType(mysqlType)).toEqual(parsed);
      }),
    );
  });
});
