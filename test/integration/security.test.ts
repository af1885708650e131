import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { DatabaseConfig } from '../../src/config/config.ts';
import { checkDatabase, type DatabaseFinding } from '../../src/load/database-check.ts';
import { Authority, hasOpenssl } from '../support/certificates.ts';
import { runCommand } from '../support/command-run.ts';
import { claimsIn, expectExactlyOnce } from '../support/exactly-once.ts';
import { databaseKey, HopperProject, people, peopleDataset } from '../support/hopper-project.ts';
import { describeWithMariadb, type Mariadb, startMariadb } from '../support/mariadb.ts';
import { RogueServer } from '../support/rogue-server.ts';
import { TestDatabase } from '../support/test-database.ts';
import { until } from '../support/until.ts';

const brief = 'intake: { quiet_ms: 100, sweep_ms: 300 }\nconvert: { workers: 2 }\n';

let project: HopperProject | null = null;
afterEach(async () => {
  await project?.remove();
  project = null;
});

/** Everything that csv-hopper has written below a folder. */
function textsBelow(folder: string): string {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1')).join();
}

/** What is wrong with a server, in the words of the check. */
async function troubleWith(config: DatabaseConfig): Promise<DatabaseFinding[]> {
  return (await checkDatabase(config, [])).filter(({ level }) => level === 'error');
}

const untrusted = { level: 'error', hint: expect.stringContaining('No rows were sent') as string };

const title = hasOpenssl ? 'tls' : 'tls (skipped: no openssl on this machine)';
const describeTls = hasOpenssl ? describeWithMariadb : describe.skip;
describeTls(title, () => {
  let authority: Authority;
  let server: Mariadb;
  let database: TestDatabase;
  beforeAll(async () => {
    authority = new Authority();
    server = await startMariadb({ config: authority.serverFor('localhost') });
    database = await TestDatabase.create(server);
  });
  afterAll(async () => {
    await server.stop();
    authority.remove();
  });

  const secure = (more: Partial<DatabaseConfig> = {}): DatabaseConfig =>
    database.config({ host: 'localhost', tls: { ca: authority.caText }, ...more });

  test('with a certificate of the given authority rows are loaded, by a user who may not come without', async () => {
    await server.query("CREATE USER careful@'%' IDENTIFIED BY 'careful' REQUIRE SSL");
    await server.query("GRANT ALL ON *.* TO careful@'%'");
    const careful = secure({ user: 'careful', password: 'careful' });
    project = new HopperProject({
      datasets: peopleDataset,
      more: brief + databaseKey(careful, authority.ca),
    });
    await project.start();
    project.drop('a.csv', people(0, 5));
    await project.event('finished', 'a.csv');
    await expectExactlyOnce(project, 'people', new Map([['a.csv', people(0, 5)]]), database);
    expect(await troubleWith({ ...careful, host: '127.0.0.1', tls: null })).toHaveLength(1);
  });

  test('a certificate of an authority that nobody knows is refused', async () => {
    const [finding, ...others] = await troubleWith(secure({ tls: { ca: null } }));
    expect(others).toEqual([]);
    expect(finding).toMatchObject(untrusted);
    expect(finding?.message).toMatch(/certificate.*HANDSHAKE_SSL_ERROR/);
  });

  test('a certificate for another name is refused', async () => {
    const other = await startMariadb({ config: authority.serverFor('other.example') });
    try {
      const [finding] = await troubleWith(secure({ port: other.port }));
      expect(finding).toMatchObject(untrusted);
      expect(finding?.message).toContain('other.example');
    } finally {
      await other.stop();
    }
  });

  test('a server without TLS is refused', async () => {
    const without = { MariaDB: '--skip-ssl', MySQL: '--tls-version=' }[server.kind];
    const plain = await startMariadb({ config: [without] });
    try {
      const [finding] = await troubleWith(secure({ port: plain.port }));
      expect(finding).toMatchObject(untrusted);
      expect(finding?.message).toContain('HANDSHAKE_NO_SSL_SUPPORT');
    } finally {
      await plain.stop();
    }
  });
});

test('a server that asks for a file is sent none of it, and told of', async () => {
  const secret = join(import.meta.dirname, 'security.test.ts');
  const rogue = new RogueServer(secret);
  const user = { user: 'u', password: 'p', database: 'd', tls: null };
  const times = { connectTimeoutMs: 5000, queryTimeoutMs: 5000 };
  try {
    const port = await rogue.listen();
    const [finding] = await troubleWith({ host: '127.0.0.1', port, ...user, ...times });
    expect(finding).toMatchObject(untrusted);
    expect(finding?.message).toContain('asked for a file');
    // Spec: an empty packet says that there is nothing to send.
    expect(Buffer.concat(rogue.received).subarray(0, 3)).toEqual(Buffer.from([0, 0, 0]));
    expect(Buffer.concat(rogue.received)).toHaveLength(4);
  } finally {
    await rogue.close();
  }
});

describeWithMariadb('secrets', () => {
  let server: Mariadb;
  beforeAll(async () => {
    server = await startMariadb();
  });
  afterAll(() => server.stop());

  test('the password is in no log, status, report or process list, whether the server takes it or not', async () => {
    const database = await TestDatabase.create(server);
    const right = database.config();
    const wrong = { ...right, password: 'wrong-but-secret' };
    project = new HopperProject({ datasets: peopleDataset, database: wrong });
    const daemon = await project.start();
    project.drop('a.csv', people(0, 2));
    project.drop('bad.csv', 'id;name\nx;y\n');
    await project.event('parked', 'a.csv');
    await project.event('failed', 'bad.csv');
    const said: string[] = [];
    for (const words of [['status', '--json'], ['check']]) {
      const { stdout, stderr } = await runCommand(project, words);
      said.push(stdout, stderr);
    }
    for (const process of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        said.push(readFileSync(join('/proc', process, 'cmdline'), 'utf8'));
      } catch {
        // It has ended meanwhile.
      }
    }
    await daemon.stop();
    project.configure({ database: right });
    await project.start();
    await project.event('finished', 'a.csv');
    said.push(daemon.said, textsBelow(project.logs), textsBelow(project.input));
    said.push(textsBelow(project.output));
    for (const { password } of [right, wrong]) expect(said.join()).not.toContain(password);
  });

  test('load files can be read by their owner only, while the database is away', async () => {
    const database = await TestDatabase.create(server);
    project = new HopperProject({
      datasets: peopleDataset,
      database: database.config({ port: 1, connectTimeoutMs: 500 }),
    });
    await project.start();
    const here = project;
    here.drop('a.csv', people(0, 20_000));
    const loadFiles = (): string[] =>
      claimsIn(here).flatMap((claim) => {
        const folder = join(here.processing, claim);
        const names = readdirSync(folder).filter((name) => name.startsWith('.rows'));
        return names.map((name) => join(folder, name));
      });
    await here.event('parked', 'a.csv');
    await until(
      () => loadFiles().length > 0,
      () => 'There is no load file.',
    );
    for (const path of loadFiles()) expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});
