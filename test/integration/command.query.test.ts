import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand, snapshot } from '../support/command-run.ts';
import { repository } from '../support/hopper-process.ts';
import { HopperProject } from '../support/hopper-project.ts';
import {
  type Answer,
  expectedFor,
  type Student,
  texts,
  numbers,
} from '../support/student-oracle.ts';

const questions = readdirSync(join(repository, 'queries')).filter((name) => name.endsWith('.sql'));
const published = join(repository, '../shared/data/uci-student-performance/student-mat.csv');

/** The answers for the published data, computed without this project. */
const publishedAnswers: Record<string, Answer> = {
  '1-mothers-jobs.sql': [['at_home'], ['health'], ['other'], ['services'], ['teacher']],
  '2-travel-time.sql': [[1, 35]],
  '3-fathers-jobs.sql': [
    ['apart', 1, 'other', 23],
    ['apart', 2, 'services', 7],
    ['apart', 3, 'teacher', 5],
    ['together', 1, 'other', 194],
    ['together', 2, 'services', 104],
    ['together', 3, 'teacher', 24],
  ],
  '4-class-failures.sql': [
    ['gt3', 0, 222],
    ['le3', 0, 90],
  ],
  '5a-median-absences-by-sex.sql': [
    ['f', 3.5],
    ['m', 4],
  ],
  '5b-median-absences-by-sex-and-famrel.sql': [
    ['f', 1, 10],
    ['f', 2, 5],
    ['f', 3, 3],
    ['m', 1, 5],
    ['m', 2, 7],
    ['m', 3, 4],
  ],
};

/** The rows of CSV files of the published shape, cleaned as the shipped configuration does. */
function readStudents(files: readonly string[]): Student[] {
  const lines = files.flatMap((file) => {
    const [header = '', ...rows] = readFileSync(file, 'utf8').trimEnd().split(/\r?\n/);
    const names = header.toLowerCase().split(';');
    return [...new Set(rows)].map((row) => {
      const cells = row.toLowerCase().replaceAll('"', '').split(';');
      return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']));
    });
  });
  return lines.map((line) => {
    const strings = texts.map((name) => [name, line[name]]);
    return Object.fromEntries([
      ...strings,
      ...numbers.map((name) => [name, Number(line[name])]),
    ]) as Student;
  });
}

async function ask(project: HopperProject, question: string): Promise<Answer> {
  const file = join(repository, 'queries', question);
  const { code, stdout, stderr } = await runCommand(project, [
    'query',
    '--format',
    'json',
    '--file',
    file,
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const rows = JSON.parse(stdout) as Record<string, string | number>[];
  return rows.map((row) => Object.values(row));
}

describe('over sample data', () => {
  let project: HopperProject;
  let expected: Record<string, Answer>;

  beforeAll(async () => {
    project = new HopperProject();
    const script = join(repository, 'scripts/sample.mjs');
    execFileSync(process.execPath, [script, '--out', project.input, '--rows', '300'], {
      stdio: 'ignore',
    });
    const files = readdirSync(project.input).filter((name) => name.endsWith('.csv'));
    expected = expectedFor(readStudents(files.map((name) => join(project.input, name))));
    const { code, stdout } = await runCommand(project, ['ingest']);
    expect({ code, said: stdout.trimEnd().split('\n').at(-1) }).toEqual({
      code: 0,
      said: '3 finished',
    });
  });
  afterAll(() => project.remove());

  test.each(questions)('%s gives what plain counting gives', async (question) => {
    expect(await ask(project, question)).toEqual(expected[question]);
  });

  test('a table is aligned and counted, and nothing is written', async () => {
    const before = snapshot(project.root);
    const sql = "SELECT 'a' AS text, 12 AS n UNION ALL SELECT 'bcdef', 3 ORDER BY 1";
    const { code, stdout, stderr } = await runCommand(project, ['query', sql]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe('text    n\n-----  --\na      12\nbcdef   3\n(2 rows)\n');
    expect(snapshot(project.root)).toEqual(before);
  });

  test('csv and json hold the same rows', async () => {
    const sql = 'SELECT school, COUNT(*) AS n FROM student_data GROUP BY school ORDER BY school';
    const csv = await runCommand(project, ['query', '--format', 'csv', sql]);
    const json = await runCommand(project, ['query', '--format', 'json', sql]);
    const rows = JSON.parse(json.stdout) as { school: string; n: number }[];
    expect(rows.map(({ n }) => n).reduce((sum, n) => sum + n)).toBe(900);
    const lines = rows.map(({ school, n }) => `${school},${n}\r\n`);
    expect(csv.stdout).toBe(`school,n\r\n${lines.join('')}`);
  });

  test('a file with the byte order mark of Windows editors is SQL', async () => {
    const file = join(project.root, 'q.sql');
    writeFileSync(file, '\uFEFFSELECT 1 AS one;\r\n');
    const { code, stdout } = await runCommand(project, ['query', '--file', file]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'one\n---\n  1\n(1 row)\n' });
  });

  test.each([
    [[], 'query takes either SQL or --file.'],
    [['SELECT 1', '--file', 'q.sql'], 'query takes either SQL or --file.'],
    [['--file', 'none.sql'], 'The file none.sql cannot be read: ENOENT.'],
    [['--file', 'config'], 'The file config cannot be read: EISDIR.'],
    [['SELEC 1'], 'syntax error at or near "SELEC" (line 1, column 1)'],
    [['SELECT agee FROM student_data'], 'Candidate bindings'],
    [['SELECT 1 FROM students'], 'the tables are: student_data.'],
    [['DELETE FROM student_data'], 'only SELECT, SHOW, DESCRIBE and SUMMARIZE are allowed'],
    [[''], 'The query is empty.'],
  ])('%j is refused with the reason: exit code 2', async (words, message) => {
    const { code, stdout, stderr } = await runCommand(project, ['query', ...words]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});

describe('without data', () => {
  let project: HopperProject;
  beforeAll(() => {
    project = new HopperProject();
  });
  afterAll(() => project.remove());

  test('a dataset that has no file yet has no rows', async () => {
    const sql = 'SELECT school, age FROM student_data';
    const { code, stdout } = await runCommand(project, ['query', sql]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'school  age\n------  ---\n(0 rows)\n' });
    const json = await runCommand(project, ['query', '--format', 'json', sql]);
    expect(JSON.parse(json.stdout)).toEqual([]);
  });

  test('a Parquet file that is none fails: exit code 1, and the file is named', async () => {
    const folder = join(project.output, 'student_data');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'torn.parquet'), 'PAR1');
    const { code, stderr } = await runCommand(project, ['query', 'SELECT 1 FROM student_data']);
    expect(code).toBe(1);
    expect(stderr).toContain('torn.parquet');
  });
});

describe.skipIf(!existsSync(published))('over the published data (student-mat.csv)', () => {
  let project: HopperProject;

  beforeAll(async () => {
    project = new HopperProject();
    const { code } = await runCommand(project, ['ingest', published]);
    expect(code).toBe(0);
  });
  afterAll(() => project.remove());

  test.each(questions)('%s gives the right answer', async (question) => {
    expect(await ask(project, question)).toEqual(publishedAnswers[question]);
  });
});
