import { readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FailureReport } from '../../src/pipeline/failure-report.ts';
import type { StoredProfile } from '../../src/profile/stored-profile.ts';
import { runCommand } from '../support/command-run.ts';
import type { CrashPoint } from '../support/crash-point.ts';
import { HopperProject } from '../support/hopper-project.ts';

let project: HopperProject;
beforeEach(() => {
  project = new HopperProject({ datasets: datasets('{}') });
  writeFileSync(
    join(project.root, 'schema/sales.yaml'),
    'id: INTEGER\nkind: VARCHAR(10)\nsum: DECIMAL(8,2)\n',
  );
});
afterEach(async () => {
  await project.remove();
});

function datasets(expected: string): string {
  return `datasets:
  - { name: sales, match: '*.csv', schema: schema/sales.yaml, profile: true, expect: ${expected} }
`;
}

/** Rows that differ from file to file, but not much. */
function sales(
  rows: number,
  change: (row: string[], i: number) => string[] = (row) => row,
): string {
  const lines = Array.from({ length: rows }, (_, i) =>
    change([String(i), i % 2 === 0 ? 'cash' : 'card', `${10 + (i % 5)}.50`], i).join(','),
  );
  return `id,kind,sum\n${lines.join('\n')}\n`;
}

async function ingest(name: string, content: string, options = {}) {
  project.drop(name, content);
  return runCommand(project, ['ingest'], options);
}

/** Six loads of about a hundred rows, one after the other. */
async function someHistory(): Promise<void> {
  for (const [i, rows] of [100, 102, 98, 101, 99, 100].entries()) {
    expect((await ingest(`day-${i}.csv`, sales(rows))).code).toBe(0);
  }
}

function profilesFile(): string {
  return join(project.output, 'sales/.profiles.jsonl');
}

function profiles(): StoredProfile[] {
  const text = readFileSync(profilesFile(), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as StoredProfile);
}

function report(file: string): FailureReport {
  const text = readFileSync(join(project.failed, `${file}.report.json`), 'utf8');
  return JSON.parse(text) as FailureReport;
}

test('repaired rows are no file to expect something of, and none to judge others by', async () => {
  const expected = '{ rows: { min: 50, action: fail } }, on_invalid_rows: divert';
  project.configure({ datasets: datasets(expected) });
  const broken = sales(100, (row, i) => (i === 7 ? ['seven', ...row.slice(1)] : row));
  expect((await ingest('day.csv', broken)).code).toBe(0);
  const rejects = join(project.failed, 'day.csv.rejects.csv');
  writeFileSync(rejects, readFileSync(rejects, 'utf8').replace('\nseven,', '\n7,'));
  const { stdout } = await runCommand(project, ['status']);
  expect(stdout).toContain('failed: 1\n  day.csv.rejects.csv  line 9: id is not an INTEGER.');
  await runCommand(project, ['retry', 'day.csv.rejects.csv']);
  expect((await runCommand(project, ['ingest'])).code).toBe(0);
  expect(profiles().map(({ file }) => file)).toEqual(['day.csv']);
  expect((await ingest('short.csv', sales(1))).code).toBe(1);
  expect(report('short.csv').reason).toContain(
    'The file has 1 row, where at least 50 are expected.',
  );
});

