import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { Cleanup } from '../../../../scripts/bench/cleanup.ts';
import { type Measurement, measureProcess } from '../../../../scripts/bench/measured-process.ts';

const measure = (script: string, cleanup = new Cleanup()): Promise<Measurement> =>
  measureProcess(process.execPath, ['-e', script], { cwd: tmpdir(), cleanup });

describe.skipIf(process.platform !== 'linux')('a measured process', () => {
  test('counts the CPU time and the memory of its threads, and only its own', async () => {
    const work = "require('node:crypto').pbkdf2Sync('a', 'b', 500_000, 64, 'sha512')";
    const idle = await measure('');
    const busy = await measure(
      `const kept = Buffer.alloc(200e6, 1); const { Worker } = require('node:worker_threads');
       new Worker(${JSON.stringify(work)}, { eval: true }).on('exit', () => kept.length);`,
    );
    const after = await measure('');
    expect(busy.rssBytes).toBeGreaterThan(idle.rssBytes + 150e6);
    expect(after.rssBytes).toBeLessThan(busy.rssBytes - 150e6);
    expect(busy.cpuMs).toBeGreaterThan(idle.cpuMs);
    expect(after.cpuMs).toBeLessThan(busy.cpuMs);
  });

  test('that fails is told of with all that it printed', async () => {
    const failing = measure("console.log('half done'); throw new Error('no more');");
    await expect(failing).rejects.toThrow(/ended with 1 and said:[^]*half done[^]*no more/);
  });

  test('is killed when the bench is interrupted', async () => {
    const cleanup = new Cleanup();
    const endless = measure('setInterval(() => undefined, 1000)', cleanup);
    const failure = expect(endless).rejects.toThrow('ended with SIGKILL');
    await cleanup.end();
    await failure;
  });
});
