import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eachWithDatabase } from '../support/database-project.ts';
import { expectExactlyOnce, loadIdFor, parquetRows } from '../support/exactly-once.ts';
import { filesIn, HopperProject, people } from '../support/hopper-project.ts';
import { describeWithMariadb, type Mariadb } from '../support/mariadb.ts';
import type { TestDatabase } from '../support/test-database.ts';

describeWithMariadb('loads', () => {
  let server: Mariadb;
  let database: TestDatabase;
  let project: HopperProject;
  eachWithDatabase((made) => {
    ({ server, database, project } = made);
  });

  test('of one dataset are committed in the order of arrival, though conversions end in another', async () => {
    await project.start();
    // Enough for its conversion to outlast the arrival of the others.
    project.drop('large.csv', people(0, 2_400_000));
    await project.event('found', 'large.csv');
    const small = Array.from({ length: 5 }, (_, n) => `small-${n}.csv`);
    for (const [n, name] of small.entries()) project.drop(name, people(n, 5));
    await project.ends(6);
    const order = (event: string): (string | undefined)[] =>
      project.events().flatMap((line) => (line.event === event ? [line.file] : []));
    expect(order('converted').at(-1)).toBe('large.csv');
    expect(order('loaded')).toEqual(['large.csv', ...small]);
    const [row] = await database.query(
      `SELECT COUNT(*) AS n FROM $csv_hopper_ledger
       WHERE loaded_at < (SELECT loaded_at FROM $csv_hopper_ledger WHERE file_name = 'large.csv')`,
    );
    expect(row?.['n']).toBe(0);
  });

  test('that meet trouble of their own wait alone, at the head as in a group, and load when it is over', async () => {
    const files = new Map([['first.csv', people(0, 5)]]);
    project.drop('first.csv', people(0, 5));
    await project.start();
    await project.event('finished', 'first.csv');
    await database.query(
      `CREATE TRIGGER $stops BEFORE INSERT ON $people FOR EACH ROW
       IF NEW.name LIKE 'culprit%' THEN SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 31001; END IF`,
    );
    const culprits = ['head.csv', 'between.csv'];
    files.set('head.csv', people(10, 5, 'culprit'));
    project.drop('head.csv', files.get('head.csv') ?? '');
    const parked = await project.event('parked', 'head.csv');
    expect(parked).toMatchObject({ err: { code: 'database_failed' } });

    for (let n = 0; n < 20; n++) files.set(`${n}.csv`, people(100 + 5 * n, 5));
    files.set('between.csv', people(20, 5, 'culprit'));
    for (let n = 20; n < 40; n++) files.set(`${n}.csv`, people(100 + 5 * n, 5));
    const waiting = [...files].filter(([name]) => !['first.csv', 'head.csv'].includes(name));
    for (const [name, content] of waiting) project.drop(name, content);
    await project.ends(files.size - culprits.length);
    await project.event('parked', 'between.csv');
    for (const name of culprits) expect(project.stepsOf(name)).not.toContain('loaded');

    await database.query('DROP TRIGGER $stops');
    await project.ends(files.size);
    expect(filesIn(project.failed)).toEqual([]);
    await expectExactlyOnce(project, 'people', files, database);
  });

  test('of many small files share transactions, and each has its ledger row and its load id on its rows', async () => {
    const files = new Map<string, string>();
    for (let n = 0; n < 200; n++) files.set(`file-${n}.csv`, people(n * 3, 3));
    for (const [name, content] of files) project.drop(name, content);
    const before = await commits();
    await project.start();
    await project.ends(files.size);
    expect((await commits()) - before).toBeLessThan(files.size / 2);
    const steps = ['found', 'claimed', 'converted', 'published', 'loaded', 'finished'];
    for (const name of files.keys()) expect(project.stepsOf(name)).toEqual(steps);
    const { password } = database.config();
    for (const log of ['conversion_log.jsonl', 'conversion_log.txt']) {
      expect(readFileSync(join(project.logs, log), 'utf8')).not.toContain(password);
    }
    await expectExactlyOnce(project, 'people', files, database);
  });

  test('of two datasets go into two tables side by side in one process, and a broken table stops its own only', async () => {
    project.configure({
      datasets: `datasets:
  - { name: people, match: 'people-*.csv', schema: schema/people.yaml }
  - { name: pets, match: '*.pets.csv', schema: schema/pets.yaml }
`,
    });
    writeFileSync(join(project.root, 'schema/pets.yaml'), 'pet: VARCHAR(10)\nborn: DATE\n');
    await database.query('CREATE TABLE $pets (pet VARCHAR(10), _load_id CHAR(32))');
    await project.start();
    const pets = 'pet,born\nrex,2020-02-29\n';
    project.drop('mine.pets.csv', pets);
    const parked = await project.event('parked', 'mine.pets.csv');
    expect(parked.reason).toContain('born');
    project.drop('people-1.csv', people(0, 4));
    await project.event('finished', 'people-1.csv');
    expect(project.stepsOf('mine.pets.csv')).not.toContain('finished');

    await database.query('ALTER TABLE $pets ADD COLUMN born DATE');
    await project.event('finished', 'mine.pets.csv');
    const petsLoad = loadIdFor('pets', 'mine.pets.csv', pets);
    expect(await parquetRows(project, 'pets')).toEqual({ [petsLoad]: 1 });
    await expectExactlyOnce(project, 'people', new Map([['people-1.csv', people(0, 4)]]), database);
    await expectExactlyOnce(project, 'pets', new Map([['mine.pets.csv', pets]]), database);
    const [row] = await database.query('SELECT pet, born FROM $pets');
    expect(row).toEqual({ pet: 'rex', born: '2020-02-29' });
  });

  async function commits(): Promise<number> {
    const [row] = await server.query("SHOW GLOBAL STATUS LIKE 'Com_commit'");
    return Number(row?.['Value']);
  }
});
