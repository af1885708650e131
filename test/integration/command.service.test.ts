import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCommand } from '../support/command-run.ts';
import { HopperProject, filesIn, people, peopleDataset } from '../support/hopper-project.ts';

let project: HopperProject;
let folder: string;
beforeEach(() => {
  project = new HopperProject({ datasets: peopleDataset });
  folder = join(project.root, 'units');
});
afterEach(() => project.remove());

const service = (...words: string[]) =>
  runCommand(project, ['service', ...words, ...(words[0] === 'print' ? [] : ['--dir', folder])]);
const unit = (name: string) => readFileSync(join(folder, name), 'utf8');

test('print shows the unit with absolute paths, and writes nothing', async () => {
  const { code, stdout, stderr } = await service('print', '--run-as', 'hopper');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain(`\nWorkingDirectory=${project.root}\nUser=hopper\n`);
  expect(stdout).toMatch(
    /^ExecStart=\/\S+ \/\S+\/dist\/cli\.js start --config \/\S+\/config\.yaml$/m,
  );
  expect(stdout).toContain(`ReadWritePaths=${project.input} ${project.output} ${project.logs}\n`);
});

test('install writes the unit once, says what is left to do, and writes it anew when the configuration changes', async () => {
  const first = await service('install', '--run-as', 'nobody-known');
  expect(first.stdout).toContain(`${folder}/csv-hopper.service: written\n`);
  expect(first.stdout).toMatch(
    /Next:\n {2}useradd .* nobody-known\n {2}install -d -m 2770 \S+\/output_parquet \S+\/logs\n {2}chown -R nobody-known: .*\n {2}systemctl daemon-reload\n {2}systemctl enable --now csv-hopper\.service\n$/,
  );
  const text = unit('csv-hopper.service');
  expect(await service('install', '--run-as', 'nobody-known')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('csv-hopper.service: unchanged\n') as string,
  });
  expect(unit('csv-hopper.service')).toBe(text);
  project.configure({ more: 'convert: { workers: 3 }' });
  expect((await service('install', '--run-as', 'nobody-known')).stdout).toContain(
    'csv-hopper.service: changed\n',
  );
  expect(unit('csv-hopper.service')).toContain('MemoryMax=1280M');
});

test('a unit that is not ours is neither overwritten nor removed', async () => {
  mkdirSync(folder);
  writeFileSync(join(folder, 'csv-hopper.service'), '[Service]\nExecStart=/bin/true\n');
  for (const action of ['install', 'uninstall']) {
    const { code, stderr } = await service(action);
    expect(code).toBe(2);
    expect(stderr).toContain(
      'csv-hopper.service was not made by csv-hopper service install; nothing was changed.',
    );
  }
  expect(unit('csv-hopper.service')).toBe('[Service]\nExecStart=/bin/true\n');
});

test('a timer and a daemon of one name exclude one another, and installing a timer again moves no day', async () => {
  const words = ['install', '--at', '06:00', '--every', '2 days'];
  const first = await service(...words, '--from', '2026-11-29');
  expect(first.stdout).toContain('ingest runs every 2 days at 06:00 from 2026-11-29');
  expect(first.stdout).toContain('systemctl enable --now csv-hopper-ingest.timer\n');
  const again = await service(...words);
  expect(again.stdout).toContain('csv-hopper-ingest.service: unchanged\n');
  const { code, stderr } = await service('install');
  expect(code).toBe(2);
  expect(stderr).toContain('csv-hopper-ingest.service is installed');
  expect(filesIn(folder)).toEqual(['csv-hopper-ingest.service', 'csv-hopper-ingest.timer']);
});

test('options that come to nothing, and units of another configuration, are refused', async () => {
  for (const [words, said] of [
    [['--every', '2 days'], 'without it the unit is that of the daemon'],
    [['--from', '2030-01-01'], 'without it the unit is that of the daemon'],
    [['--at', '06:00', '--from', '2030-01-01'], 'A run every day begins on the next one'],
    [['--run-as', 'x\nExecStartPre=/bin/sh'], '--run-as takes the name or number of a user'],
  ] as const) {
    const { code, stderr } = await service('install', ...words);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(said) as string });
  }
  expect(existsSync(folder)).toBe(false);
  await service('install', '--run-as', '4242');
  writeFileSync(
    join(project.root, 'other.yaml'),
    readFileSync(join(project.root, 'config/config.yaml')),
  );
  const { code, stderr } = await service('install', '--config', 'other.yaml');
  expect(code).toBe(2);
  expect(stderr).toContain('is that of another configuration; nothing was changed');
});

test('uninstall removes what install wrote, with the links of systemctl enable, and can be repeated', async () => {
  await service('install');
  const wants = join(folder, 'multi-user.target.wants');
  mkdirSync(wants);
  symlinkSync(join(folder, 'csv-hopper.service'), join(wants, 'csv-hopper.service'));
  symlinkSync('/elsewhere', join(wants, 'other.service'));
  const { code, stdout } = await service('uninstall');
  expect(code).toBe(0);
  expect(stdout).toBe(
    `${folder}/csv-hopper.service: removed\nNext:\n  systemctl stop csv-hopper.service\n  systemctl daemon-reload\n`,
  );
  expect(filesIn(folder)).toEqual([]);
  expect(() => readlinkSync(join(wants, 'csv-hopper.service'))).toThrow('ENOENT');
  expect(readlinkSync(join(wants, 'other.service'))).toBe('/elsewhere');
  expect((await service('uninstall')).stdout).toBe(
    `there are no units of csv-hopper in ${folder}\n`,
  );
});

test('a secret of the environment is one that a service lacks, which is said', async () => {
  const host = "database: { user: hopper, password: '${PATH}', database: lake }";
  project.configure({ more: host });
  const { stderr } = await service('print');
  expect(stderr).toContain('The configuration reads PATH from the environment');
  expect((await service('print', '--environment-file', '/etc/hopper')).stderr).toBe('');
});

test.each([
  [['install', '--at', '25:00'], 'is no schedule'],
  [['install', '--user', '--run-as', 'ada'], 'exclude one another'],
  [['install', '--name', '../evil'], 'letters, digits'],
  [['restart'], 'Allowed choices are print, install, uninstall'],
])('%j is refused', async (words, said) => {
  const { code, stderr } = await service(...words);
  expect(code).toBe(2);
  expect(stderr).toContain(said);
  expect(filesIn(folder)).toEqual([]);
});

test('ingest --when-due runs when it is due, and then not again until it is', async () => {
  project.drop('a.csv', people(1, 3));
  const ingest = () =>
    runCommand(project, ['ingest', '--when-due', 'every 999 days at 00:00 from 2020-01-01']);
  const first = await ingest();
  expect(first.code).toBe(0);
  expect(first.stdout).toMatch(/^due \S+ 00:00: never run, next due /);
  expect(first.stdout).toContain('1 finished\n');
  project.drop('b.csv', people(1, 3));
  const second = await ingest();
  expect(second.code).toBe(0);
  expect(second.stdout).toMatch(/^not due: last run \S+ \S+, next due \S+ 00:00/);
  expect(filesIn(project.input)).toEqual(['b.csv']);
  const wrong = await runCommand(project, [
    'ingest',
    'b.csv',
    '--when-due',
    'every 1 day at 00:00 from 2020-01-01',
  ]);
  expect(wrong.code).toBe(2);
});
