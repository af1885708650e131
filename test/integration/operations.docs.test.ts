import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { eachWithDatabase } from '../support/database-project.ts';
import { blocksUnder, DocShell } from '../support/doc-shell.ts';
import {
  expectExactlyOnce,
  expectNothingLeft,
  loadIdFor,
  parquetRows,
} from '../support/exactly-once.ts';
import { filesIn, type HopperProject, people } from '../support/hopper-project.ts';
import { describeWithMariadb, type Mariadb } from '../support/mariadb.ts';
import { isHere } from '../support/program-here.ts';
import { writeQuestions } from '../support/questions.ts';
import type { TestDatabase } from '../support/test-database.ts';

const before = new Map([
  ['a.csv', people(0, 5)],
  ['b.csv', people(100, 6)],
]);
const after = new Map([['c.csv', people(200, 7)]]);
const all = new Map([...before, ...after]);
const lostDatabase = '### The database is lost, or older than the files';

// What docs/OPERATIONS.md tells an operator to type is typed here, with real parts but for the service manager.
describe.skipIf(!isHere('mariadb-dump', '--version'))('with mariadb-dump', () => {
  describeWithMariadb('the commands of OPERATIONS.md', () => {
    let server: Mariadb;
    let project: HopperProject;
    let database: TestDatabase;
    let shell: DocShell;
    let user: string;
    eachWithDatabase((made) => {
      ({ server, project, database } = made);
      user = `u_${database.name}`;
      // One of their own.
      writeQuestions(project.root, { 'count.sql': 'SELECT COUNT(*) FROM people' });
      shell = new DocShell({ project, server, database: database.name, user });
    });
    afterEach(() => {
      shell.stop();
      rmSync(`${project.root}-backup`, { recursive: true, force: true });
    });

    const run = (heading: string, nth = 0, more: Record<string, string> = {}): string =>
      shell.run(blocksUnder(heading)[nth] ?? '', more);

    async function ingest(files: ReadonlyMap<string, string>): Promise<void> {
      const ended = project.events().filter(({ event }) => event === 'finished').length;
      for (const [name, content] of files) project.drop(name, content);
      await project.ends(ended + files.size);
    }

    /** What was brought back has a second receipt. */
    async function expectOnce(files: ReadonlyMap<string, string>): Promise<void> {
      const rows = Object.fromEntries(
        [...files].map(([name, content]) => [
          loadIdFor('people', name, content),
          content.split('\n').length - 2,
        ]),
      );
      expect(await database.tableRows('people')).toEqual(rows);
      expect(await database.ledgerRows('people')).toEqual(rows);
      expect(await parquetRows(project, 'people')).toEqual(rows);
      await expectNothingLeft(project);
    }

    /** Two files are in a backup, and a third one came after it. */
    async function backUpAndGoOn(): Promise<void> {
      shell.run('systemctl start csv-hopper');
      await ingest(before);
      run('## Backup');
      expect(filesIn(`${project.root}-backup`)).toEqual(['database.sql', 'files.tar.gz']);
      await ingest(after);
    }

    test('install: a database with a user, a configuration and a service that loads', async () => {
      await database.drop();
      project.configure({ database: null });
      const [, makeDatabase = '', makeService = ''] = blocksUnder('## Install');
      shell.run(makeDatabase);
      expect(readFileSync(join(project.root, 'etc/mysql-password'), 'utf8')).toHaveLength(33);
      const inHere = makeService.replace(' --run-as csv-hopper', '$& --dir units');
      const said = shell.run(`mkdir units\n${inHere}`);
      expect(said).toMatch(/^ready$/m);
      expect(said).toContain('running as process');
      // What it says is left to do is what stands there.
      const [, next = ''] = /Next:\n([\s\S]*?)(?=running)/.exec(said) ?? [];
      const left = next.split('\n').map((line) => line.trim());
      const typed = makeService.replaceAll('/srv/csv-hopper', project.root).split('\n');
      const known = left.filter((line) => line !== '' && !line.startsWith('useradd'));
      expect(known.length).toBeGreaterThan(2);
      const isTyped = (line: string): boolean =>
        typed.some((words) => line === words || line.startsWith('install -d -m 2770'));
      expect(known.filter((line) => !isTyped(line))).toEqual([]);
      await ingest(before);
      await expectExactlyOnce(project, 'people', before, database);
    });

    test('backup, and what is lost after it comes back once: rows that the dump does not have, all rows, all Parquet files', async () => {
      await backUpAndGoOn();
      await database.query('DROP TABLE $people');
      const said = run(lostDatabase);
      expect(said).toContain('people: c.csv, load ');
      expect(said).toContain('3 loads compared, 1 difference\n');
      expect(said).toContain('1 finished\n3 loads compared, no differences\n');
      await expectOnce(all);
      await database.drop();
      const [block = ''] = blocksUnder(lostDatabase);
      const withoutDump = shell.run(block.replace(/^.*database\.sql\n/m, ''));
      expect(withoutDump).toContain('3 finished\n3 loads compared, no differences\n');
      await expectOnce(all);
      rmSync(project.output, { recursive: true });
      const made = run('### The Parquet files are lost');
      expect(made).toContain('3 finished\n3 loads compared, no differences\n');
      await expectExactlyOnce(project, 'people', all, database);
    });

    test('a machine that is lost comes back as it was at the backup, with what waited; what is sent again is loaded once', async () => {
      shell.run('systemctl start csv-hopper');
      await ingest(before);
      // A stop gives back what is not published; what is comes through later.
      shell.run('systemctl stop csv-hopper');
      project.drop('c.csv', all.get('c.csv')!);
      run('## Backup');
      await project.ends(3);
      shell.stop();
      await database.drop();
      for (const folder of ['config', 'schema', 'queries', 'input_csv', 'output_parquet', 'logs'])
        rmSync(join(project.root, folder), { recursive: true });
      const said = run('### The machine is lost');
      expect(said).toMatch(/^ready$/m);
      expect(said).toContain('2 loads compared, no differences\n');
      expect(existsSync(join(project.root, 'queries/count.sql'))).toBe(true);
      await project.event('finished', 'c.csv');
      for (const [name, content] of all) project.drop(name, content);
      await project.ends(6);
      await expectExactlyOnce(project, 'people', all, database);
    });

    test('upgrade: stopped, checked, started, and what came meanwhile is loaded', async () => {
      shell.run('systemctl start csv-hopper');
      await ingest(before);
      project.drop('c.csv', all.get('c.csv')!);
      const [block = ''] = blocksUnder('## Upgrade');
      const here = block.replace(' --run-as csv-hopper', '$& --dir units');
      const said = shell.run(`mkdir units\n${here}`, { VERSION: 'v0.2.0' });
      expect(said).toMatch(/^ready$/m);
      expect(said).toContain('running as process');
      await project.event('finished', 'c.csv');
      await expectExactlyOnce(project, 'people', all, database);
    });

    test('a password that is changed: files wait with the reason, and go on when it is in place', async () => {
      cpSync(join(project.root, 'config/config.yaml'), join(project.root, 'config.before'));
      writeFileSync(join(project.root, 'etc/mysql-password'), 'the old one\n');
      await server.query(`CREATE USER ${user}@'%' IDENTIFIED BY 'the old one'`);
      await server.query(`GRANT ALL ON ${database.name}.* TO ${user}@'%'`);
      const { host, port } = database.config();
      const file = join(project.root, 'etc/mysql-password');
      const yaml = readFileSync(join(project.root, 'config.before'), 'utf8').replace(
        /^database:.*$/m,
        `database: { host: ${host}, port: ${port}, user: ${user}, password_file: ${file}, database: ${database.name} }`,
      );
      writeFileSync(join(project.root, 'config/config.yaml'), yaml);
      shell.run('systemctl start csv-hopper');
      await ingest(before);
      const [block = ''] = blocksUnder('### A password is changed');
      const [makeNew = '', putInPlace = ''] = block.split(/^(?=mv )/m);
      shell.run(makeNew);
      // A connection that is open stays so.
      const open = await server.query(
        `SELECT id FROM information_schema.PROCESSLIST WHERE user = '${user}'`,
      );
      for (const { id } of open) await server.query(`KILL ${Number(id)}`);
      project.drop('c.csv', all.get('c.csv')!);
      const { err, hint } = await project.event('parked', 'c.csv');
      expect(err).toMatchObject({ code: 'database_denied' });
      expect(hint).toContain('Correct database.user and the password');
      expect(shell.run('csv-hopper status')).toMatch(/parked: 1\n.*c\.csv.*database/);
      shell.run(putInPlace);
      await project.event('finished', 'c.csv');
      await expectExactlyOnce(project, 'people', all, database);
      expect(existsSync(`${file}.new`)).toBe(false);
    });
  });
});
