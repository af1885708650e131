import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { readdirSync, readFileSync } from 'node:fs';
import { runCommand } from '../support/command-run.ts';
import { HopperProject, people, peopleDataset } from '../support/hopper-project.ts';
import { MetricsText } from '../support/metrics-text.ts';
import { until } from '../support/until.ts';

const brief = 'intake: { quiet_ms: 100, sweep_ms: 300 }\nconvert: { workers: 1 }';
const projects: HopperProject[] = [];
afterEach(async () => {
  for (const project of projects.splice(0)) await project.remove();
});

function makeProject(serve: string): HopperProject {
  const project = new HopperProject({
    datasets: peopleDataset,
    more: `${brief}\nserve: ${serve}`,
  });
  projects.push(project);
  return project;
}

/** Where the daemon says that it serves. */
async function urlOf(project: HopperProject, nth = 1): Promise<string> {
  return (await project.event('serving', undefined, nth)).reason ?? '';
}

async function statusOf(url: string, headers: Record<string, string> = {}): Promise<number> {
  return (await fetch(url, { headers })).status;
}

test('health is told, and a folder that is gone until it is there again', async () => {
  const project = makeProject('{ listen: 127.0.0.1:0 }');
  const daemon = await project.start();
  const url = await urlOf(project);
  const health = (await (await fetch(`${url}/healthz`)).json()) as Record<string, unknown>;
  expect(health).toEqual({ status: 'alive', lastSweepAgeSeconds: expect.any(Number) as unknown });
  const readiness = async (): Promise<{ status: string; reasons: { code: string }[] }> =>
    (await (await fetch(`${url}/readyz`)).json()) as never;
  expect(await readiness()).toEqual({ status: 'ready', reasons: [] });

  renameSync(project.input, join(project.root, 'away'));
  const gone = await until(
    async () => {
      const found = await readiness();
      return found.status === 'not_ready' && found;
    },
    () => daemon.said,
  );
  expect(gone.reasons).toMatchObject([{ code: 'folder_unusable' }]);
  expect(await statusOf(`${url}/readyz`)).toBe(503);
  expect((await MetricsText.of(url)).value('csv_hopper_ready')).toBe(0);
  renameSync(join(project.root, 'away'), project.input);
  await until(
    async () => (await statusOf(`${url}/readyz`)) === 200,
    () => daemon.said,
  );
  expect(await daemon.stop()).toBe(0);
  await expect(fetch(url)).rejects.toThrow();
});

test('two daemons with one port both take files; the second gets the port when the first has ended', async () => {
  const first = makeProject('{ listen: 127.0.0.1:0 }');
  const firstDaemon = await first.start();
  const url = await urlOf(first);
  const second = makeProject(`{ listen: "${new URL(url).host}" }`);
  await second.start();
  const refused = await second.event('serving');
  expect(refused).toMatchObject({
    level: 'warn',
    reason: expect.stringContaining('is in use by another') as unknown,
  });
  second.drop('a.csv', people(1, 3));
  await second.event('finished', 'a.csv');
  await firstDaemon.stop('SIGKILL');
  expect(await urlOf(second, 2)).toBe(url);
  expect((await MetricsText.of(url)).value('csv_hopper_files_total')).toBe(1);
  expect(second.events().filter(({ event }) => event === 'serving')).toHaveLength(2);
});

test('the last success outlives a restart, and counters begin anew', async () => {
  const project = makeProject('{ listen: 127.0.0.1:0 }');
  const first = await project.start();
  project.drop('a.csv', people(1, 3));
  await project.event('finished', 'a.csv');
  const before = await MetricsText.of(await urlOf(project));
  await first.stop('SIGKILL');
  await project.start();
  const after = await MetricsText.of(await urlOf(project, 2));
  const name = 'csv_hopper_last_success_timestamp_seconds';
  const [was, is] = [before.value(name) ?? 0, after.value(name) ?? 0];
  expect(Math.abs(was - is)).toBeLessThan(5);
  expect(is).toBeGreaterThan(0);
  expect([before, after].map((text) => text.value('csv_hopper_files_total'))).toEqual([1, 0]);
});

test('with a token nothing is told without it but whether files are taken, and it is written nowhere', async () => {
  const token = 'Xtoken-0123456789abcdef0123456789';
  const project = makeProject(
    `{ listen: 127.0.0.1:0, tokens: [{ name: prometheus, role: viewer, token: ${token} }] }`,
  );
  const daemon = await project.start();
  const url = await urlOf(project);
  const bearer = { authorization: `Bearer ${token}` };
  expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: 'ready' });
  expect(await statusOf(`${url}/healthz`)).toBe(200);
  expect(await statusOf(`${url}/metrics`)).toBe(401);
  expect(await statusOf(`${url}/metrics`, { authorization: 'Bearer Xwrong' })).toBe(401);
  expect(await statusOf(`${url}/metrics`, bearer)).toBe(200);
  expect((await project.event('access')).reason).toBe('The token is wrong.');
  const check = await runCommand(project, ['check']);
  expect(check.stdout).toContain('metrics to prometheus (viewer).');
  await daemon.stop();
  const logs = readdirSync(project.logs).map((name) =>
    readFileSync(join(project.logs, name), 'utf8'),
  );
  expect([...logs, daemon.said, check.stdout, check.stderr].join('\n')).not.toMatch(
    /Xtoken|Xwrong/,
  );
});

test('no port is opened where none is wanted, and none beyond this machine without a token', async () => {
  const project = makeProject('{ listen: null }');
  const daemon = await project.start();
  expect(daemon.stdout).not.toContain('health');
  await daemon.stop();
  expect(project.events().some(({ event }) => event === 'serving')).toBe(false);
  project.configure({ more: 'serve: { listen: 0.0.0.0:0 }' });
  const refused = await runCommand(project, ['start']);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/serve\.listen is reached from other machines: configure tokens/);
});
