import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Problem } from '../../src/core/problem.ts';
import { TableLoader } from '../../src/load/table-loader.ts';
import { column, convertedLoad, datasetOf } from '../support/loads.ts';
import { describeWithMariadb, type Mariadb, startMariadb } from '../support/mariadb.ts';
import { duplicateEntry, serverProgram } from '../support/server-program.ts';

/** The number of the error for a CHECK. */
const checkError = { MariaDB: '4025', MySQL: '3819' };

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
  fc.oneof(
    { weight: 18, arbitrary: fc.nat({ max: 4 }) },
    { weight: 2, arbitrary: fc.constant(5) },
    // Beyond the column: IGNORE would make it 32767.
    { weight: 1, arbitrary: fc.constant(40_000) },
  ),
  fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, fc.nat({ max: 60 })),
);

const asOld: [string, number, string[]] = [
  'by LOAD DATA where a MariaDB does not say which rows it took',
  1,
  ['--version=8.0.36'],
];

describeWithMariadb('the rows of a load that its table refuses', () => {
  let server: Mariadb;
  const folder = mkdtempSync(join(tmpdir(), 'hopper-refused-'));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  describe.each([
    ['by LOAD DATA', 1, []],
    ['by INSERT', 0, []],
    // By its version it is one without INSERT ... RETURNING, as every MySQL is.
    ...(serverProgram?.kind === 'MySQL' ? [] : [asOld]),
  ])('%s', (_, allowed, config) => {
    const table = 'rows_refused';
    const dataset = datasetOf(table, columns, { size: 'SMALLINT' });
    let loader: TableLoader;
    beforeAll(async () => {
      server = await startMariadb({ config });
      await server.query(`SET GLOBAL local_infile = ${allowed}`);
      await server.query(
        `CREATE TABLE ${table} (id int, size smallint CHECK (size < 5), parent int, UNIQUE KEY one_id (id),` +
          ` FOREIGN KEY (parent) REFERENCES ${table} (id)) ENGINE=InnoDB`,
      );
      loader = new TableLoader({
        database: server.rootConfig,
        dataset,
        onNotice: () => undefined,
      });
    });
    afterAll(async () => {
      await loader.close();
      await server.stop();
    });

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

    test('have each what the server says against it, also where all are refused or every second', async () => {
      await server.query(`UPDATE ${table} SET parent = NULL`);
      await server.query(`DELETE FROM ${table}`);
      const there = Array.from({ length: 3000 }, (_, id): Row => [id, 0, null]);
      expect(await refusedBy('first.csv', there)).toMatchObject({ places: [], status: 'loaded' });
      const again = await refusedBy('again.csv', there.toReversed());
      expect(again.places).toEqual(there.map((_, place) => place));
      expect(again.problems.map(({ value }) => value)).toEqual(
        there.toReversed().map(([id]) => duplicateEntry(String(id), table, 'one_id')),
      );
      const mixed = there.map(([id]): Row => [
        [id, 10_000 + id, 20_000 + id, 30_000 + id][id % 4]!,
        id % 4 === 3 ? 5 : 0,
        id % 4 === 2 ? -1 : null,
      ]);
      const found = await refusedBy('mixed.csv', mixed);
      expect(found.places).toEqual(mixed.flatMap((_, place) => (place % 4 === 1 ? [] : [place])));
      const errors = found.problems.map(({ message }) => / \(error (\d+)\)/.exec(message)?.[1]);
      const check = checkError[server.kind];
      expect(errors.slice(0, 6)).toEqual(['1062', '1452', check, '1062', '1452', check]);
      expect(new Set(errors.filter((_, i) => i % 3 === 1))).toEqual(new Set(['1452']));
      // The session keeps as many warnings as before.
      const load = convertedLoad(
        folder,
        dataset,
        'told.csv',
        there.map(([id]) => [String(id), '0', null]),
      );
      const [told] = await loader.load([load]);
      expect(told?.status === 'refused' && told.problems).toHaveLength(allowed === 1 ? 64 : 1);
    });
  });

  describe('of a load by key', () => {
    type Item = [id: number, label: number, size: number];
    const itemColumns = ['id', 'label', 'size'].map((name) => column(name, 'INTEGER'));
    const dataset = {
      ...datasetOf('items', itemColumns, { size: 'SMALLINT' }),
      write: { mode: 'upsert', key: ['id'] } as const,
    };
    const before: Item[] = [0, 1, 2, 3].map((id) => [id, id, 0]);
    let loader: TableLoader;
    beforeAll(async () => {
      server = await startMariadb();
      await server.query(
        'CREATE TABLE items (id int PRIMARY KEY, label int, size smallint CHECK (size < 5), UNIQUE KEY one_label (label)) ENGINE=InnoDB',
      );
      loader = new TableLoader({ database: server.rootConfig, dataset, onNotice: () => undefined });
    });
    afterAll(async () => {
      await loader.close();
      await server.stop();
    });

    const size = fc.oneof(
      { weight: 8, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.constant(5) },
      { weight: 1, arbitrary: fc.constant(40_000) },
    );
    const id = fc.nat({ max: 12 });

    let runs = 0;

    /** Places of the rows of a new file that are found, its outcome, and what the table has then. */
    async function loadItems(items: readonly Item[]): Promise<{
      places: number[];
      problems: Problem[];
      status: string | undefined;
      left: unknown[];
    }> {
      const places: number[] = [];
      const problems: Problem[] = [];
      const refusals = {
        rowsMax: Infinity,
        begin: () => {
          places.length = 0;
          problems.length = 0;
        },
        add: (place: number, found: Problem[]) => {
          places.push(place);
          problems.push(...found);
        },
      };
      const text = items.map((row) => row.map(String));
      const load = convertedLoad(folder, dataset, `${++runs}.csv`, text);
      const [outcome] = await loader.load([{ ...load, refusals }]);
      const left = await server.query('SELECT id, label, size FROM items ORDER BY id');
      const { status } = outcome!;
      return { places, problems, status, left: left.map((row) => Object.values(row)) };
    }

    /** What `work` made the server count up under this name. */
    async function counted(name: string, work: () => Promise<void>): Promise<number> {
      const count = async (): Promise<number> => {
        const [row] = await server.query(`SHOW GLOBAL STATUS LIKE '${name}'`);
        return Number(row?.['Value']);
      };
      const first = await count();
      await work();
      return (await count()) - first;
    }

    beforeEach(async () => {
      await server.query('DELETE FROM items');
      await server.query(
        `INSERT INTO items VALUES ${before.map((row) => `(${row.join()})`).join()}`,
      );
    });

    test('are those that break a rule of the table, none is changed while they are looked for, and the others are taken', async () => {
      const some = fc.uniqueArray(fc.tuple(id, size), { minLength: 1, selector: ([key]) => key });
      await fc.assert(
        fc.asyncProperty(some, async (pairs) => {
          await server.query('DELETE FROM items WHERE id > 3');
          const items = pairs.map(([key, itsSize]): Item => [key, key, itsSize]);
          const found = await loadItems(items);
          const expected = items.flatMap(([, , its], place) => (its < 5 ? [] : [place]));
          expect(found.places).toEqual(expected);
          if (expected.length === 0) return;
          expect(found).toMatchObject({ status: 'refused', left: before });
          const others = items.filter((_, place) => !expected.includes(place));
          if (others.length > 0) expect((await loadItems(others)).status).toBe('loaded');
        }),
        { numRuns: 40 },
      );
    });

    test('are found by the thousand, each with what the server says against it, changed rows and new ones', async () => {
      const there = Array.from({ length: 2000 }, (_, i): Item => [10 + i, 10 + i, 0]);
      expect((await loadItems(there)).status).toBe('loaded');
      // Changed and taken; changed, and refused for a label that the row before has; added, and refused for each reason.
      const items = there.flatMap(([key]): Item[] => [
        [key, key, 1],
        [key + 5000, key, 0],
        [key + 10_000, key + 10_000, 5],
        [key + 15_000, key + 15_000, 0],
      ]);
      items.push([3, 11, 0]);
      let found: Awaited<ReturnType<typeof loadItems>> | undefined;
      const savepoints = await counted('Com_savepoint', async () => {
        found = await loadItems(items);
      });
      expect(found?.status).toBe('refused');
      expect(found?.places).toEqual(
        items
          .flatMap((_, place) => (place % 4 === 1 || place % 4 === 2 ? [place] : []))
          .concat([8000]),
      );
      const errors = found?.problems.map(({ message }) => / \(error (\d+)\)/.exec(message)?.[1]);
      expect(errors).toEqual([...there.flatMap(() => ['1062', checkError[server.kind]]), '1062']);
      expect(found?.problems[0]?.value).toBe(duplicateEntry('10', 'items', 'one_label'));
      expect(found?.problems.at(-1)?.value).toBe(duplicateEntry('11', 'items', 'one_label'));
      expect(found?.left).toHaveLength(before.length + there.length);
      // MySQL has no compound statements outside of procedures, so there the rows are tried one by one.
      if (server.kind === 'MariaDB') expect(savepoints).toBeLessThan(100);
      const others = items.filter((_, place) => !found?.places.includes(place));
      expect((await loadItems(others)).status).toBe('loaded');
    });

    test('are told for a reason each where rows take unique values from one another, and keys repeat', async () => {
      const some = fc.array(fc.tuple(id, id, size), { minLength: 1, maxLength: 12 });
      await fc.assert(
        fc.asyncProperty(some, async (items) => {
          await server.query('DELETE FROM items');
          await server.query(
            `INSERT INTO items VALUES ${before.map((row) => `(${row.join()})`).join()}`,
          );
          const { places, status, left } = await loadItems(items);
          if (status === 'refused') expect(left).toEqual(before);
          const keys = items.map(([key]) => key);
          const ends = keys.flatMap((key, place) => {
            const [first, last] = [keys.indexOf(key), keys.lastIndexOf(key)];
            return first < last && (place === first || place === last) ? [place] : [];
          });
          // Which of several rows counts is asked before the table is, unless its columns do not take a value.
          const fits = items.every(([, , its]) => its < 40_000);
          if (ends.length > 0 && fits) expect(places).toEqual(ends);
          else
            for (const [place, [key, label, its]] of items.entries()) {
              const rivals = [...before, ...items].filter(([k, l]) => l === label && k !== key);
              if (!places.includes(place)) expect(its < 5 || places.length === 0).toBe(true);
              else expect(its >= 5 || rivals.length > 0).toBe(true);
            }
        }),
        { numRuns: 40 },
      );
    });
  });
});
