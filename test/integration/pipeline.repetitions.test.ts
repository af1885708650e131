import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { expectExactlyOnce, loadIdFor, receiptsIn } from '../support/exactly-once.ts';
import { HopperProject, people, peopleDataset } from '../support/hopper-project.ts';
import { describeWithMariadb, type Mariadb, startMariadb } from '../support/mariadb.ts';
import { TestDatabase } from '../support/test-database.ts';

let project: HopperProject;
afterEach(() => project.remove());

describe('a file that is dropped again', () => {
  beforeEach(async () => {
    project = new HopperProject({ datasets: peopleDataset });
    await project.start();
    project.drop('a.csv', people(0, 5));
    await project.event('finished', 'a.csv');
  });

  test('under the same name with the same content is skipped, with the load that it repeats named', async () => {
    project.drop('a.csv', people(0, 5));
    const skipped = await project.event('skipped', 'a.csv');
    expect(skipped['repeats']).toBe(loadIdFor('people', 'a.csv', people(0, 5)));
    await expectExactlyOnce(project, 'people', new Map([['a.csv', people(0, 5)]]));
  });

  test('under another name is loaded, with a warning that names the first', async () => {
    project.drop('b.csv', people(0, 5));
    await project.event('finished', 'b.csv');
    const warning = project
      .events()
      .find(({ level, file }) => level === 'warn' && file === 'b.csv');
    expect(warning?.reason).toContain('a.csv');
    expect(warning?.['repeats']).toBe(loadIdFor('people', 'a.csv', people(0, 5)));
    const files = new Map([
      ['a.csv', people(0, 5)],
      ['b.csv', people(0, 5)],
    ]);
    await expectExactlyOnce(project, 'people', files);
  });

  test('under the same name with new content is a new load', async () => {
    project.drop('a.csv', people(100, 7));
    await project.event('finished', 'a.csv', 2);
    const loads = (await receiptsIn(project, 'people')).map(({ loadId }) => loadId);
    const contents = [people(0, 5), people(100, 7)];
    expect(loads).toEqual(contents.map((content) => loadIdFor('people', 'a.csv', content)));
  });

  test('while the first is still under way waits for it and is skipped', async () => {
    const large = people(0, 600_000);
    project.drop('large.csv', large);
    await project.event('claimed', 'large.csv');
    project.drop('large.csv', large);
    await project.event('skipped', 'large.csv');
    const ends = project.stepsOf('large.csv').filter((event) => /finished|skipped/.test(event));
    expect(ends).toEqual(['finished', 'skipped']);
    const files = new Map([
      ['a.csv', people(0, 5)],
      ['large.csv', large],
    ]);
    await expectExactlyOnce(project, 'people', files);
  });
});

describeWithMariadb('a file that is dropped again, with a database', () => {
  let server: Mariadb;
  let database: TestDatabase;
  const files = new Map([['a.csv', people(0, 5)]]);
  beforeAll(async () => {
    server = await startMariadb();
  });
  beforeEach(async () => {
    database = await TestDatabase.create(server);
  });
  afterAll(() => server.stop());

  test('is skipped while its load is in the ledger, and loaded again after that was taken out by hand', async () => {
    project = new HopperProject({ datasets: peopleDataset, database: database.config() });
    await project.start();
    project.drop('a.csv', people(0, 5));
    await project.event('finished', 'a.csv');
    project.drop('a.csv', people(0, 5));
    await project.event('skipped', 'a.csv');
    await expectExactlyOnce(project, 'people', files, database);

    await database.query('DELETE FROM $people');
    await database.query('DELETE FROM $csv_hopper_ledger');
    project.drop('a.csv', people(0, 5));
    await project.event('finished', 'a.csv', 2);
    const loadId = loadIdFor('people', 'a.csv', people(0, 5));
    expect(await database.tableRows('people')).toEqual({ [loadId]: 5 });
    expect(await database.ledgerRows('people')).toEqual({ [loadId]: 5 });
  });

  test('is skipped by the ledger alone where the receipts are gone', async () => {
    project = new HopperProject({ datasets: peopleDataset, database: database.config() });
    const other = new HopperProject({ datasets: peopleDataset, database: database.config() });
    try {
      await other.start();
      other.drop('a.csv', people(0, 5));
      await other.event('finished', 'a.csv');
    } finally {
      await other.remove();
    }
    await project.start();
    project.drop('a.csv', people(0, 5));
    await project.event('skipped', 'a.csv');
    const loadId = loadIdFor('people', 'a.csv', people(0, 5));
    expect(await database.tableRows('people')).toEqual({ [loadId]: 5 });
  });

  test('is loaded into a database that was configured after it was finished without one', async () => {
    project = new HopperProject({ datasets: peopleDataset });
    const daemon = await project.start();
    project.drop('a.csv', people(0, 5));
    await project.event('finished', 'a.csv');
    await daemon.stop();
    project.configure({ database: database.config() });
    await project.start();
    project.drop('a.csv', people(0, 5));
    await project.event('finished', 'a.csv', 2);
    const loadId = loadIdFor('people', 'a.csv', people(0, 5));
    expect(await database.tableRows('people')).toEqual({ [loadId]: 5 });
    expect(await database.ledgerRows('people')).toEqual({ [loadId]: 5 });
    project.drop('a.csv', people(0, 5));
    await project.event('skipped', 'a.csv');
  });
});
