import { expect, test } from 'vitest';
import type { Problem, Rule } from '../../../src/core/problem.ts';
import { listProblems } from '../../../src/core/problem-list.ts';
import { schemaChange } from '../../../src/pipeline/schema-change.ts';
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

function changeFor(problems: Problem[], rowsRead = 100): string | null {
  return schemaChange(columns, problems, listProblems(problems).groups, rowsRead);
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

test('a name that YAML would take for something else is in quotes', () => {
  expect(changeFor([problem('on', 'range', 'DECIMAL(12,2)')])).toBe(
    '"on": DECIMAL(12,2)   # was DECIMAL(10,2)',
  );
});
