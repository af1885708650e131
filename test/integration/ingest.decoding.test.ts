import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createGzip, gzipSync } from 'node:zlib';
import { Zstd } from '@hpcc-js/wasm-zstd';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { shortLoadId } from '../../src/core/load.ts';
import { runCommand } from '../support/command-run.ts';
import { claimsIn, expectNothingLeft, loadIdFor, receiptsIn } from '../support/exactly-once.ts';
import { repository } from '../support/hopper-process.ts';
import { filesIn, HopperProject, people, peopleDataset } from '../support/hopper-project.ts';
import { mountMissing, SmallDisk } from '../support/small-disk.ts';
import { until } from '../support/until.ts';
import { zipArchive } from '../support/zip-archive.ts';
import { readWithHyparquet } from '../unit/parquet/read-back.ts';

const published = join(repository, '../shared/data/uci-student-performance/student-mat.csv');
const zstd = await Zstd.load();
const quick = 'intake: { quiet_ms: 100, sweep_ms: 300 }';

/** One dataset of each encoding, by the start of the name. */
const datasets = `datasets:
  - { name: windows, match: 'w*.csv', schema: schema/people.yaml, encoding: windows-1252 }
  - { name: latin, match: 'l*.csv', schema: schema/people.yaml, encoding: iso-8859-1 }
  - { name: people, match: '*.csv', schema: schema/people.yaml }
`;

let project: HopperProject;
const undo: (() => void)[] = [];
beforeEach(() => {
  project = new HopperProject({ datasets });
});
afterEach(async () => {
  await project.stopAll();
  for (const step of undo.splice(0)) step();
  await project.remove();
});

async function namesIn(dataset: string): Promise<unknown[]> {
  const sql = `SELECT name FROM ${dataset} ORDER BY id`;
  const { stdout } = await runCommand(project, ['query', sql, '--format', 'json']);
  return (JSON.parse(stdout) as { name: unknown }[]).map(({ name }) => name);
}

interface Report {
  code: string;
  rowsRead: number;
  problems: { line: number; rule: string; message: string; hint: string }[];
}

function reportOn(file: string): Report {
  return JSON.parse(readFileSync(join(project.failed, `${file}.report.json`), 'utf8')) as Report;
}

/** The rows of the only Parquet file. */
async function rowsOf(dataset: string) {
  const [name = ''] = filesIn(join(project.output, dataset));
  return readWithHyparquet(join(project.output, dataset, name));
}

