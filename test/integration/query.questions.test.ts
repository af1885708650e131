import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ParquetDatabase } from '../../src/query/parquet-database.ts';
import type { Dataset } from '../../src/schema/dataset.ts';
import { describeWithMariadb, startMariadb, type Mariadb } from '../support/mariadb.ts';
import {
  columns,
  expectedFor,
  numbers,
  oracle,
  texts,
  type Answer,
  type Student,
} from '../support/student-oracle.ts';

const root = join(import.meta.dirname, '../..');
const published = join(root, '../shared/data/uci-student-performance/student-mat.csv');

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

/** Half of the tables' groups tie, are empty, have one member, or hold nulls. */
const anyStudents = fc.array(
  fc.record<Student>({
    sex: fc.constantFrom('f', 'm', null),
    address: fc.constantFrom('u', 'r'),
    famsize: fc.constantFrom('gt3', 'le3', null),
    pstatus: fc.constantFrom('a', 't', null),
    mjob: fc.constantFrom('at_home', 'health', 'other', null),
    fjob: fc.constantFrom('at_home', 'health', 'other', 'services', null),
    age: fc.integer({ min: 18, max: 21 }),
    traveltime: fc.constantFrom(1, 2, 3, null),
    failures: fc.constantFrom(0, 1, 2, null),
    famrel: fc.constantFrom(1, 2, 3, 4, null),
    absences: fc.option(fc.nat({ max: 93 })),
  }),
  { minLength: 1, maxLength: 40 },
);

/** Reads a file of the published shape, cleaned as the shipped configuration does. */
function readStudents(file: string): Student[] {
  const [header, ...rows] = readFileSync(file, 'utf8')
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => line.toLowerCase().replaceAll('"', '').split(';'));
  const numeric: readonly string[] = numbers;
  return rows.map((row) => {
    const cell = (name: string): string => row[header?.indexOf(name) ?? -1] ?? '';
    const entries = columns.map((name) => [
      name,
      numeric.includes(name) ? Number(cell(name)) : cell(name),
    ]);
    return Object.fromEntries(entries) as Student;
  });
}

async function sampleStudents(): Promise<Student[]> {
  const folder = await mkdtemp(join(tmpdir(), 'hopper-questions-'));
  try {
    const args = ['scripts/sample.mjs', '--out', folder, '--files', '1'];
    await promisify(execFile)(process.execPath, args, { cwd: root });
    return readStudents(join(folder, 'sample-1.csv'));
  } finally {
    await rm(folder, { recursive: true });
  }
}

function valuesSql(students: Student[]): string {
  const literal = (value: string | number | null): string =>
    typeof value === 'string' ? `'${value}'` : String(value);
  return students.map((s) => `(${columns.map((name) => literal(s[name])).join(', ')})`).join(', ');
}

function queryText(file: string): string {
  return readFileSync(join(root, 'queries', file), 'utf8');
}

/** Servers give counts as numbers or bigints, and decimals as text. */
function plain(rows: Iterable<Iterable<unknown>>): Answer {
  return [...rows].map((row) =>
    [...row].map((value) =>
      typeof value === 'bigint' || /^\d+(\.\d+)?$/.test(String(value))
        ? Number(value)
        : String(value),
    ),
  );
}

test('every file in queries/ is under test, and begins with its question', async () => {
  const files = (await readdir(join(root, 'queries'))).filter((name) => name.endsWith('.sql'));
  expect(files.sort()).toEqual(Object.keys(oracle));
  for (const file of files) expect(queryText(file)).toMatch(/^-- (Which|What) .*\?\n/s);
});