describe('with some loads behind it', () => {
  test('a version that replaces others is held against those that gave way too, and fails before it takes any out', async () => {
    const replacing = '{ rows: { deviations: 3, action: fail } }, write: replace';
    project.configure({ datasets: datasets(replacing) });
    for (const rows of [100, 102, 98, 101, 99, 100]) {
      expect((await ingest('stock.csv', sales(rows))).code).toBe(0);
    }
    expect((await ingest('stock.csv', sales(40))).code).toBe(1);
    expect(report('stock.csv').problems).toMatchObject([{ rule: 'expectation' }]);
    const { stdout } = await runCommand(project, [
      ...['query', 'SELECT count(*) AS n FROM sales', '--format', 'csv'],
    ]);
    expect(stdout).toBe('n\r\n100\r\n');
    expect((await ingest('stock.csv', sales(103))).code).toBe(0);
  });

  test('a kill right after it was said, or before, leaves none that is loaded and not told of', async () => {
    project.configure({ datasets: datasets('{ rows: { max: 5 } }') });
    project.drop('odd.csv', sales(9));
    const crash = { event: 'unexpected' } as const;
    expect(await project.run(['ingest'], { crash }).ended).toBe('SIGKILL');
    expect(readFileSync(profilesFile(), 'utf8')).toBe('');
    expect((await runCommand(project, ['ingest'])).code).toBe(0);
    expect(project.stepsOf('odd.csv').filter((event) => event === 'unexpected')).toHaveLength(2);
    expect(profiles()).toMatchObject([{ file: 'odd.csv' }]);
  });

  test('a file that is not as expected is loaded and told of, or fails, as its dataset wants', async () => {
    const all = (action: string): string =>
      `{ rows: { deviations: 3, action: ${action} }, columns: { kind: { categories: ${action}, nulls: { max: 0.1, action: ${action} } }, sum: { mean: { deviations: 5, action: ${action} }, outliers: { deviations: 6, action: ${action} } } } }`;
    project.configure({ datasets: datasets(all('fail')) });
    await someHistory();
    expect((await ingest('usual.csv', sales(101))).code).toBe(0);

    const odd = sales(40, ([id = '', kind = '', sum = ''], i) => [
      id,
      i < 10 ? '' : i < 12 ? 'cheque' : kind === 'card' ? 'cash' : kind,
      i === 3 ? '9999.00' : sum,
    ]);
    expect((await ingest('odd.csv', odd)).code).toBe(1);
    const failed = report('odd.csv');
    expect(failed).toMatchObject({ code: 'content_invalid', rowsRead: 40, problemsTotal: 6 });
    expect(
      failed.problems.map(({ rule, line, column, value }) => [rule, line, column, value]),
    ).toEqual([
      ['expectation', 0, null, null],
      ['expectation', 0, 'kind', null],
      ['expectation', 0, 'kind', 'cheque'],
      ['expectation', 0, 'kind', 'card'],
      ['expectation', 0, 'sum', null],
      ['expectation', 0, 'sum', null],
    ]);
    expect(
      readdirSync(join(project.output, 'sales')).filter((name) => name.startsWith('odd')),
    ).toEqual([]);
    const log = project.events().filter(({ file }) => file === 'odd.csv');
    expect(JSON.stringify(log)).not.toMatch(/cheque|9999/);

    project.configure({ datasets: datasets(all('warn')) });
    expect((await runCommand(project, ['retry', 'odd.csv'])).code).toBe(0);
    expect((await runCommand(project, ['ingest'])).code).toBe(0);
    expect(project.stepsOf('odd.csv').filter((event) => event === 'unexpected')).toHaveLength(6);
    const status = await runCommand(project, ['status']);
    expect(status.stdout).toContain('not as expected: The file has 40 rows, where ');
    expect(JSON.stringify(project.events())).not.toMatch(/cheque|9999/);
    expect(profiles().at(-1)?.warnings).toHaveLength(6);
  });
});