describe('text in another encoding', () => {
  test('is read as its dataset says, and as its mark says where it has one', async () => {
    const text = 'id;name\n1;Zoë – 5 €\n';
    project.drop('w1.csv', Buffer.from(text.replace('–', '\x96').replace('€', '\x80'), 'latin1'));
    project.drop('w2.csv', `\uFEFF${text.replace('1;', '2;')}`);
    project.drop('w3.csv', Buffer.from(`\uFEFF${text.replace('1;', '3;')}`, 'utf16le'));
    project.drop('l1.csv', Buffer.from('id;name\n1;Zoë \x80\n', 'latin1'));
    project.drop('a.csv', Buffer.from(`\uFEFF${text}`, 'utf16le').swap16());
    expect(await runCommand(project, ['ingest'])).toMatchObject({ code: 0, stderr: '' });
    expect(await namesIn('windows')).toEqual(Array(3).fill('Zoë – 5 €'));
    expect(await namesIn('latin')).toEqual(['Zoë \u0080']);
    expect(await namesIn('people')).toEqual(['Zoë – 5 €']);
    await expectNothingLeft(project);
  });

  test('is never guessed: each file fails with its line and what to do', async () => {
    const latin = Buffer.from('id;name\n1;Ann\n2;Zoë\n', 'latin1');
    project.drop('a.csv', latin);
    project.drop('b.csv', Buffer.from('id;nämé\n1;Ann\n', 'latin1'));
    project.drop('c.csv', Buffer.from('id;name\n1;Ann\n', 'utf16le'));
    project.drop('w.csv', Buffer.from('id;name\n1;Ann\n2;\x81\n', 'latin1'));
    project.drop('u.csv', Buffer.from('\uFEFFid;name\n1;\udc00\n', 'utf16le'));
    project.drop('z.csv', gzipSync(people(1, 100)));
    expect(await runCommand(project, ['ingest'])).toMatchObject({ code: 1 });
    const first = (file: string) => reportOn(file).problems[0];
    expect(first('a.csv')).toMatchObject({ rule: 'encoding', line: 3 });
    expect(first('a.csv')?.hint).toContain('set encoding: windows-1252 for its dataset');
    expect(first('b.csv')).toMatchObject({ rule: 'encoding', line: 1 });
    expect(first('b.csv')?.hint).toContain('encoding: windows-1252');
    expect(first('c.csv')).toMatchObject({ rule: 'nul_byte', line: 1 });
    expect(first('c.csv')?.hint).toContain('UTF-16 without its byte order mark');
    expect(first('w.csv')).toMatchObject({ rule: 'encoding', line: 3 });
    expect(first('u.csv')).toMatchObject({ rule: 'encoding', line: 2 });
    expect(first('z.csv')?.hint).toContain('looks like a gzip file');
    expect(readFileSync(join(project.failed, 'a.csv')).equals(latin)).toBe(true);
    await expectNothingLeft(project);
  });

  test('lines and rows are those of the text', async () => {
    project.drop('a.csv', Buffer.from('\uFEFFid;name\r\n1;"a\r\nb"\r\nx;c\r\n', 'utf16le'));
    await runCommand(project, ['ingest']);
    expect(reportOn('a.csv')).toMatchObject({
      rowsRead: 2,
      problems: [{ line: 4, rule: 'type', column: 'id' }],
    });
  });
});

test('a reject file of text in another encoding is UTF-8 with its mark, and comes back as such', async () => {
  const diverting = datasets.replace('windows-1252 }', 'windows-1252, on_invalid_rows: divert }');
  project.configure({ datasets: diverting });
  project.drop('w.csv.gz', gzipSync(Buffer.from('id;name\n1;Zo\xeb\nx;J\xf6rg\n', 'latin1')));
  expect((await runCommand(project, ['ingest'])).code).toBe(0);
  const [name = ''] = filesIn(project.failed).filter((file) => file.endsWith('.rejects.csv'));
  const rejects = readFileSync(join(project.failed, name), 'utf8');
  expect(rejects).toContain('\uFEFFid;name;_line');
  expect(rejects).toContain('\nx;Jörg;3;');
  expect(decodedIn()).toBeUndefined();
  project.drop(name, rejects.replace('\nx;', '\n2;'));
  expect((await runCommand(project, ['ingest'])).code).toBe(0);
  expect(await namesIn('windows')).toEqual(['Zoë', 'Jörg']);
});

const packers: [name: string, pack: (content: string) => Uint8Array][] = [
  ['data.csv.gz', gzipSync],
  ['data.csv.zst', (content) => zstd.compress(Buffer.from(content), 3)],
  ['data.csv.zip', (content) => zipArchive([{ name: 'data.csv', content }])],
  ['data.zip', (content) => zipArchive([{ name: 'export.csv', content }])],
];

