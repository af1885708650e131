import { expect, test } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import type { DaemonView } from '../../../src/daemon/run-daemon.ts';
import { HopperError } from '../../../src/errors/hopper-error.ts';
import { Health } from '../../../src/serve/health.ts';
import { ParkedFiles } from '../../../src/serve/parked-files.ts';
import { Sampled } from '../../../src/serve/sampled.ts';
import type { Surroundings } from '../../../src/serve/surroundings.ts';

interface Standing {
  trouble?: HopperError;
  sweepAgeMs?: number | null;
  isFull?: boolean;
  isStopping?: boolean;
  database?: 'up' | 'database_denied';
  parked?: ParkedFiles;
}

async function readiness({ trouble, sweepAgeMs = 0, isFull, isStopping, ...more }: Standing) {
  const none = { files: 0, refused: 0, oldestMs: null };
  const view: DaemonView = {
    intake: {
      ...{ backlog: none, trouble: trouble ?? null, sweepAgeMs },
      ...{ firstWaiting: () => [], leftAlone: [] },
    },
    hopper: {
      ...{ underWay: none, isFull: isFull === true, lastFinishedMs: () => null },
      undo: () => Promise.reject(new Error('Nobody wants that here.')),
    },
  };
  const { database = 'up', parked = new ParkedFiles() } = more;
  const surroundings = {
    database: new Sampled(() => Promise.resolve(database), 1000),
  } as unknown as Surroundings;
  const config = { intake: { sweepMs: 10_000 }, folders: { input: '/in' } } as Config;
  const stopping = isStopping === true ? AbortSignal.abort() : new AbortController().signal;
  const health = new Health({ config, view, parked, surroundings, stopping });
  const { status, reasons } = await health.readiness();
  return [status, ...reasons.map(({ code }) => code)];
}

test('all is well', async () => {
  expect(await readiness({})).toEqual(['ready']);
});

test.each<[string, Standing, string]>([
  ['stopping', { isStopping: true }, 'stopping'],
  ['full', { isFull: true }, 'full'],
  ['a folder that was never listed', { sweepAgeMs: null }, 'sweep_late'],
  ['a folder that cannot be listed', { sweepAgeMs: 90_001 }, 'sweep_late'],
  ['a folder that is gone', { trouble: new HopperError('folder_unusable') }, 'folder_unusable'],
])('%s: no files are taken', async (_, standing, code) => {
  expect(await readiness(standing)).toEqual(['not_ready', code]);
});

test('a file that cannot be claimed for want of space: no files are taken', async () => {
  const parked = new ParkedFiles();
  parked.hear('parked', { file: 'a.csv', err: new HopperError('disk_full') });
  expect(await readiness({ parked })).toEqual(['not_ready', 'disk_full']);
});

test('files that wait, or a database that is away, are told and keep nobody from sending', async () => {
  expect(await readiness({ sweepAgeMs: 89_000, database: 'database_denied' })).toEqual([
    ...['degraded', 'database_denied'],
  ]);
  const parked = new ParkedFiles();
  const err = new HopperError('database_denied');
  parked.hear('parked', { file: 'a.csv', dataset: 'people', err });
  expect(await readiness({ parked, database: 'database_denied' })).toEqual([
    ...['degraded', 'database_denied'],
  ]);
});