describe('outliers that are diverted', () => {
  const expected =
    '{ columns: { sum: { outliers: { quartiles: 10, last: 5, action: divert } } } }, on_invalid_rows: divert';
  const odd = sales(20, ([id = '', kind = '', sum = ''], i) => [
    ...[id, kind, i === 3 ? '9999.00' : sum],
  ]);

  beforeEach(async () => {
    project.configure({ datasets: datasets(expected) });
    // Without bounds to go by, a value far out is loaded.
    for (const [i, rows] of [100, 102, 98, 101].entries()) await ingest(`${i}.csv`, sales(rows));
    expect((await ingest('fifth.csv', odd.replace('9999', '99'))).code).toBe(0);
    expect(project.stepsOf('fifth.csv')).not.toContain('diverted');
  });

  function rejects(): string {
    return readFileSync(join(project.failed, 'odd.csv.rejects.csv'), 'utf8');
  }

  async function sums(): Promise<string> {
    const sql = 'SELECT count(*) AS n, max(sum) AS most FROM sales';
    const { stdout } = await runCommand(project, ['query', sql, '--format', 'csv']);
    return stdout.split('\r\n')[1] ?? '';
  }

  test('are in the reject file, the other rows are loaded, and what is right is dropped again as it is', async () => {
    expect((await ingest('odd.csv', odd)).code).toBe(0);
    expect(await sums()).toBe('440,99.00');
    expect(rejects()).toMatch(/\n3,card,9999\.00,5,"sum","9999\.00","outlier","sum lies far /);
    expect(report('odd.csv')).toMatchObject({ verdict: 'diverted', rowsRejected: 1 });
    const log = project.events().filter(({ file }) => file === 'odd.csv');
    expect(JSON.stringify(log)).not.toContain('9999');
    expect(profiles().at(-1)).toMatchObject({ rows: 19, outlierBounds: {} });
    await runCommand(project, ['retry', 'odd.csv.rejects.csv']);
    expect((await runCommand(project, ['ingest'])).code).toBe(0);
    expect(await sums()).toBe('441,9999.00');
  });

  test('are the same after a crash, though the loads before are others by then', async () => {
    const crash = { event: 'published' };
    expect((await ingest('odd.csv', odd, { crash })).code).toBe('SIGKILL');
    const [first] = profiles();
    // Fewer than five have no bounds.
    expect((await runCommand(project, ['undo', first!.loadId])).code).toBe(0);
    // As after a power cut that took back the rename by which the claim got its load's id.
    const processing = join(project.input, '.processing');
    const claim = readdirSync(processing).find((name) => /^[0-9a-f]{32}$/.test(name)) ?? '';
    renameSync(join(processing, claim), join(processing, `claim-${claim.slice(0, 12)}`));
    expect((await runCommand(project, ['ingest'])).code).toBe(0);
    expect(await sums()).toBe('340,99.00');
    expect(rejects()).toContain('9999.00');
    expect((await ingest('next.csv', odd)).code).toBe(0);
    expect(project.stepsOf('next.csv')).toContain('diverted');
  });

  test('are the same where the load is made again from the archive, also without its profile', async () => {
    expect((await ingest('odd.csv', odd)).code).toBe(0);
    writeFileSync(profilesFile(), '');
    const [parquet = ''] = readdirSync(join(project.output, 'sales')).filter((name) =>
      name.startsWith('odd'),
    );
    rmSync(join(project.output, 'sales', parquet));
    expect((await runCommand(project, ['ingest', '--lost'])).code).toBe(0);
    expect(await sums()).toBe('440,99.00');
  });

  test('are not told by their bounds where reports are redacted', async () => {
    project.configure({ more: 'report: { values: redacted }' });
    expect((await ingest('odd.csv', odd)).code).toBe(0);
    expect(report('odd.csv').problems).toMatchObject([
      { rule: 'outlier', value: null, hint: expect.not.stringContaining('Expected') as string },
    ]);
  });
});

test('too few loads say nothing, and limits need none', async () => {
  project.configure({ datasets: datasets('{ rows: { min: 5, deviations: 1, action: fail } }') });
  expect((await ingest('a.csv', sales(100))).code).toBe(0);
  expect((await ingest('b.csv', sales(5))).code).toBe(0);
  expect((await ingest('c.csv', sales(4))).code).toBe(1);
  expect(report('c.csv').reason).toBe('The file has 4 rows, where at least 5 are expected.');
});

test('columns that are called as every object has properties are columns like any other', async () => {
  writeFileSync(
    join(project.root, 'schema/sales.yaml'),
    'constructor: INTEGER\n__proto__: INTEGER\nid: INTEGER\n',
  );
  const schema = 'schema: schema/sales.yaml';
  const nulls = '{ nulls: { max: 0, action: fail } }';
  project.configure({
    datasets: `datasets:
  - { name: plain, match: 'plain*', ${schema} }
  - { name: profiled, match: 'profiled*', ${schema}, expect: { columns: { id: ${nulls} } } }
  - { name: expected, match: 'expected*', ${schema}, expect: { columns: { constructor: ${nulls} } } }
  - { name: other, match: 'other*', ${schema}, expect: { columns: { __PROTO__: ${nulls} } } }
`,
  });
  const file = 'constructor,__proto__,id\n1,2,3\n,,4\n';
  const names = ['plain.csv', 'profiled.csv', 'expected.csv', 'other.csv'];
  for (const name of names) project.drop(name, file);
  const { stdout } = await runCommand(project, ['ingest']);

  expect(stdout.trimEnd().split('\n').at(-1)).toBe('2 finished, 2 failed');
  const failed = ['expected.csv', 'other.csv'].map((name) => report(name).problems[0]?.column);
  expect(failed).toEqual(['constructor', '__proto__']);
});

test('a load that was taken back is no history', async () => {
  const deviations = '{ rows: { deviations: 3, last: 2, action: fail } }';
  project.configure({ datasets: datasets(deviations) });
  expect((await ingest('a.csv', sales(10))).code).toBe(0);
  expect((await ingest('b.csv', sales(10))).code).toBe(0);
  expect((await ingest('c.csv', sales(11))).code).toBe(1);
  const [first] = profiles();
  expect((await runCommand(project, ['undo', first!.loadId])).code).toBe(0);
  expect((await runCommand(project, ['retry', 'c.csv'])).code).toBe(0);
  expect((await runCommand(project, ['ingest'])).code).toBe(0);
});

test.each([
  ['when it was judged', { event: 'converted' }],
  ['when it was published', { event: 'published' }],
] as const)('a load that is killed %s is not judged again', async (_, crash) => {
  const killed = await ingest('a.csv', sales(10), { crash });
  expect(killed.code).toBe('SIGKILL');
  project.configure({ datasets: datasets('{ rows: { min: 1000, action: fail } }') });
  expect((await runCommand(project, ['ingest'])).code).toBe(0);
  expect(project.stepsOf('a.csv')).toContain('finished');
  expect(profiles()).toHaveLength(1);
  expect((await ingest('b.csv', sales(10))).code).toBe(1);
});

describe('a file that is dropped again after its load was taken back, and killed', () => {
  async function droppedAgain(crash: CrashPoint): Promise<void> {
    expect((await ingest('a.csv', sales(10))).code).toBe(0);
    expect((await runCommand(project, ['undo', profiles()[0]!.loadId])).code).toBe(0);
    expect((await ingest('a.csv', sales(10), { crash })).code).toBe('SIGKILL');
    project.configure({ datasets: datasets('{ rows: { min: 1000, action: fail } }') });
  }

  test('before its verdict, is judged anew', async () => {
    await droppedAgain({ event: 'claimed' });
    expect((await runCommand(project, ['ingest'])).code).toBe(1);
    expect(report('a.csv').reason).toContain('where at least 1,000 are expected');
  });

  test('after its verdict, is not judged again', async () => {
    await droppedAgain({ event: 'converted' });
    expect((await runCommand(project, ['ingest'])).code).toBe(0);
    expect(profiles()).toMatchObject([{ rows: 10 }, { rows: 10, ends: 1 }]);
  });
});

test('a former version that is dropped again, and killed before its verdict, is judged anew', async () => {
  project.configure({ datasets: datasets('{}, write: replace') });
  for (const rows of [10, 11]) expect((await ingest('a.csv', sales(rows))).code).toBe(0);
  const crash = { event: 'claimed' } as const;
  expect((await ingest('a.csv', sales(10), { crash })).code).toBe('SIGKILL');
  const expected = '{ rows: { min: 11, action: fail } }, write: replace';
  project.configure({ datasets: datasets(expected) });
  expect((await runCommand(project, ['ingest'])).code).toBe(1);
  expect(report('a.csv').reason).toContain('where at least 11 are expected');
});

test('a large file is judged after its last piece', async () => {
  const rows = 400_000;
  project.configure({ datasets: datasets(`{ rows: { max: ${rows - 1}, action: fail } }`) });
  expect((await ingest('large.csv', sales(rows))).code).toBe(1);
  expect(report('large.csv')).toMatchObject({ rowsRead: rows, problemsTotal: 1 });
  expect((await ingest('less.csv', sales(rows - 1))).code).toBe(0);
  expect(profiles()).toMatchObject([{ rows: rows - 1 }]);
});

test.each([
  [
    '{ columns: { knd: { categories: warn } } }',
    'the schema has no column \\"knd\\"; did you mean kind?',
  ],
  [
    '{ columns: { kind: { mean: { deviations: 3 } } } }',
    'mean is for columns of numbers, not of VARCHAR',
  ],
  [
    '{ columns: { __proto__: { categories: warn } } }',
    'datasets[0].expect.columns.__proto__ cannot be read: write it as __PROTO__, which is the same column',
  ],
  ['{ rows: { action: fail } }', 'needs min, max or deviations'],
  ['{ every: 1 day }', 'needs both every and by'],
  ['{ every: 2 days, by: "25:00" }', 'must be a time of day'],
  ['{ every: 2 days, by: "05:00", timezone: Mars/Base }', 'must be the name of a time zone'],
  ['{ columns: { kind: { categorie: warn } } }', 'did you mean categories?'],
  ['{ columns: { sum: { outliers: { max: 1 } } } }', 'needs deviations or quartiles'],
  [
    '{ columns: { sum: { outliers: { quartiles: 3, action: divert } } } }',
    'divert needs on_invalid_rows: divert',
  ],
  [
    '{ columns: { sum: { outliers: { quartiles: 3, action: divert, max: 3 } } } }',
    'has no effect with action: divert; max_invalid_rows of the dataset limits them',
  ],
])('%s is refused', async (expected, message) => {
  project.configure({ datasets: datasets(expected) });
  const run = await runCommand(project, ['check']);
  expect(run.code).toBe(2);
  expect(run.stderr).toContain(message.replaceAll('\\"', '"'));
});

test('a file that is due and does not come raises an alarm in the daemon, once over restarts', async () => {
  expect((await ingest('a.csv', sales(10))).code).toBe(0);
  const receipts = join(project.output, 'sales/.receipts.jsonl');
  const old = readFileSync(receipts, 'utf8').replace(/"time":"\d{4}/, '"time":"2020');
  writeFileSync(receipts, old);
  project.configure({
    datasets: datasets('{ every: 1 week, by: "06:00", timezone: Europe/Berlin }'),
  });
  const daemon = await project.start();
  const alarm = await project.event('alarm');
  expect(alarm).toMatchObject({ level: 'error', dataset: 'sales' });
  daemon.child.kill('SIGTERM');
  await daemon.ended;
  const { stdout } = await runCommand(project, ['status']);
  expect(stdout).toMatch(/overdue: 1\n {2}sales {2}due 2020-/);
  expect((await runCommand(project, ['ingest'])).code).toBe(0);
  expect(project.events().filter(({ event }) => event === 'alarm')).toHaveLength(1);
});
