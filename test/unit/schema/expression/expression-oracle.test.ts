// DuckDB is the oracle: the same condition over the same rows is false for the same of them.
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Column } from '../../../../src/schema/column-type.ts';
import { column } from '../../../support/loads.ts';
import { buildBatches } from '../../columns/build-batches.ts';

let instance: DuckDBInstance;
let connection: DuckDBConnection;
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
  const columns = Object.entries(kinds).map(([name, { duckdb }]) => `${name} ${duckdb}`);
  await connection.run(`CREATE TABLE t ("row" INTEGER, ${columns.join(', ')})`);
});
afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

/** A condition or value as we have it, and as DuckDB does where it differs. */
interface Written {
  ours: string;
  duckdb: string;
}
type Arbitrary = fc.Arbitrary<Written>;

const same = (text: string): Written => ({ ours: text, duckdb: text });
const both = (parts: readonly Written[], join: (texts: string[]) => string): Written => ({
  ours: join(parts.map(({ ours }) => ours)),
  duckdb: join(parts.map(({ duckdb }) => duckdb)),
});

const text = fc.constantFrom('', 'a', 'A', 'ab', 'é', 'É', 'z', '😀', '\uffee', '😀😀');
const days = fc
  .date({ min: new Date('1000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const day = fc.oneof(fc.constantFrom('2024-02-29', '2024-03-01', '1969-12-31'), days);
const micros = fc.constantFrom('00:00:00.000000', '23:59:59.999999', '12:00:00.000001');
const small = fc.integer({ min: -4, max: 4 }).map(String);
const cents = fc.integer({ min: -500, max: 500 }).map((n) => (n / 100).toFixed(2));
const huge = fc.constantFrom(
  ...['9223372036854775807', '9223372036854775806', '-9223372036854775808', '0'],
  ...['9007199254740993', '9007199254740992', '-9007199254740993'],
);
const wide = fc.constantFrom(
  ...['9999999999999999999999999.9999', '9999999999999999999999999.9998', '0.0001', '-1.5000'],
);

/** The columns, with the cells that each may have. */
const kinds = {
  i: { of: column('i', 'INTEGER'), duckdb: 'BIGINT', cell: small },
  j: { of: column('j', 'TINYINT'), duckdb: 'BIGINT', cell: small },
  b: { of: column('b', 'BIGINT'), duckdb: 'BIGINT', cell: huge },
  c: { of: column('c', 'BIGINT'), duckdb: 'BIGINT', cell: huge },
  d: {
    of: column('d', 'DECIMAL', { precision: 5, scale: 2 }),
    duckdb: 'DECIMAL(5,2)',
    cell: cents,
  },
  w: {
    of: column('w', 'DECIMAL', { precision: 30, scale: 4 }),
    duckdb: 'DECIMAL(30,4)',
    cell: wide,
  },
  f: { of: column('f', 'DOUBLE'), duckdb: 'DOUBLE', cell: fc.oneof(small, cents) },
  g: { of: column('g', 'FLOAT'), duckdb: 'FLOAT', cell: fc.constantFrom('0.1', '-0.5', '1e10') },
  s: { of: column('s', 'VARCHAR', { length: 20 }), duckdb: 'VARCHAR', cell: text },
  t: { of: column('t', 'TEXT'), duckdb: 'VARCHAR', cell: text },
  x: { of: column('x', 'DATE'), duckdb: 'DATE', cell: day },
  y: { of: column('y', 'DATE'), duckdb: 'DATE', cell: day },
  m: {
    of: column('m', 'DATETIME', { fraction: 6 }),
    duckdb: 'TIMESTAMP',
    cell: fc.tuple(day, micros).map((parts) => parts.join(' ')),
  },
  h: { of: column('h', 'TIME', { fraction: 6 }), duckdb: 'TIME', cell: micros },
  p: { of: column('p', 'BOOLEAN'), duckdb: 'BOOLEAN', cell: fc.constantFrom('true', 'false') },
  q: { of: column('q', 'BOOLEAN'), duckdb: 'BOOLEAN', cell: fc.constantFrom('true', 'false') },
} satisfies Record<string, { of: Column; duckdb: string; cell: fc.Arbitrary<string> }>;
type Name = keyof typeof kinds;
const names = Object.keys(kinds) as Name[];

const named = (...of: Name[]): Arbitrary => fc.constantFrom(...of).map(same);
const quoted = (of: fc.Arbitrary<string>): Arbitrary =>
  of.map((word) => same(`'${word.replaceAll("'", "''")}'`));

/** Integers that DuckDB can calculate with, without overflow. */
const integer: Arbitrary = fc.letrec<{ integer: Written }>((tie) => ({
  integer: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    named('i', 'j'),
    fc.integer({ min: 0, max: 9 }).map(String).map(same),
    fc
      .tuple(tie('integer'), fc.constantFrom('+', '-', '*'), tie('integer'))
      .map(([a, sign, b]) => both([a, b], ([x, y]) => `(${x} ${sign} ${y})`)),
    tie('integer').map((a) => both([a], ([x]) => `(- ${x})`)),
    tie('integer').map((a) => both([a], ([x]) => `abs(${x})`)),
    fc
      .tuple(tie('integer'), tie('integer'))
      .map((of) => both(of, (all) => `coalesce(${all.join()})`)),
    named('s', 't').map((a) => both([a], ([x]) => `length(${x})`)),
    fc
      .tuple(fc.constantFrom('year', 'month', 'day'), named('x', 'y', 'm'))
      .map(([part, a]) => both([a], ([x]) => `${part}(${x})`)),
    fc.tuple(named('x', 'y'), named('x', 'y')).map((of) => both(of, ([a, b]) => `(${a} - ${b})`)),
  ),
})).integer;
const decimal: Arbitrary = fc.oneof(
  named('d'),
  cents.map((value) => same(`(${value})`)),
  fc.tuple(named('d', 'i'), fc.constantFrom('+', '-', '*'), named('d', 'j')).map(([a, sign, b]) => {
    // Of BIGINT DuckDB takes 19 digits, which leaves none behind the point of a product.
    const narrow = ({ ours }: Written): string => (ours === 'd' ? 'd' : `${ours}::DECIMAL(5,0)`);
    return { ours: `(${a.ours} ${sign} ${b.ours})`, duckdb: `(${narrow(a)} ${sign} ${narrow(b)})` };
  }),
);
/** Of so small numbers a quotient rounded to a DOUBLE is greater or equal only where it is exactly. */
const quotient: Arbitrary = fc.tuple(named('i', 'd'), named('j', 'd')).map(([a, b]) => ({
  ours: `${a.ours} / ${b.ours}`,
  duckdb: `${a.ours}::DOUBLE / nullif(${b.ours}, 0)::DOUBLE`,
}));
const textual: Arbitrary = fc.oneof(
  named('s', 't'),
  fc
    .tuple(fc.constantFrom('lower', 'upper'), named('s', 't'))
    .map(([name, a]) => both([a], ([x]) => `${name}(${x})`)),
  fc
    .tuple(named('s', 't'), named('s', 't'))
    .map((of) => both(of, (all) => `coalesce(${all.join()})`)),
);
const dated: Arbitrary = fc.oneof(
  named('x', 'y'),
  fc.tuple(named('x'), fc.constantFrom('+', '-'), small).map(([x, sign, n]) => ({
    ours: `(${x.ours} ${sign} (${n}))`,
    duckdb: `(${x.ours} ${sign} (${n}))`,
  })),
);
const moment: Arbitrary = fc.oneof(named('m'), named('m'), named('x'));

/** Pairs that can be compared, at least one with a column in it. */
const groups: readonly (readonly [Arbitrary, Arbitrary])[] = [
  [integer, integer],
  [decimal, decimal],
  [decimal, named('i', 'j', 'd')],
  [
    named('b', 'c'),
    fc.oneof(
      named('b', 'c'),
      huge.map((n) => same(`(${n})`)),
    ),
  ],
  [
    named('w'),
    fc.oneof(
      named('w'),
      wide.map((n) => same(`(${n})`)),
    ),
  ],
  [quotient, fc.constantFrom('0', '1', '0.5', '-2', '0.25').map((n) => same(n))],
  [
    named('f'),
    fc.oneof(
      named('f'),
      cents.map((n) => same(`(${n})`)),
    ),
  ],
  [
    named('g'),
    fc.oneof(
      named('g'),
      fc.constantFrom('0.1', '0.25').map((n) => same(n)),
    ),
  ],
  [textual, fc.oneof(textual, quoted(text))],
  [dated, fc.oneof(dated, quoted(day))],
  [moment, fc.oneof(named('m'), quoted(day))],
  [named('h'), fc.oneof(named('h'), quoted(micros))],
  [named('p', 'q'), fc.oneof(named('p', 'q'), fc.constantFrom('true', 'false').map(same))],
];

const comparison: Arbitrary = fc.oneof(
  ...groups.map(([left, right]) =>
    fc.oneof(
      fc
        .tuple(left, fc.constantFrom('=', '<>', '!=', '<', '<=', '>', '>='), right)
        .map(([a, sign, b]) => both([a, b], ([x, y]) => `(${x} ${sign} ${y})`)),
      fc
        .tuple(left, fc.constantFrom('', 'not '), right, right)
        .map(([a, not, b, c]) =>
          both([a, b, c], ([x, y, z]) => `(${x} ${not}between ${y} and ${z})`),
        ),
      fc
        .tuple(left, fc.constantFrom('', 'not '), fc.array(right, { minLength: 1, maxLength: 3 }))
        .map(([a, not, list]) =>
          both([a, ...list], ([x, ...all]) => `(${x} ${not}in (${all.join()}))`),
        ),
    ),
  ),
);

const condition = fc.letrec<{ condition: Written }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 4 },
    comparison,
    comparison,
    named('p', 'q'),
    fc
      .tuple(named(...names), fc.constantFrom('is null', 'is not null'))
      .map(([a, is]) => both([a], ([x]) => `(${x} ${is})`)),
    fc
      .tuple(tie('condition'), fc.constantFrom('and', 'or'), tie('condition'))
      .map(([a, sign, b]) => both([a, b], ([x, y]) => `(${x} ${sign} ${y})`)),
    tie('condition').map((a) => both([a], ([x]) => `(not ${x})`)),
  ),
})).condition;

