import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand } from '../support/command-run.ts';
import { repository } from '../support/hopper-process.ts';
import { HopperProject } from '../support/hopper-project.ts';
import { describeWithMariadb, type Mariadb, startMariadb } from '../support/mariadb.ts';

const page = readFileSync(join(repository, 'docs/DATA.md'), 'utf8');
const [, chapter = ''] = page.split('## Grafana, Metabase and Superset');
const blocks = [...chapter.matchAll(/```sql\n(.*?)```/gs)].map(([, sql = '']) => sql.trim());

describeWithMariadb('the way to other tools that docs/DATA.md shows', () => {
  let server: Mariadb;
  let project: HopperProject;
  let reader: mysql.Connection;
  const named = (sql: string): string => sql.replaceAll('just_play_db', 'hopper_test');

  beforeAll(async () => {
    server = await startMariadb();
    project = new HopperProject({ database: server.rootConfig });
    const script = join(repository, 'scripts/sample.mjs');
    execFileSync(process.execPath, [script, '--out', project.root, '--files', '1']);
    cpSync(join(project.root, 'sample-1.csv'), join(project.input, 'sample-1.csv'));
    expect((await runCommand(project, ['ingest'])).code).toBe(0);
    const statements = named(blocks[0] ?? '')
      .split(';')
      .map((sql) => sql.trim());
    for (const sql of statements.filter((one) => one !== '')) await server.query(sql);
    reader = await mysql.createConnection({
      ...{ host: '127.0.0.1', port: server.port, user: 'reader', password: 'choose a password' },
      database: 'hopper_test',
    });
  });

  afterAll(async () => {
    await reader.end();
    await project.remove();
    await server.stop();
  });

  test.each([
    '1-mothers-jobs',
    '2-travel-time',
    '3-fathers-jobs',
    '4-class-failures',
    '5a-median-absences-by-sex',
    '5b-median-absences-by-sex-and-famrel',
  ])('its user is answered the question %s, as the page is', async (name) => {
    const [rows] = await reader.query({
      sql: readFileSync(join(repository, 'queries', `${name}.sql`), 'utf8'),
      rowsAsArray: true,
    });
    const asked = [
      'query',
      '--format',
      'json',
      '--file',
      join(repository, 'queries', `${name}.sql`),
    ];
    const { stdout } = await runCommand(project, asked);
    const expected = (JSON.parse(stdout) as Record<string, unknown>[]).map((row) =>
      Object.values(row),
    );
    const plain = (all: unknown[][]): string[][] =>
      all.map((row) => row.map((value) => String(value).replace(/\.0$/, '')));
    expect(plain(rows as unknown as unknown[][])).toEqual(plain(expected));
    expect(expected.length).toBeGreaterThan(0);
  });

  test('it sees loads over time by the SQL of the page', async () => {
    const [rows] = await reader.query(blocks.at(-1) ?? '');
    expect(rows).toMatchObject([
      { loads: 1, loaded_rows: expect.stringMatching(/^\d+$/) as string },
    ]);
  });

  test.each([
    'INSERT INTO student_data (age) VALUES (1)',
    'DELETE FROM student_data',
    'UPDATE csv_hopper_ledger SET bytes = 0',
    'DROP TABLE student_data',
    'CREATE TABLE x (i INT)',
    "SELECT 1 INTO OUTFILE '/tmp/x'",
    'SELECT * FROM mysql.user',
    'SET GLOBAL max_connections = 1',
  ])('it may do nothing but read: %s', async (sql) => {
    await expect(reader.query(sql)).rejects.toMatchObject({
      sqlState: expect.stringMatching(/^(42000|28000)$/) as string,
    });
  });
});
