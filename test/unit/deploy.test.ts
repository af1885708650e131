import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { readConfig } from '../../src/config/read-config.ts';
import { version } from '../../src/core/version.ts';
import { writtenFolders } from '../../src/systemd/service-plan.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface ComposeService {
  image: string;
  build?: { context: string; dockerfile: string };
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  healthcheck?: unknown;
  secrets?: string[];
  ports?: string[];
  mem_limit?: string;
  volumes: string[];
  depends_on?: Record<string, { condition: string }>;
  environment?: Record<string, string>;
}

const compose = load(read('deploy/compose.yaml')) as {
  services: Record<string, ComposeService>;
  volumes: Record<string, unknown>;
  secrets: Record<string, { file: string }>;
};
const { 'csv-hopper': hopper, mariadb } = compose.services;

/** The instructions of the Containerfile, with continued lines as one. */
const instructions = read('deploy/Containerfile')
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line !== '')
  .map((line): [string, string] => {
    const space = line.indexOf(' ');
    return [line.slice(0, space), line.slice(space + 1).trim()];
  });
const all = (name: string, from = instructions) =>
  from.flatMap(([word, rest]) => (word === name ? [rest] : []));
const lastStage = instructions.slice(instructions.findLastIndex(([word]) => word === 'FROM'));

/** The configuration of the image as it is read there: the password is a secret, the folder /srv/csv-hopper. */
function configOfImage() {
  const folder = mkdtempSync(join(tmpdir(), 'csv-hopper-deploy-'));
  try {
    writeFileSync(join(folder, 'database.password'), 'hush\n');
    writeFileSync(join(folder, 'serve.tokens.prometheus.token'), `${'x'.repeat(32)}\n`);
    return readConfig(join(root, 'deploy/config.yaml'), { CREDENTIALS_DIRECTORY: folder });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The folders of the configuration, as they are called in the image. */
const foldersOfImage = writtenFolders(configOfImage())
  .map((path) => path.replace(process.cwd(), '/srv/csv-hopper'))
  .sort();

test('the image is built in one stage and made of another, each from a version that is named', () => {
  const stages = all('FROM');
  expect(stages).toHaveLength(2);
  for (const stage of stages)
    expect(stage).toMatch(/^docker\.io\/library\/node:\d+\.\d+-bookworm-slim( AS build)?$/);
  expect(new Set(stages.map((stage) => stage.split(' ')[0])).size).toBe(1);
  expect(all('COPY', lastStage).some((words) => words.includes('node_modules'))).toBe(true);
  expect(all('COPY', lastStage).join('\n')).not.toMatch(/\bsrc\b/);
});

test('what it runs as is not root, and nothing is copied or run after that', () => {
  expect(all('USER', lastStage)).toEqual(['node']);
  const after = lastStage.slice(lastStage.findIndex(([word]) => word === 'USER'));
  expect(after.map(([word]) => word)).not.toEqual(expect.arrayContaining(['COPY']));
  expect(all('RUN', after)).toEqual([]);
});

test('what is copied is there, and the build sees nothing else', () => {
  const fromHost = all('COPY').filter((words) => !words.startsWith('--from='));
  const sources = fromHost.flatMap((words) => words.split(' ').slice(0, -1));
  for (const path of sources) expect(existsSync(join(root, path)), path).toBe(true);
  const lines = read('deploy/Containerfile.dockerignore')
    .split('\n')
    .filter((line) => /^[^#]/.test(line));
  expect(lines[0]).toBe('*');
  expect(
    lines
      .slice(1)
      .map((line) => line.slice(1))
      .sort(),
  ).toEqual(sources.toSorted());
});

test('its health is that of the daemon, and signals reach it without a shell', () => {
  expect(all('HEALTHCHECK', lastStage)[0]).toContain(
    "csv-hopper status | grep -q '^running as process'",
  );
  expect(read('src/commands/status.ts')).toContain('`running as process ');
  expect(all('ENTRYPOINT', lastStage)).toEqual(['["csv-hopper"]']);
  expect(all('CMD', lastStage)).toEqual(['["start"]']);
});

test('its volumes are the folders of its configuration, in the image and for compose', () => {
  expect((JSON.parse(all('VOLUME', lastStage)[0] ?? '') as string[]).sort()).toEqual(
    foldersOfImage,
  );
  const mounted = hopper?.volumes.map((volume) => volume.split(':')) ?? [];
  expect(mounted.map(([, path]) => path).sort()).toEqual(foldersOfImage);
  const made = all('RUN', lastStage).join(' ');
  for (const folder of foldersOfImage) expect(made).toContain(folder);
  const named = [
    ...mounted.map(([name]) => name),
    ...(mariadb?.volumes ?? []).map((volume) => volume.split(':')[0]),
  ];
  expect(Object.keys(compose.volumes).sort()).toEqual(named.sort());
});

test('compose runs it without rights, on a root file system that is read only', () => {
  expect(hopper).toMatchObject({
    build: { context: '..', dockerfile: 'deploy/Containerfile' },
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    depends_on: { mariadb: { condition: 'service_healthy' } },
  });
  expect(hopper?.image).toBe(`csv-hopper:${version}`);
  expect(mariadb?.healthcheck).toBeDefined();
  for (const { image } of Object.values(compose.services))
    expect(image).toMatch(/:\d+\.\d+(\.\d+)?$/);
});

test('the database that is configured is the one that compose starts, and its password stands nowhere', () => {
  const { database, user, host } = configOfImage().database!;
  expect(mariadb?.environment).toMatchObject({ MARIADB_DATABASE: database, MARIADB_USER: user });
  expect(compose.services[host]).toBe(mariadb);
  const secret = '/run/secrets/mysql_password';
  expect(configOfImage().secretFiles).toEqual([
    { credential: 'database.password', path: secret },
    { credential: 'serve.tokens.prometheus.token', path: '/run/secrets/metrics_token' },
  ]);
  expect(mariadb?.environment?.['MARIADB_PASSWORD_FILE']).toBe(secret);
  expect(hopper?.secrets).toEqual(['mysql_password', 'metrics_token']);
  expect(mariadb?.secrets).toEqual(['mysql_password']);
  expect(read('.gitignore')).toContain(
    `/deploy/${compose.secrets['mysql_password']!.file.split('/')[0]!}/`,
  );
  expect(read('deploy/compose.yaml')).not.toMatch(/_PASSWORD: (?!'1')/);
});

test('health and metrics are reached from the machine that it runs on, and workers fit the memory', () => {
  const { serve, convert } = configOfImage();
  expect(hopper).toMatchObject({
    ports: [`127.0.0.1:${serve!.listen.port}:9278`],
    mem_limit: '1g',
  });
  expect(serve).toMatchObject({ listen: { host: '0.0.0.0', port: 9278 }, anonymous: null });
  expect(512 + 256 * convert.workers).toBe(1024);
});
