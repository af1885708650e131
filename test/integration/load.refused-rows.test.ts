import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Problem } from '../../src/core/problem.ts';
import { TableLoader } from '../../src/load/table-loader.ts';
import { column, convertedLoad, datasetOf } from '../support/loads.ts';
import { describeWithMariadb, type Mariadb, startMariadb } from '../support/mariadb.ts';

type Row = [id: number, size: number, parent: number | null];

const columns = [column('id', 'INTEGER'), column('size', 'INTEGER'), column('parent', 'INTEGER')];

/** Places of the rows that a table refuses which takes one row after the other. */
function refusedOneByOne(rows: readonly Row[]): number[] {
  const there = new Set<number>();
  return rows.flatMap(([id, size, parent], place) => {
    const hasParent = parent === null || parent === id || there.has(parent);
    if (there.has(id) || size >= 5 || !hasParent) return [place];
    there.add(id);
    return [];
  });
}

const someRow: fc.Arbitrary<Row> = fc.tuple(
  fc.nat({ max: 60 }),
  fc.oneof({ weight: 9, arbitrary: fc.nat({ max: 4 }) }, { weight: 1, arbitrary: fc.constant(5) }),
  fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, fc.nat({ max: 60 })),
);

describeWithMariadb('the rows of a load that its table refuses', () => {
  let server: Mariadb;
  const folder = mkdtempSync(join(tmpdir(), 'hopper-refused-'));
  beforeAll(async () => {
    server = await startMariadb();
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  describe.each([
    ['LOAD DATA', 1],
    ['INSERT', 0],
  ])('by %s', (way, allowed) => {
    const table = `rows_${way.toLowerCase().replace(' ', '_')}`;
    const dataset = datasetOf(table, columns);
    let loader: TableLoader;
    beforeAll(async () => {
      await server.query(`SET GLOBAL local_infile = ${allowed}`);
      await server.query(
        `CREATE TABLE ${table} (id int, size int CHECK (size < 5), parent int, UNIQUE KEY one_id (id),` +
          ` FOREIGN KEY (parent) REFERENCES ${table} (id)) ENGINE=InnoDB`,
      );
      loader = new TableLoader({
        database: server.rootConfig,
        dataset,
        onNotice: () => undefined,
      });
    });
    afterAll(() => loader.close());

    async function refusedBy(
      file: string,
      rows: readonly Row[],
      rowsMax = Infinity,
    ): Promise<{ places: number[]; problems: Problem[]; status: string | undefined }> {
      const places: number[] = [];
      const problems: Problem[] = [];
      const text = rows.map((row) => row.map((value) => (value === null ? null : String(value))));
      const refusals = {
        rowsMax,
        begin: () => {
          places.length = 0;
          problems.length = 0;
        },
        add: (place: number, found: Problem[]) => {
          places.push(place);
          problems.push(...found);
        },
      };
      const load = { ...convertedLoad(folder, dataset, file, text), refusals };
      const [outcome] = await loader.load([load]);
      return { places, problems, status: outcome?.status };
    }

    test('are those that it would refuse one by one, and without them it takes the others', async () => {
      const some = fc.array(someRow, { minLength: 1, maxLength: 80 });
      let runs = 0;
      await fc.assert(
        fc.asyncProperty(some, async (rows) => {
          await server.query(`SET foreign_key_checks = 0`);
          await server.query(`UPDATE ${table} SET parent = NULL`);
          await server.query(`DELETE FROM ${table}`);
          const file = `${++runs}.csv`;
          const expected = refusedOneByOne(rows);
          const { places, status } = await refusedBy(file, rows);
          expect(places).toEqual(expected);
          expect(status).toBe(expected.length === 0 ? 'loaded' : 'refused');
          const [left] = await server.query(`SELECT COUNT(*) AS n FROM ${table}`);
          expect(left?.['n']).toBe(expected.length === 0 ? rows.length : 0);
          const others = rows.filter((_, place) => !expected.includes(place));
          if (expected.length === 0 || others.length === 0) return;
          expect(await refusedBy(file, others)).toMatchObject({ places: [], status: 'loaded' });
        }),
        { numRuns: 25 },
      );
    });

    test('are looked for no further than is wanted', async () => {
      await server.query(`UPDATE ${table} SET parent = NULL`);
      await server.query(`DELETE FROM ${table}`);
      const rows = Array.from({ length: 3000 }, (_, i): Row => [i, i % 100 === 99 ? 5 : 0, null]);
      const { places, problems } = await refusedBy('some.csv', rows, 4);
      expect(places).toEqual([99, 199, 299, 399]);
      expect(problems).toHaveLength(4);
      expect(problems.map(({ rule, line }) => [rule, line])).toContainEqual(['database', 0]);
      expect((await refusedBy('all.csv', rows)).places).toHaveLength(30);
    });
  });
});
