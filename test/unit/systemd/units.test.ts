import type { Config } from '../../../src/config/config.ts';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { units } from '../../../src/systemd/units.ts';
import type { ServicePlan } from '../../../src/systemd/service-plan.ts';
import { isHere } from '../../support/program-here.ts';
import { localDatabase, notify, planWith } from '../../support/service-plan.ts';

const schedule = { everyDays: 2, at: 360, from: 20_784 };

/** The values of a setting in the first unit of a plan, in order. */
function valuesOf(key: string, plan: ServicePlan): string[] {
  const lines = (units(plan)[0]?.text ?? '').split('\n');
  return lines
    .filter((line) => line.startsWith(`${key}=`))
    .map((line) => line.slice(key.length + 1));
}

test('a service may write to the folders of the configuration and to no others, each named once', () => {
  const { folders } = planWith().config;
  const all = '/srv/csv-hopper/input_csv /srv/csv-hopper/output_parquet /srv/csv-hopper/logs';
  expect(valuesOf('ReadWritePaths', planWith())).toEqual([all]);
  const elsewhere = { folders: { ...folders, archive: '/mnt/my archive', receipts: '/srv/100%' } };
  expect(valuesOf('ReadWritePaths', planWith(elsewhere))).toEqual([
    '/srv/csv-hopper/input_csv /srv/csv-hopper/output_parquet "/mnt/my archive" "/srv/100%%" /srv/csv-hopper/logs',
  ]);
});

test('a path with spaces, quotes, a per cent sign or a dollar sign is one word of the command', () => {
  const cli = '/opt/a "b" $HOME 50%/dist/cli.js';
  const [line] = valuesOf('ExecStart', planWith({}, { node: '/usr/bin/node', cli }));
  expect(line).toBe(
    '/usr/bin/node "/opt/a \\"b\\" $$HOME 50%%/dist/cli.js" start --config /srv/csv-hopper/config/config.yaml',
  );
});

test('a folder with a line break cannot become a setting of its own', () => {
  const plan = planWith({}, { workingFolder: '/srv/a\nExecStartPre=/bin/evil' });
  expect(() => units(plan)).toThrow('line break');
});

test.each(['/srv/back\\', '/srv/tab\there', '/srv/end '])(
  'a working folder that would draw in the next setting is refused: %j',
  (workingFolder) => {
    expect(() => units(planWith({}, { workingFolder }))).toThrow('cannot stand in a unit');
  },
);

test('a dollar sign in the path of the program itself stands for itself', () => {
  const plan = planWith({}, { node: '/opt/n$d/node', cli: '/opt/$x/cli.js' });
  expect(valuesOf('ExecStart', plan)[0]).toMatch(
    /^"\/opt\/n\$d\/node" "\/opt\/\$\$x\/cli\.js" start /,
  );
});

test('it reaches nobody, this machine or anybody, as the configuration has it', () => {
  const reachOf = (plan: ServicePlan) =>
    ['RestrictAddressFamilies', 'PrivateNetwork', 'IPAddressDeny', 'IPAddressAllow'].flatMap(
      (key) => valuesOf(key, plan),
    );
  expect(reachOf(planWith({ serve: null }))).toEqual(['AF_UNIX', 'yes', 'any']);
  const schedule = { everyDays: 2, at: 360, from: 20_784 };
  expect(reachOf(planWith({}, { schedule }))).toEqual(['AF_UNIX', 'yes', 'any']);
  const inet = 'AF_UNIX AF_INET AF_INET6';
  expect(reachOf(planWith())).toEqual([inet, 'any', 'localhost']);
  const { serve } = planWith().config;
  const listen = { host: '0.0.0.0', port: 9278 };
  expect(reachOf(planWith({ serve: serve && { ...serve, listen } }))).toEqual([inet]);
  expect(reachOf(planWith({ database: localDatabase }))).toEqual([inet, 'any', 'localhost']);
  const remote = { ...localDatabase, host: 'db.example.org' };
  expect(reachOf(planWith({ database: remote }))).toEqual([inet]);
  expect(reachOf(planWith({ notify }))).toEqual([inet]);
});

