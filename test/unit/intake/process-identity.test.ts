import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { isBeyondSight, isRunning, ownIdentity } from '../../../src/intake/process-identity.ts';

test('this process runs', async () => {
  expect(await isRunning(await ownIdentity())).toBe(true);
});

test.runIf(process.platform === 'linux')(
  'a process with the same number but another start, or from another boot, is not it',
  async () => {
    const own = await ownIdentity();
    expect(await isRunning({ ...own, startTicks: (own.startTicks ?? 0) + 1 })).toBe(false);
    expect(await isRunning({ ...own, bootId: 'another' })).toBe(false);
  },
);

test.runIf(process.platform === 'linux')(
  'a number means nothing where it is of another container of this machine, and only there',
  async () => {
    const own = await ownIdentity();
    expect(await isBeyondSight(own)).toBe(false);
    expect(await isBeyondSight({ ...own, pidNamespace: 'pid:[1]' })).toBe(true);
    expect(await isBeyondSight({ ...own, pidNamespace: 'pid:[1]', bootId: 'another' })).toBe(false);
    // As earlier versions wrote it.
    expect(await isBeyondSight({ ...own, pidNamespace: null })).toBe(false);
  },
);

test('where /proc does not tell, a process that ended is known by its number', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  const unknown = { startTicks: null, bootId: null, pidNamespace: null };
  expect(await isRunning({ pid: child.pid ?? 0, ...unknown })).toBe(false);
  expect(await isRunning({ pid: process.pid, ...unknown })).toBe(true);
});