describe.each(packers)('%s', (file, pack) => {
  test('is loaded once, by what was delivered, and archived as it came', async () => {
    const content = people(1, 1000);
    const packed = pack(content);
    const loadId = loadIdFor('people', file, packed);
    project.drop(file, packed);
    expect(await runCommand(project, ['check', join(project.input, file)])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('1,000 rows for people, delimiter semicolon.') as string,
    });
    expect((await runCommand(project, ['ingest'])).code).toBe(0);
    expect(await receiptsIn(project, 'people')).toMatchObject([
      {
        ...{ loadId, file, rowsRead: 1000, rowsAccepted: 1000, bytes: packed.length },
        sha256: createHash('sha256').update(packed).digest('hex'),
      },
    ]);
    const stem = file.slice(0, file.indexOf('.'));
    const short = shortLoadId(loadId);
    expect(filesIn(join(project.output, 'people'))).toEqual([`${stem}-${short}.parquet`]);
    const archived = `${stem}-${short}${file.slice(stem.length)}`;
    expect(filesIn(join(project.archive, 'people'))).toEqual([archived]);
    expect(readFileSync(join(project.archive, 'people', archived)).equals(packed)).toBe(true);
    const table = await rowsOf('people');
    expect(table['id']).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1));
    await expectNothingLeft(project);
    // The same bytes under the same name are the same load.
    project.drop(file, packed);
    await runCommand(project, ['ingest']);
    expect(project.stepsOf(file)).toContain('skipped');
  });

  test('large enough for pieces gives the Parquet file of the plain text', async () => {
    const content = people(1, 400_000);
    project.drop('plain.csv', content);
    project.drop(file, pack(content));
    expect((await runCommand(project, ['ingest'])).code).toBe(0);
    const [one = '', two = ''] = filesIn(join(project.output, 'people'));
    const read = (name: string) => readWithHyparquet(join(project.output, 'people', name));
    expect(await read(one)).toEqual(await read(two));
    await expectNothingLeft(project);
  });

  test('that is damaged fails as it was delivered, and retry brings the good one through', async () => {
    const packed = pack(people(1, 1000));
    const damaged = packed.subarray(0, packed.length - 5);
    project.drop(file, damaged);
    expect((await runCommand(project, ['ingest'])).code).toBe(1);
    expect(reportOn(file)).toMatchObject({
      ...{ code: 'content_invalid', rowsRead: 0 },
      problems: [{ line: 0, rule: 'container' }],
    });
    expect(readFileSync(join(project.failed, file)).equals(damaged)).toBe(true);
    await expectNothingLeft(project);
    expect((await runCommand(project, ['retry', file])).code).toBe(0);
    expect(filesIn(project.input)).toEqual([file]);
    project.drop(file, packed);
    expect((await runCommand(project, ['ingest'])).code).toBe(0);
    expect(filesIn(join(project.output, 'people'))).toHaveLength(1);
  });
});

test.skipIf(!existsSync(published))(
  'the published file is the same rows, packed or not',
  async () => {
    const content = readFileSync(published);
    project.configure({ datasets: '# the one that is built in' });
    project.drop('student-mat.csv', content);
    project.drop('student-mat.csv.gz', gzipSync(content));
    expect(await runCommand(project, ['ingest'])).toMatchObject({ code: 0, stderr: '' });
    const receipts = await receiptsIn(project, 'student_data');
    expect(receipts.map(({ file }) => file).sort()).toEqual([
      'student-mat.csv',
      'student-mat.csv.gz',
    ]);
    expect(receipts[0]?.rowsAccepted).toBe(receipts[1]?.rowsAccepted);
    const [one = '', two = ''] = filesIn(join(project.output, 'student_data'));
    const read = (name: string) => readWithHyparquet(join(project.output, 'student_data', name));
    expect(await read(one)).toEqual(await read(two));
  },
);

/** A gzip file of so many zeros, a thousandth as large. */
async function gzipOfZeros(bytes: number): Promise<Buffer> {
  const gzip = createGzip({ level: 9 });
  const parts: Buffer[] = [];
  gzip.on('data', (part: Buffer) => parts.push(part));
  const block = Buffer.alloc(8 << 20);
  for (let at = 0; at < bytes; at += block.length) {
    await new Promise((resolve) => gzip.write(block, resolve));
  }
  await new Promise<void>((resolve) => gzip.once('end', resolve).end());
  return Buffer.concat(parts);
}

test('a bomb of a gigabyte ends at its first bytes, and the daemon goes on', async () => {
  project.drop('bomb.csv.gz', await gzipOfZeros(1 << 30));
  await project.start();
  await project.event('failed', 'bomb.csv.gz');
  expect(reportOn('bomb.csv.gz').problems).toMatchObject([{ rule: 'container', line: 0 }]);
  expect(reportOn('bomb.csv.gz').problems[0]?.hint).toContain('convert.unpacked_ratio_max');
  project.drop('a.csv', people(1, 3));
  await project.event('finished', 'a.csv');
  await expectNothingLeft(project);
});

