import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HopperError } from '../../../src/errors/hopper-error.ts';
import { readSchema } from '../../../src/schema/read-schema.ts';
import { readTable } from '../../../src/schema/read-table.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hopper-schema-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(content: string): string {
  const path = join(folder, 'schema.yaml');
  writeFileSync(path, content);
  return path;
}

function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof HopperError && error.code === 'schema_invalid') return error.message;
    throw error;
  }
  throw new Error('The schema was accepted.');
}

const columnsOf = (content: string) => readSchema(file(content)).columns;
const two = 'id: INTEGER\nword: {type: VARCHAR(5), nullable: false}\n';

describe('columns', () => {
  test('are a type, or a type that says whether it may be null', () => {
    const columns = columnsOf(two);
    expect(columns.map(({ name, nullable }) => [name, nullable])).toEqual([
      ['id', true],
      ['word', false],
    ]);
    expect(columns[1]?.type).toMatchObject({ name: 'VARCHAR', length: 5 });
  });

  test('keep the order of the file, and their names are trimmed and lower-cased', () => {
    const columns = columnsOf('" G3 ": Integer\n2020: Integer\nAge: Integer\n');
    expect(columns.map(({ name }) => name)).toEqual(['g3', '2020', 'age']);
  });

  test.each([
    [
      'an unknown key',
      'a: {type: TEXT, minimum: 3}',
      /:1: a: unknown key "minimum": the keys are type, nullable, required, /,
    ],
    ['no type', 'a: INTEGER\nb:', /:2: b: the type is missing$/],
    [
      'an unknown type',
      'a: INTEGER\nb: VARCHAR2(3)',
      /:2: b: unknown type "VARCHAR2": did you mean VARCHAR/,
    ],
    ['a word for nullable', 'a: {type: TEXT, nullable: no}', /nullable must be true or false$/],
    [
      'two names that differ in case only',
      'age: INTEGER\nAge: INTEGER',
      /:2: age: the column is there twice/,
    ],
    ['an empty name', '" ": INTEGER', /:1: : a column must have a name$/],
    ['our own column', '_LOAD_ID: INTEGER', /:1: _load_id: _load_id is the name of the column/],
    ['a name that is too long', `${'a'.repeat(65)}: INTEGER`, /at most 64 characters$/],
    ['a control character', '"a\\e": INTEGER', /:1: a\\u001b: a column name must not hold control/],
    ['a list', '- a\n- b', /:1: the file must map each column to its type/],
    ['nothing', '# empty', /:1: the file must map/],
    ['no column', '{}', /:1: the file must name at least one column$/],
  ])('%s is refused with its line', (_, content, message) => {
    expect(refusal(() => columnsOf(content))).toMatch(message);
  });

  test('all mistakes are listed at once', () => {
    expect(refusal(() => columnsOf('a: X\nb: Y\n')).split('\n')).toHaveLength(2);
  });
});

describe('the table', () => {
  const columns = () => columnsOf(two);
  const tableOf = (content: string, dataset = 'words') => {
    const schema = columns();
    return readTable(file(content), dataset, schema);
  };

  test('has the columns in the order of the schema, and is as nullable where it does not say', () => {
    const text =
      'words:\n  - {name: Word, type: String(9)}\n  - {name: id, type: bigint, nullable: false}\n';
    expect(tableOf(text)).toEqual({
      name: 'words',
      columns: [
        { name: 'id', mysqlType: 'bigint', nullable: false },
        { name: 'word', mysqlType: 'varchar(9)', nullable: false },
      ],
    });
  });

  const both = '[{name: id, type: int}, {name: word, type: text}]';

  test('is the one of the dataset among several, or else the only one', () => {
    expect(tableOf(`other: [{name: x, type: int}]\nwords: ${both}\n`).name).toBe('words');
    expect(tableOf(`students: ${both}\n`).name).toBe('students');
  });

  test('is derived from the schema where the file has none for the dataset', () => {
    const derived = {
      name: 'words',
      columns: [
        { name: 'id', mysqlType: 'int', nullable: true },
        { name: 'word', mysqlType: 'varchar(5)', nullable: false },
      ],
    };
    expect(tableOf(`a: ${both}\nb: ${both}\n`)).toEqual(derived);
    expect(tableOf('# nothing\n')).toEqual(derived);
  });

  test.each([
    [
      'a missing column',
      'words:\n  - {name: id, type: int}',
      /:1: words: the column word of the schema of the dataset is missing$/,
    ],
    [
      'an extra column',
      `words:\n  - {name: id, type: int}\n  - {name: word, type: text}\n  - {name: x, type: int}`,
      /:4: words: the schema of the dataset has no column "x"$/,
    ],
    [
      'a column twice',
      'words:\n  - {name: id, type: int}\n  - {name: ID, type: int}',
      /:3: words\[1\]: id is there twice$/,
    ],
    [
      'an unknown type',
      'words:\n  - {name: id, type: itn}',
      /:2: words\[0\]: unknown type "itn": did you mean INT/,
    ],
    [
      'an unknown key',
      'words:\n  - {name: id, type: int, primary_key: true}',
      /:2: words\[0\]: unknown key "primary_key"/,
    ],
    ['no name', 'words: [{type: int}]', /:1: words\[0\]: the name is missing$/],
    ['a mapping for a list', 'words: {id: int}', /:1: words must be a list of/],
    ['a table name with a quote', '"a`b": []', /:1: a table name must be/],
  ])('%s is refused with its line', (_, content, message) => {
    expect(refusal(() => tableOf(content))).toMatch(message);
  });
});