test('secrets are handed over as credentials, and stand in no unit', () => {
  const secretFiles = [
    { credential: 'database.password', path: '/etc/csv-hopper/password' },
    { credential: 'notify.url', path: 'secrets/url' },
  ];
  const plan = planWith({ database: localDatabase, notify, secretFiles });
  expect(valuesOf('LoadCredential', plan)).toEqual([
    'database.password:/etc/csv-hopper/password',
    'notify.url:/srv/csv-hopper/secrets/url',
  ]);
  expect(units(plan)[0]?.text).not.toContain('not-to-be-seen');
  expect(units(plan)[0]?.text).not.toContain('not to be seen');
});

test('memory follows the threads, the longest row, and the queries of whoever looks', () => {
  const { convert, data } = planWith().config;
  const memory = (more: Partial<typeof convert>, serve: Config['serve'] = null) =>
    valuesOf('MemoryMax', planWith({ serve, convert: { ...convert, workers: 2, ...more } }));
  expect(memory({})).toEqual(['1024M']);
  expect(memory({ workers: 8 })).toEqual(['2560M']);
  expect(memory({ lineBytesMax: 64 * 1024 * 1024 })).toEqual(['1792M']);
  expect(data).toMatchObject({ atOnce: 2, memoryBytesMax: 1 << 30 });
  expect(memory({}, planWith().config.serve)).toEqual([`${1024 + 2 * (1024 + 256)}M`]);
});

test('what lies in home folders, or in those for temporary files, stays in sight', () => {
  const rightsOf = (plan: ServicePlan) => [
    ...valuesOf('ProtectHome', plan),
    ...valuesOf('PrivateTmp', plan),
  ];
  const node = '/usr/bin/node';
  expect(rightsOf(planWith({}, { node }))).toEqual(['yes', 'yes']);
  const cli = '/home/ada/csv-hopper/dist/cli.js';
  expect(rightsOf(planWith({}, { node, cli }))).toEqual(['read-only', 'yes']);
  expect(rightsOf(planWith({}, { node, workingFolder: '/tmp/try' }))).toEqual(['yes', 'no']);
});

test('a run every day needs no question whether it is due, one every two days does', () => {
  expect(
    valuesOf('ExecStart', planWith({}, { schedule: { ...schedule, everyDays: 1 } }))[0],
  ).not.toContain('--when-due');
  expect(valuesOf('ExecStart', planWith({}, { schedule }))[0]).toContain(
    'ingest --when-due "every 2 days at 06:00 from 2026-11-27"',
  );
});

describe.skipIf(!isHere('systemd-analyze', '--version'))('held against systemd-analyze', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'csv-hopper-units-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function write(plan: ServicePlan): string[] {
    return units(plan).map(({ name, text }) => {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    });
  }

  const plans: Record<string, ServicePlan> = {
    'a daemon without a database': planWith(),
    'a daemon with a database on this machine': planWith({
      database: localDatabase,
      secretFiles: [{ credential: 'database.password', path: '/etc/csv-hopper/password' }],
    }),
    'a daemon with a database elsewhere, and notices': planWith(
      { database: { ...localDatabase, host: 'db.example.org' }, notify },
      { environmentFile: '/etc/csv-hopper/environment', workingFolder: '/home/ada/hopper' },
    ),
    'ingest with a timer': planWith({}, { schedule }),
  };

  test.each(Object.entries(plans))('%s: no setting is unknown or wrong', (_, plan) => {
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', ...write(plan)]);
    expect(stderr.toString()).toBe('');
    expect(status).toBe(0);
  });

  test.each(Object.entries(plans))('%s: the exposure is below 2.0', (_, plan) => {
    const [service = ''] = write(plan);
    // The threshold is ten times as high; the call fails above it.
    const words = ['security', '--offline=true', '--threshold=20', '--no-pager', service];
    const said = execFileSync('systemd-analyze', words).toString();
    expect(said).toMatch(/Overall exposure level for \S+: [01]\.\d/);
  });

  test("a unit of the user's own has no setting that only the system's manager knows", () => {
    const paths = write(planWith({}, { runAs: null }));
    const { stderr } = spawnSync('systemd-analyze', ['verify', '--user', ...paths], {
      env: { ...process.env, XDG_RUNTIME_DIR: folder },
    });
    expect(stderr.toString()).toBe('');
    expect(units(planWith({}, { runAs: null }))[0]?.text).not.toMatch(
      /^(User|Protect|Private|IPAddress)/m,
    );
  });
});