test('what would become larger than the operator allows fails', async () => {
  project.configure({ more: `${quick}\nconvert: { unpacked_bytes_max: 1048576 }` });
  project.drop('a.csv.gz', gzipSync(people(1, 100_000)));
  project.drop('b.csv', people(1, 100_000));
  expect((await runCommand(project, ['ingest'])).code).toBe(1);
  expect(reportOn('a.csv.gz').problems[0]?.hint).toContain('convert.unpacked_bytes_max');
  expect(project.stepsOf('b.csv')).toContain('finished');
});

/** The text of a claim while it is converted. */
function decodedIn(): string | undefined {
  const folders = claimsIn(project).map((name) => join(project.processing, name));
  return folders.map((folder) => join(folder, '.decoded')).find((path) => existsSync(path));
}

test('a kill -9 while a file is unpacked leaves it in its claim, and the next start loads it once', async () => {
  const content = people(1, 3_000_000);
  const packed = gzipSync(content, { level: 1 });
  project.drop('a.csv.gz', packed);
  const daemon = await project.start();
  const path = await until(decodedIn, () => 'Nothing was unpacked.');
  expect(lstatSync(path).mode & 0o777).toBe(0o600);
  expect(await daemon.stop('SIGKILL')).toBe('SIGKILL');
  expect(project.stepsOf('a.csv.gz')).not.toContain('converted');
  await project.start();
  await project.event('finished', 'a.csv.gz');
  expect(await receiptsIn(project, 'people')).toMatchObject([{ rowsAccepted: 3_000_000 }]);
  expect(filesIn(join(project.output, 'people'))).toHaveLength(1);
  await expectNothingLeft(project);
});

const lack = mountMissing();
const testIf = lack === null ? test : test.skip;
testIf(
  `a disk that is full while a file is unpacked: the file waits, leaves it no fuller, and goes on${lack === null ? '' : ` (skipped: ${lack})`}`,
  async () => {
    const disk = new SmallDisk(join(project.root, 'disk'), '24m');
    undo.push(() => {
      disk.unmount();
    });
    const input = join(disk.folder, 'input');
    project.configure({
      datasets: peopleDataset,
      folders: `folders: { input: ${input}, output: ${project.output} }`,
    });
    await project.start();
    writeFileSync(join(disk.folder, 'a.csv.gz'), gzipSync(people(1, 200_000)));
    disk.fill();
    renameSync(join(disk.folder, 'a.csv.gz'), join(input, 'a.csv.gz'));
    const parked = await project.event('parked', 'a.csv.gz');
    expect(parked).toMatchObject({ err: { code: 'disk_full' } });
    const processing = join(input, '.processing');
    const left = readdirSync(processing, { recursive: true, encoding: 'utf8' });
    expect(left.filter((name) => name.endsWith('.decoded'))).toEqual([]);
    disk.free();
    await project.event('finished', 'a.csv.gz');
    expect(await receiptsIn(project, 'people')).toMatchObject([{ rowsAccepted: 200_000 }]);
  },
);

test('infer drafts a schema under which a packed file of another encoding passes', async () => {
  const text = Buffer.from('id;Größe\n1;ä\n2;ö\n', 'latin1');
  project.drop('Orders 2026.csv.gz', gzipSync(text));
  const words = ['infer', join(project.input, 'Orders 2026.csv.gz'), '--write', 'schema'];
  const refused = await runCommand(project, words);
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toContain('encoding: windows-1252');
  const drafted = await runCommand(project, [...words, '--encoding', 'windows-1252']);
  expect(drafted).toMatchObject({ code: 0, stderr: '' });
  const entry = drafted.stdout.slice(drafted.stdout.indexOf('  - name:'));
  expect(entry).toContain('match: "Orders*.csv"\n');
  expect(entry).toContain('encoding: windows-1252\n');
  project.configure({ datasets: `datasets:\n${entry}` });
  const checked = await runCommand(project, ['check', join(project.input, 'Orders 2026.csv.gz')]);
  expect(checked.stdout).toContain('2 rows for orders, delimiter semicolon.');
});