describe('on the Parquet files', () => {
  let output: string;
  let instance: DuckDBInstance;
  let maker: DuckDBConnection;
  let database: ParquetDatabase;

  beforeAll(async () => {
    output = await mkdtemp(join(tmpdir(), 'hopper-questions-'));
    await mkdir(join(output, 'student_data'));
    instance = await DuckDBInstance.create(':memory:');
    maker = await instance.connect();
    database = await ParquetDatabase.open({ outputFolder: output, datasets: [studentData] });
  });

  afterAll(async () => {
    database.close();
    maker.closeSync();
    instance.closeSync();
    await rm(output, { recursive: true });
  });

  async function answers(students: Student[]): Promise<Record<string, Answer>> {
    const table = `(VALUES ${valuesSql(students)}) t(${columns.join(', ')})`;
    const typed = columns.map(
      (name, i) => `${name}::${i < texts.length ? 'VARCHAR' : 'INTEGER'} AS ${name}`,
    );
    const file = join(output, 'student_data', 'a.parquet');
    await maker.run(
      `COPY (SELECT ${typed.join(', ')} FROM ${table}) TO '${file}' (FORMAT parquet)`,
    );
    const results: Record<string, Answer> = {};
    for (const name of Object.keys(oracle)) {
      results[name] = plain((await database.query(queryText(name))).rows);
    }
    return results;
  }

  test('any small table, with ties, nulls and empty groups, gives the answers of plain JavaScript', async () => {
    await fc.assert(
      fc.asyncProperty(anyStudents, async (students) => {
        expect(await answers(students)).toEqual(expectedFor(students));
      }),
      { numRuns: 40 },
    );
  });

  test('sample data gives the answers of plain JavaScript', async () => {
    const students = await sampleStudents();
    expect(await answers(students)).toEqual(expectedFor(students));
  });

  test.skipIf(!existsSync(published))(
    'the published data (student-mat.csv) gives the known answers',
    async () => {
      expect(await answers(readStudents(published))).toEqual(publishedAnswers);
    },
  );
});

describeWithMariadb('on the database', () => {
  let server: Mariadb;

  beforeAll(async () => {
    server = await startMariadb();
    // Both servers' default modes, and the strictest reading of GROUP BY, which only MySQL has by default.
    await server.query(
      `SET GLOBAL sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO'`,
    );
  });

  afterAll(async () => {
    await server.stop();
  });

  async function answers(students: Student[]): Promise<Record<string, Answer>> {
    const typed = columns.map((name, i) => `${name} ${i < texts.length ? 'varchar(20)' : 'int'}`);
    await server.query('DROP TABLE IF EXISTS student_data');
    await server.query(`CREATE TABLE student_data (${typed.join(', ')})`);
    await server.query(`INSERT INTO student_data VALUES ${valuesSql(students)}`);
    const results: Record<string, Answer> = {};
    for (const name of Object.keys(oracle)) {
      results[name] = plain((await server.query(queryText(name))).map((row) => Object.values(row)));
    }
    return results;
  }

  test('any small table, with ties, nulls and empty groups, gives the answers of plain JavaScript', async () => {
    await fc.assert(
      fc.asyncProperty(anyStudents, async (students) => {
        expect(await answers(students)).toEqual(expectedFor(students));
      }),
      { numRuns: 10 },
    );
  });

  test('sample data gives the answers of plain JavaScript', async () => {
    const students = await sampleStudents();
    expect(await answers(students)).toEqual(expectedFor(students));
  });

  test.skipIf(!existsSync(published))(
    'the published data (student-mat.csv) gives the known answers',
    async () => {
      expect(await answers(readStudents(published))).toEqual(publishedAnswers);
    },
  );
});

const studentData: Dataset = {
  name: 'student_data',
  match: '*.csv',
  columns: columns.map((name, i) => ({
    name,
    type: {
      name: i < texts.length ? 'VARCHAR' : 'INTEGER',
      length: 20,
      precision: 0,
      scale: 0,
      fraction: 0,
    },
    nullable: true,
  })),
  table: { name: 'student_data', columns: [] },
  clean: {
    trim: true,
    lowercaseValues: true,
    nullWords: [],
    nullRows: 'drop_any',
    duplicateRows: 'drop',
  },
  dialect: null,
  write: { mode: 'append' },
  redrop: 'skip',
  encoding: 'utf-8',
  diversion: null,
  schemaFingerprint: '',
};
