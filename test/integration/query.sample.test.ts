import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const script = join(import.meta.dirname, '../../scripts/sample.mjs');
const published = join(
  import.meta.dirname,
  '../../../shared/data/uci-student-performance/student-mat.csv',
);
const header =
  'school;sex;age;address;famsize;Pstatus;Medu;Fedu;Mjob;Fjob;reason;guardian;traveltime;studytime;failures;' +
  'schoolsup;famsup;paid;activities;nursery;higher;internet;romantic;famrel;freetime;goout;Dalc;Walc;health;' +
  'absences;G1;G2;G3';
/** Which of the 33 columns are text, which quoted numbers, and the largest number of the others. */
const shape = header.split(';').map((name) => {
  if (['G1', 'G2'].includes(name)) return /^"(1?\d|20)"$/;
  if (name === 'G3') return /^(1?\d|20)$/;
  if (name === 'age') return /^(1[5-9]|2[0-2])$/;
  if (name === 'absences') return /^([0-8]?\d|9[0-3])$/;
  if (['Medu', 'Fedu'].includes(name)) return /^[0-4]$/;
  if (name === 'failures') return /^[0-3]$/;
  if (['traveltime', 'studytime'].includes(name)) return /^[1-4]$/;
  if (['famrel', 'freetime', 'goout', 'Dalc', 'Walc', 'health'].includes(name)) return /^[1-5]$/;
  return /^"[A-Za-z_0-9]+"$/;
});

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hopper-sample-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function sample(
  ...args: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [script, ...args]);
    return { code: 0, stdout, stderr };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}

async function lines(name: string): Promise<string[]> {
  const text = await readFile(join(folder, name), 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  return text.trimEnd().split('\n');
}

test('three files of 395 rows have the shape of the published file', async () => {
  expect((await sample('--out', folder)).code).toBe(0);
  expect((await readdir(folder)).sort()).toEqual(['sample-1.csv', 'sample-2.csv', 'sample-3.csv']);
  const [first, ...rows] = await lines('sample-1.csv');
  expect(first).toBe(header);
  expect(rows).toHaveLength(395);
  for (const row of rows) {
    const cells = row.split(';');
    expect(cells).toHaveLength(33);
    for (const [i, pattern] of shape.entries()) expect(cells[i]).toMatch(pattern);
  }
});

test('a seed gives the same bytes each time; another seed, and each file, gives other rows', async () => {
  const make = async (seed: string): Promise<string[][]> => {
    await sample('--out', folder, '--seed', seed, '--files', '2', '--rows', '20');
    return [(await lines('sample-1.csv')).slice(1), (await lines('sample-2.csv')).slice(1)];
  };
  const first = await make('7');
  expect(await make('7')).toEqual(first);
  const rows = [...first.flat(), ...(await make('8')).flat()];
  expect(new Set(rows).size).toBe(rows.length);
});

test('--bad adds one file with a 34th name in its header and one with a word for an age', async () => {
  await sample('--out', folder, '--bad', '--files', '0', '--rows', '10');
  expect((await readdir(folder)).sort()).toEqual(['sample-bad-header.csv', 'sample-bad-value.csv']);
  const [first = '', ...rows] = await lines('sample-bad-header.csv');
  expect(first.split(';')).toHaveLength(34);
  expect(rows.every((row) => row.split(';').length === 33)).toBe(true);
  const ages = (await lines('sample-bad-value.csv')).slice(1).map((row) => row.split(';')[2]);
  expect(ages.filter((age) => !/^\d+$/.test(age ?? ''))).toEqual(['"seventeen"']);
});

test.each([
  [['--out', 'no/such/folder'], 'There is no folder no/such/folder. Create it'],
  [['--rows', '1.5'], '--rows takes a whole number'],
  [['--files', '-1'], '--files'],
  [['--nix'], "Unknown option '--nix'"],
])('%j is a usage error that says what to do', async (args, message) => {
  const { code, stderr, stdout } = await sample(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
  expect(await readdir(folder)).toEqual([]);
});

test('--help names every option', async () => {
  const { code, stdout } = await sample('--help');
  expect(code).toBe(0);
  for (const option of ['files', 'rows', 'seed', 'out', 'bad'])
    expect(stdout).toContain(`--${option}`);
});

describe.skipIf(!existsSync(published))('beside the published data (student-mat.csv)', () => {
  test('the header is the same, and no row is copied', async () => {
    const [first, ...rows] = (await readFile(published, 'utf8')).trimEnd().split(/\r?\n/);
    expect(first).toBe(header);
    await sample('--out', folder, '--files', '1', '--rows', '20000');
    const copied = new Set(rows);
    expect((await lines('sample-1.csv')).filter((row) => copied.has(row))).toEqual([]);
  });
});
