import { expect, test } from 'vitest';
import { runCommand } from '../support/command-run.ts';
import { eachWithDatabase } from '../support/database-project.ts';
import { HopperProject } from '../support/hopper-project.ts';
import { describeWithMariadb, type Mariadb } from '../support/mariadb.ts';
import type { TestDatabase } from '../support/test-database.ts';

describeWithMariadb('check with a database', () => {
  let server: Mariadb;
  let database: TestDatabase;
  let project: HopperProject;
  eachWithDatabase((made) => {
    ({ server, database, project } = made);
  });

  test('a server that is fit is ready, and no table is made', async () => {
    const { code, stdout, stderr } = await runCommand(project, ['check']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Table people of dataset people is missing and will be created.');
    expect(stdout.endsWith('\nready\n')).toBe(true);
    const tables = await database.query(
      `SELECT * FROM information_schema.tables WHERE table_schema = '${database.name}'`,
    );
    expect(tables).toEqual([]);
  });

  test('a risk is a warning, with which work can begin', async () => {
    await server.query('SET GLOBAL innodb_flush_log_at_trx_commit = 2');
    try {
      const { code, stdout } = await runCommand(project, ['check']);
      expect(code).toBe(0);
      expect(stdout).toContain('warning  innodb_flush_log_at_trx_commit is 2');
      expect(stdout.endsWith('\nready, 1 warning\n')).toBe(true);
    } finally {
      await server.query('SET GLOBAL innodb_flush_log_at_trx_commit = 1');
    }
  });

  test.each([
    [
      'a wrong password',
      { password: 'not the right one' },
      'Access denied',
      'Correct database.user',
    ],
    ['a port where nobody listens', { port: 1 }, 'ECONNREFUSED', 'Start the server'],
    ['a database that is not there', { database: 'nowhere' }, 'nowhere', 'CREATE DATABASE'],
  ])('%s is an error with the reason and what to do', async (_, more, reason, hint) => {
    project.configure({ database: database.config(more) });
    const { code, stdout } = await runCommand(project, ['check']);
    expect(code).toBe(2);
    const found = /^error .*\n.*$/m.exec(stdout)?.[0] ?? '';
    expect(found).toContain(reason);
    expect(found).toContain(hint);
    expect(stdout).not.toContain('not the right one');
    expect(stdout.endsWith('\nnot ready, 1 error\n')).toBe(true);
  });

  test('a table that does not fit its schema is an error that names the column', async () => {
    await database.query('CREATE TABLE $people (id INT, nickname VARCHAR(40))');
    const { code, stdout } = await runCommand(project, ['check']);
    expect(code).toBe(2);
    expect(stdout).toMatch(/^error {4}Table people of dataset people does not fit .*name/m);
  });

  test('the verdict on a file needs no database', async () => {
    project.configure({ database: database.config({ port: 1 }) });
    project.drop('a.csv', 'id;name\n1;a\n');
    const { code, stdout } = await runCommand(project, ['check', 'input_csv/a.csv']);
    expect(code).toBe(0);
    expect(stdout).toContain('1 row for people');
  });
});
