import type { DatabaseConfig } from '../../src/config/config.ts';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Status } from '../../src/daemon/read-status.ts';
import { expectExactlyOnce } from '../support/exactly-once.ts';
import { filesIn, HopperProject, people, peopleDataset } from '../support/hopper-project.ts';
import { describeWithMariadb, type Mariadb, startMariadb } from '../support/mariadb.ts';
import { TestDatabase } from '../support/test-database.ts';

describeWithMariadb('trouble with the database', () => {
  let server: Mariadb;
  let database: TestDatabase;
  let project: HopperProject;
  const names = ['z.csv', 'b.csv', 'y.csv', 'a.csv'];
  const files = new Map(names.map((name, n) => [name, people(n * 10, 10)]));
  beforeAll(async () => {
    server = await startMariadb();
  });
  beforeEach(async () => {
    database = await TestDatabase.create(server);
  });
  afterEach(() => project.remove());
  afterAll(() => server.stop());

  /** Drops the files one after another and waits until each is published and parked. */
  async function parkAll(config: DatabaseConfig): Promise<void> {
    project = new HopperProject({ datasets: peopleDataset, database: config });
    await project.start();
    for (const [name, content] of files) {
      project.drop(name, content);
      await project.event('published', name);
      await project.event('parked', name);
    }
  }

  /** They went on by themselves, in the order of arrival, and each was called parked once. */
  async function expectAllLoaded(): Promise<void> {
    await project.ends(files.size);
    // Those of one transaction have the same time; among them any order is theirs.
    const places = names.map((name) => `'${name}'`).join(', ');
    const loaded = await database.query(
      `SELECT file_name FROM $csv_hopper_ledger ORDER BY loaded_at, FIELD(file_name, ${places})`,
    );
    expect(loaded.map((row) => row['file_name'])).toEqual(names);
    for (const name of names) {
      expect(project.stepsOf(name).filter((event) => event === 'parked')).toHaveLength(1);
    }
    expect(filesIn(project.failed)).toEqual([]);
    await expectExactlyOnce(project, 'people', files, database);
  }

  test('a server that is not there: files are converted and published, wait with the reason, and load in order when it is', async () => {
    const config = database.config();
    await server.kill('SIGKILL');
    await parkAll(config);
    const asked = project.run(['status', '--json']);
    expect(await asked.ended).toBe(0);
    const status = JSON.parse(asked.stdout) as Status;
    expect(status.parked.map(({ file }) => file).sort()).toEqual([...names].sort());
    expect(status.parked[0]).toMatchObject({ code: 'database_unreachable' });
    expect(status.failed).toEqual([]);
    await server.restart();
    await expectAllLoaded();
  });

  test('a user who has the wrong password: files wait, and load in order when it is right', async () => {
    await server.query("CREATE USER late@'%' IDENTIFIED BY 'old word'");
    await server.query(`GRANT ALL ON ${database.name}.* TO late@'%'`);
    await parkAll(database.config({ user: 'late', password: 'Vb8secretVb8' }));
    const reasons = project.events().filter(({ event }) => event === 'parked');
    expect(reasons[0]).toMatchObject({ err: { code: 'database_denied' } });
    expect(JSON.stringify(project.events())).not.toContain('Vb8secretVb8');
    await server.query("ALTER USER late@'%' IDENTIFIED BY 'Vb8secretVb8'");
    await expectAllLoaded();
  });

  test('a user who has no right to the database: files wait, and load in order when the right is granted', async () => {
    await server.query("CREATE USER poor@'%' IDENTIFIED BY 'word'");
    await parkAll(database.config({ user: 'poor', password: 'word' }));
    await server.query(`GRANT ALL ON ${database.name}.* TO poor@'%'`);
    await expectAllLoaded();
  });

  test('a user who may only read: files wait, and load when the rights are granted while connected', async () => {
    await server.query("CREATE USER reader@'%' IDENTIFIED BY 'word'");
    await server.query(`GRANT SELECT ON ${database.name}.* TO reader@'%'`);
    await parkAll(database.config({ user: 'reader', password: 'word' }));
    await server.query(`GRANT ALL ON ${database.name}.* TO reader@'%'`);
    await expectAllLoaded();
  });

  test('a database that does not exist: files wait, and load in order when it is created', async () => {
    await server.query(`DROP DATABASE ${database.name}`);
    await parkAll(database.config());
    const parked = project.events().find(({ event }) => event === 'parked');
    expect(parked).toMatchObject({ err: { code: 'database_unknown' } });
    await server.query(`CREATE DATABASE ${database.name}`);
    await expectAllLoaded();
  });

  test('a server that is killed in a burst and comes back: every file is loaded exactly once', async () => {
    project = new HopperProject({ datasets: peopleDataset, database: database.config() });
    await project.start();
    const burst = new Map<string, string>();
    for (let n = 0; n < 150; n++) burst.set(`file-${n}.csv`, people(n * 20, 20));
    for (const [name, content] of burst) project.drop(name, content);
    await project.event('loaded');
    await server.kill('SIGKILL');
    await server.restart();
    await project.ends(burst.size);
    await expectExactlyOnce(project, 'people', burst, database);
  });
});
