import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkDatabase, type DatabaseFinding } from '../../src/load/database-check.ts';
import { column, datasetOf } from '../support/loads.ts';
import { describeWithMariadb, startMariadb, type Mariadb } from '../support/mariadb.ts';

describeWithMariadb('the check of the database', () => {
  let server: Mariadb;
  beforeAll(async () => {
    server = await startMariadb();
  });
  afterAll(async () => {
    await server.stop();
  });

  const missing = datasetOf('missing', [column('n', 'INTEGER')]);
  const grave = (findings: DatabaseFinding[]): DatabaseFinding[] =>
    findings.filter(({ level }) => level !== 'ok');

  test('a good server with an empty database is all ok, and nothing is created', async () => {
    const findings = await checkDatabase(server.rootConfig, [missing]);
    expect(grave(findings)).toEqual([]);
    expect(findings.map(({ message }) => message).join('\n')).toContain('will be created');
    expect(await server.query('SHOW TABLES')).toEqual([]);
  });

  test('settings that cost safety or speed are warnings with the fix', async () => {
    await server.query('SET GLOBAL local_infile = 0');
    await server.query('SET GLOBAL innodb_flush_log_at_trx_commit = 2');
    const findings = grave(await checkDatabase(server.rootConfig, []));
    await server.query('SET GLOBAL local_infile = 1');
    await server.query('SET GLOBAL innodb_flush_log_at_trx_commit = 1');
    expect(findings.map(({ level }) => level)).toEqual(['warning', 'warning']);
    expect(findings[0]?.hint).toContain('SET GLOBAL local_infile = 1');
    expect(findings[1]?.hint).toContain('innodb_flush_log_at_trx_commit = 1');
  });

  test('a binary log that is not written to the disk at each commit is a risk', async () => {
    const logging = await startMariadb({ config: ['--log-bin=binlog', '--sync-binlog=0'] });
    try {
      const [finding, ...others] = grave(await checkDatabase(logging.rootConfig, []));
      expect(others).toEqual([]);
      expect(finding).toMatchObject({
        level: 'warning',
        message: expect.stringContaining('sync_binlog is 0: a power cut') as string,
        hint: 'Set sync_binlog = 1 on the server.',
      });
    } finally {
      await logging.stop();
    }
  });

  test('a right that is missing is an error that names it', async () => {
    await server.query("CREATE USER reader@'127.%' IDENTIFIED BY 'reader'");
    await server.query("GRANT SELECT ON `hopper\\_%`.* TO reader@'127.%'");
    const reader = { ...server.rootConfig, user: 'reader', password: 'reader' };
    const findings = grave(await checkDatabase(reader, [missing]));
    expect(findings).toMatchObject([
      { level: 'error', message: expect.stringContaining('no INSERT, CREATE right') as string },
    ]);
  });

  test('a table that does not fit is an error, and the other datasets are still looked at', async () => {
    await server.query('CREATE TABLE unfit (n date) ENGINE=InnoDB');
    const findings = await checkDatabase(server.rootConfig, [
      datasetOf('unfit', [column('n', 'INTEGER')]),
      missing,
    ]);
    expect(grave(findings)).toMatchObject([
      {
        level: 'error',
        message: expect.stringContaining('column n is date instead of int') as string,
      },
    ]);
    expect(findings.some(({ message }) => message.startsWith('Table missing'))).toBe(true);
  });

  test('a server that cannot be reached is one error', async () => {
    const findings = await checkDatabase({ ...server.rootConfig, port: 1 }, [missing]);
    expect(findings).toMatchObject([
      { level: 'error', message: expect.stringContaining('ECONNREFUSED') as string },
    ]);
  });
});
