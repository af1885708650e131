import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { WorkerPool } from '../../../src/pipeline/worker-pool.ts';
import { compiled } from '../../support/hopper-process.ts';
import { column, datasetOf } from '../../support/loads.ts';

const dataset = datasetOf('people', [column('id', 'INTEGER'), column('name', 'VARCHAR')]);

let folder: string;
let source: string;
let pool: WorkerPool;
let open: (threads: number) => WorkerPool;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'csv-hopper-workers-'));
  source = join(folder, 'a.csv');
  const module =
    await compiled<typeof import('../../../src/pipeline/worker-pool.ts')>(
      'pipeline/worker-pool.js',
    );
  const limits = { rowGroupRows: 1000, lineBytesMax: 1 << 20, problemsMax: 10 };
  const bytes = { pieceBytesMax: 1 << 16, fingerprintBytesMax: 1 << 20 };
  open = (threads) =>
    new module.WorkerPool(threads, {
      datasets: [dataset, { ...dataset, name: 'others' }],
      conversion: { codec: 'snappy', ...limits, ...bytes },
      unpacking: { bytesMax: 1 << 30, ratioMax: 500 },
      givesWay: true,
    });
  pool = open(2);
});
afterEach(async () => {
  await pool.close();
  rmSync(folder, { recursive: true });
});

async function taskOf(dataset = 'people') {
  const { bytes, mtimeNs } = await pool.identify(source);
  const expected = { bytes, mtimeNs };
  const transient = { scratch: join(folder, '.spilled-rows'), decoded: join(folder, '.decoded') };
  const parquet = join(folder, 'a.parquet');
  const outputs = { parquet, loadFile: null, ...transient, metadata: {} };
  return { source, expected, dataset, outputs };
}

test('a small file does not wait until a large one is hashed, even with one thread', async () => {
  const large = join(folder, 'large.csv');
  writeFileSync(large, '');
  truncateSync(large, 2 ** 29);
  writeFileSync(source, 'id;name\n');
  const single = open(1);
  try {
    const order: string[] = [];
    await Promise.all([
      single.identify(large).then(() => order.push('large')),
      single.identify(source).then(() => order.push('small')),
    ]);
    expect(order).toEqual(['small', 'large']);
  } finally {
    await single.close();
  }
});

test('a dataset with one file does not wait for all files of another, even with one thread', async () => {
  writeFileSync(source, 'id;name\n1;Ann\n');
  const single = open(1);
  try {
    const order: string[] = [];
    const { outputs } = await taskOf();
    const read = (dataset: string) =>
      single
        .read(dataset, { source, outputs: { ...outputs, parquet: null } })
        .then(() => order.push(dataset));
    const backlog = Array.from({ length: 60 }, () => read('people'));
    await Promise.all([...backlog, read('others')]);
    // Two messages of eight files were with the thread already, and the next one has a file of each.
    expect(order.indexOf('others')).toBeLessThan(30);
  } finally {
    await single.close();
  }
});

test('more jobs than threads are all answered, each with its own answer', async () => {
  pool.warmUp();
  const contents = Array.from({ length: 20 }, (_, n) => `content ${n}`);
  for (const [n, content] of contents.entries()) writeFileSync(join(folder, String(n)), content);
  const identities = await Promise.all(
    contents.map((_, n) => pool.identify(join(folder, String(n)))),
  );
  const hashes = contents.map((content) => createHash('sha256').update(content).digest('hex'));
  expect(identities.map(({ sha256 }) => sha256)).toEqual(hashes);
});

test('a file is converted in a thread, and counts come back', async () => {
  writeFileSync(source, 'id;name\n1;Ann\n2;Bob\n');
  const result = await pool.convert(await taskOf());
  expect(result).toMatchObject({ counts: { rowsRead: 2, rowsAccepted: 2 }, problemsTotal: 0 });
  expect(existsSync(join(folder, 'a.parquet'))).toBe(true);
});

test('an error keeps its code on the way out of the thread, and the thread goes on', async () => {
  await expect(pool.identify(join(folder, 'missing'))).rejects.toMatchObject({ code: 'io_failed' });
  writeFileSync(source, 'id;name\n1;Ann\n');
  const task = await taskOf();
  truncateSync(source, 8);
  const end = pool.convert(task);
  await expect(end).rejects.toMatchObject({ code: 'source_changed' });
  await expect(pool.convert(await taskOf('pets'))).rejects.toMatchObject({
    code: 'defect',
  });
});

describe('a large source is identified and converted side by side', () => {
  const rows = Array.from({ length: 30_000 }, (_, i) => `${i};name ${i}\n`);

  async function read(isWanted?: () => boolean) {
    const { outputs } = await taskOf();
    return pool.read('people', { source, outputs }, isWanted);
  }

  test('with the metadata that its identity gives', async () => {
    writeFileSync(source, `id;name\n${rows.join('')}`);
    const { identity, conversion } = await read();
    expect(identity).toEqual(await pool.identify(source));
    expect(conversion).toMatchObject({ counts: { rowsAccepted: 30_000 }, problemsTotal: 0 });
    expect(readFileSync(join(folder, 'a.parquet')).includes(identity.sha256)).toBe(true);
  });

  test('where nobody wants it, nothing is left of the conversion', async () => {
    writeFileSync(source, `id;name\n${rows.join('')}`);
    const { identity, conversion } = await read(() => false);
    expect(identity.bytes).toBe(readFileSync(source).length);
    expect(conversion).toBeNull();
    expect(readdirSync(folder)).toEqual(['a.csv']);
  });

  test('problems come back, and what is in the way is left to the step that waits for it', async () => {
    writeFileSync(source, `id;name\n${rows.join('')}x;y\n`);
    const { conversion } = await read();
    expect(conversion).toMatchObject({ problemsTotal: 1, problems: [{ line: 30_002 }] });
    rmSync(join(folder, 'a.parquet'), { force: true });
    mkdirSync(join(folder, 'a.parquet'));
    expect((await read()).conversion).toBeNull();
  });

  test('one that cannot be read is an error', async () => {
    writeFileSync(source, `id;name\n${rows.join('')}`);
    const { outputs } = await taskOf();
    const reading = pool.read('people', { source: join(folder, 'missing'), outputs });
    await expect(reading).rejects.toThrow('ENOENT');
  });
});

test('closing ends jobs that run or wait, and refuses later ones', async () => {
  writeFileSync(source, 'x'.repeat(1 << 20));
  const jobs = Array.from({ length: 50 }, () => pool.identify(source));
  const ends = Promise.allSettled(jobs);
  await pool.close();
  expect((await ends).filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
  await expect(pool.identify(source)).rejects.toMatchObject({ code: 'worker_died' });
});

test.runIf(process.platform === 'linux')(
  'threads give way to other processes where they are told to, and only they',
  async () => {
    writeFileSync(source, 'x');
    await pool.identify(source);
    // Spec: proc_pid_stat(5); the name in parentheses may hold spaces, niceness is the 17th field behind it.
    const niceness = (thread: string): number => {
      const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
    };
    const own = niceness(String(process.pid));
    const all = readdirSync('/proc/self/task').map(niceness);
    expect(all.filter((nice) => nice === 19)).toHaveLength(own === 19 ? all.length : 1);
  },
);