const row = fc.tuple(...names.map((name) => fc.option(kinds[name].cell, { nil: '', freq: 4 })));

test('a condition is false for the rows for which it is false in DuckDB', async () => {
  const columns = [column('row', 'INTEGER'), ...names.map((name) => kinds[name].of)];
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 12 }),
      fc.array(condition, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 13 }),
      async (cells, conditions, blockRows, rowGroupRows) => {
        await connection.run('DELETE FROM t');
        const values = cells.map((of, i) => `(${i}, ${of.map(literal).join(', ')})`);
        await connection.run(`INSERT INTO t VALUES ${values.join(', ')}`);
        for (const { ours, duckdb } of conditions) {
          const checks = [{ expression: ours, name: null, message: null, hint: null }];
          const rows = cells.map((of, i) => [String(i), ...of]);
          // Words in quotes that hold a column only: a constant condition is refused.
          if (!/\b(?:[a-z])\b/.test(ours.replaceAll(/'[^']*'/g, ''))) continue;
          const options = { checks, blockRows, rowGroupRows };
          const broken = buildBatches(columns, rows, options).problems.map(({ line }) => line - 2);
          const sql = `SELECT "row" FROM t WHERE (${duckdb}) IS FALSE ORDER BY 1`;
          const reader = await connection.runAndReadAll(sql);
          expect(broken, ours).toEqual(reader.getRows().map(([number]) => number));
        }
      },
    ),
    { numRuns: 150 },
  );
}, 120_000);

function literal(cell: string): string {
  return cell === '' ? 'NULL' : `'${cell}'`;
}
