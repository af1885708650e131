import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Problem, Rule } from '../../../src/core/problem.ts';
import { listProblems } from '../../../src/core/problem-list.ts';
import { schemaChange, type SchemaOfReport } from '../../../src/pipeline/schema-change.ts';
import { readSchema, type Schema } from '../../../src/schema/read-schema.ts';
import { columnOf } from '../../support/loads.ts';

const columns = [
  columnOf('id', 'INTEGER'),
  { ...columnOf('name', 'VARCHAR(20)'), nullable: false },
  columnOf('sold', 'DATE'),
  columnOf('on', 'DECIMAL(10,2)'),
];

function problem(column: string | null, rule: Rule, fits?: string): Problem {
  const base = { line: 2, column, value: 'x', rule, message: '', hint: '' };
  return fits === undefined ? base : { ...base, fits };
}

function changeFor(
  problems: Problem[],
  rowsRead = 100,
  schema: SchemaOfReport = { columns, write: { mode: 'append' } },
): string | null {
  return schemaChange(schema, problems, listProblems(problems).groups, rowsRead);
}

test('a column gets the type that takes all its values, and its other properties stay', () => {
  expect(
    changeFor([problem('id', 'range', 'BIGINT'), problem('id', 'type', 'DECIMAL(11,1)')]),
  ).toBe('id: DECIMAL(20,1)   # was INTEGER');
  expect(changeFor([problem('name', 'length', 'VARCHAR(40)')])).toBe(
    'name: { type: VARCHAR(40), nullable: false }   # was { type: VARCHAR(20), nullable: false }',
  );
  expect(changeFor([problem('name', 'nullable'), problem('name', 'length', 'VARCHAR(40)')])).toBe(
    'name: VARCHAR(40)   # was { type: VARCHAR(20), nullable: false }',
  );
});

test('a column of which one problem would stay is not named', () => {
  expect(changeFor([problem('id', 'range', 'BIGINT'), problem('id', 'type')])).toBeNull();
  expect(changeFor([problem('id', 'encoding')])).toBeNull();
  expect(changeFor([problem(null, 'quote')])).toBeNull();
});

test('a type that does not take what the column took before is proposed only if every row needs it', () => {
  const problems = [problem('sold', 'type', 'DATETIME'), problem('sold', 'type', 'DATETIME(3)')];
  expect(changeFor(problems)).toBeNull();
  expect(changeFor(problems, 2)).toBe('sold: DATETIME(3)   # was DATE');
});

test('columns that a file has besides the schema are new lines, unless some are missing', () => {
  const extra = problem('zip code', 'header_extra_column');
  expect(changeFor([extra])).toBe('"zip code": VARCHAR(255)   # new: choose its type');
  expect(changeFor([extra, problem('id', 'header_missing_column')])).toBeNull();
});

test('a column for which no row has a value is none for the schema', () => {
  const valueless: Problem = { ...problem('note', 'header_extra_column'), valueless: true };
  expect(changeFor([valueless])).toBeNull();
  expect(changeFor([valueless, problem('zip', 'header_extra_column')])).toBe(
    'zip: VARCHAR(255)   # new: choose its type',
  );
});

test('a name that YAML would take for something else is in quotes', () => {
  expect(changeFor([problem('on', 'range', 'DECIMAL(12,2)')])).toBe(
    '"on": DECIMAL(12,2)   # was DECIMAL(10,2)',
  );
});

describe('a column with more than a type', () => {
  const written = `name:
  type: VARCHAR(20)
  required: true
  minLength: 2
  pattern: '[a-z\\d, ]+'
  enum: ['no', n 1, "b: #"]
  unique: true
  default: 'no'
  aliases: [full name, nom]
  description: "Who, said \\"so\\"."
price: { type: 'DECIMAL(10,2)', nullable: false, min: -1.50, decimalChar: ',', groupChar: '.', missingValues: ['-', n/a] }
sold: { type: DATE, required: true, format: '%d.%m.%Y' }
code: { type: INTEGER, max: 5 }
$uniqueKeys: [[sold, code]]
`;
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hopper-schema-change-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function read(text: string): Promise<Schema> {
    const path = join(folder, 'schema.yaml');
    await writeFile(path, text);
    return readSchema(path);
  }

  test('keeps all else, in lines that can be pasted', async () => {
    const schema = await read(written);
    const problems = [
      problem('name', 'length', 'VARCHAR(40)'),
      problem('price', 'nullable'),
      problem('sold', 'nullable'),
    ];
    const lines = changeFor(problems, 100, { ...schema, write: { mode: 'append' } })!;
    const was = lines.replaceAll(/: .* # was /g, ': ');
    const rest = 'code: { type: INTEGER, max: 5 }\n$uniqueKeys: [[sold, code]]\n';
    expect(await read(`${was}\n${rest}`)).toEqual(schema);
    const [name, price, sold, code] = schema.columns;
    expect(await read(`${lines}\n${rest}`)).toEqual({
      ...schema,
      columns: [
        { ...name, type: { ...name!.type, length: 40 } },
        { ...price, nullable: true },
        { ...sold, nullable: true },
        code,
      ],
    });
  });

  test('is not named where its rules would make no sense with another type', async () => {
    const schema = await read(written);
    const problems = [problem('code', 'type', 'VARCHAR(20)')];
    expect(changeFor(problems, 1, { ...schema, write: { mode: 'append' } })).toBeNull();
  });
});

test('a column of a key is not proposed to go without a value', () => {
  const write = { mode: 'upsert', key: ['name'] } as const;
  expect(changeFor([problem('name', 'nullable')], 100, { columns, write })).toBeNull();
});

test('a type with a comma stands in quotes where a comma would end it', () => {
  const price = { ...columnOf('price', 'DECIMAL(10,2)'), nullable: false };
  const schema: SchemaOfReport = { columns: [price], write: { mode: 'append' } };
  expect(changeFor([problem('price', 'range', 'DECIMAL(12,2)')], 100, schema)).toBe(
    "price: { type: 'DECIMAL(12,2)', nullable: false }   # was { type: 'DECIMAL(10,2)', nullable: false }",
  );
});
