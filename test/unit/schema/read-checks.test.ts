import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HopperError } from '../../../src/errors/hopper-error.ts';
import { readSchema } from '../../../src/schema/read-schema.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hopper-checks-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const columns = 'price: DECIMAL(9,2)\npaid: DECIMAL(9,2)\nstate: TEXT\n';

function schemaOf(content: string) {
  const path = join(folder, 'schema.yaml');
  writeFileSync(path, content);
  return readSchema(path);
}

function refusal(content: string): string[] {
  try {
    schemaOf(content);
  } catch (error) {
    if (error instanceof HopperError && error.code === 'schema_invalid') {
      return error.message.replaceAll(join(folder, 'schema.yaml'), '').split('\n');
    }
    throw error;
  }
  throw new Error('The schema was accepted.');
}

test('checks stand among the columns, in short or with their words', () => {
  const { checks, columns: read } = schemaOf(`${columns}
$checks:
  - paid <= price
  - name: settled
    check: >
      state <> 'settled'
      or paid = price
    message: A settled order is not paid in full.
    hint: Ask accounting.
`);
  expect(read.map(({ name }) => name)).toEqual(['price', 'paid', 'state']);
  expect(checks).toEqual([
    { expression: 'paid <= price', name: null, message: null, hint: null },
    {
      expression: "state <> 'settled' or paid = price",
      name: 'settled',
      message: 'A settled order is not paid in full.',
      hint: 'Ask accounting.',
    },
  ]);
});

test('a schema without checks has none, also one with a column of that name', () => {
  expect(schemaOf(columns).checks).toEqual([]);
  const { columns: read, checks } = schemaOf('$checks: INTEGER\nchecks: { type: TEXT }\n');
  expect(read.map(({ name }) => name)).toEqual(['$checks', 'checks']);
  expect(checks).toEqual([]);
  expect(schemaOf('$checks: { type: TEXT }').columns[0]?.name).toBe('$checks');
});

test('a mistake is told with file, line, key and place', () => {
  const list = (...items: string[]): string => `${columns}$checks:\n${items.join('\n')}\n`;
  expect(refusal(list('  - paid <= price', '  - check: payed <= price', '    name: x'))).toEqual([
    ':6: $checks[1].check: no column is called "payed"; did you mean paid? (at character 1)',
  ]);
  expect(refusal(list('  - paid <= '))).toEqual([
    ':5: $checks[0]: expected a column or a value, found nothing (at character 8)',
  ]);
  expect(refusal(list('  - { chek: paid > 0 }'))).toEqual([
    ':5: $checks[0].chek: unknown key "chek": the keys are check, name, message, hint',
    ':5: $checks[0]: the key check is missing: the condition that each row has to fulfil',
  ]);
  expect(
    refusal(list('  - { check: paid > 0, name: a }', '  - { check: paid < 9, name: a }')),
  ).toEqual([':6: $checks[1].name: another check has this name']);
  expect(refusal(list('  - { check: paid > 0, message: "a\\nb" }'))).toEqual([
    ':5: $checks[0].message: must be text of one line and at most 500 characters',
  ]);
  expect(refusal(list('  - [paid > 0]'))[0]).toContain('must be a condition such as');
  for (const value of ['{ check: paid > 0 }', '[]', '']) {
    expect(refusal(`${columns}$checks: ${value}\n`)[0]).toContain(':4: $checks must be a list');
  }
});

test('columns with mistakes are told of first', () => {
  expect(refusal('paid: NUMBERS\n$checks:\n  - paid > 0\n')).toHaveLength(1);
});

test('unique keys are columns, and lists of them', () => {
  const { uniqueKeys } = schemaOf(`id: { type: BIGINT, unique: true }
${columns}n: { type: INTEGER, unique: false }
$uniqueKeys:
  - [State, price]
`);
  expect(uniqueKeys).toEqual([['id'], ['state', 'price']]);
  expect(schemaOf(columns).uniqueKeys).toEqual([]);
});

test.each([
  ['a: { type: TEXT, unique: 1 }', ':1: a: unique must be true or false'],
  ['a: { type: JSON, unique: true }', ':1: a: unique has no meaning for the type JSON'],
  ['a: TEXT\n$uniqueKeys:\n - [b]', ':3: $uniqueKeys[0]: no column is called "b"'],
  [
    'a: TEXT\n$uniqueKeys: [a]',
    ':2: $uniqueKeys[0]: must be a list of different columns, such as [order, line]',
  ],
  [
    'a: TEXT\n$uniqueKeys: [[a, A]]',
    ':2: $uniqueKeys[0]: must be a list of different columns, such as [order, line]',
  ],
  [
    'a: TEXT\n$uniqueKeys: { x: y }',
    ':2: $uniqueKeys: must be a list of lists of columns, such as `- [order, line]`',
  ],
  [
    `a: TEXT\n$uniqueKeys: [${Array(9).fill('[a]').join()}]`,
    ':2: $uniqueKeys: a schema has at most 8 unique keys',
  ],
])('a key that makes no sense is refused: %s', (content, problem) => {
  expect(refusal(`${content}\n`)).toEqual([problem]);
});
