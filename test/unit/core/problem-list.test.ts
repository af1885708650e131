import { expect, test } from 'vitest';
import type { Problem, Rule } from '../../../src/core/problem.ts';
import { ProblemList } from '../../../src/core/problem-list.ts';

function problemOn(line: number, rule: Rule = 'quote', column: string | null = null): Problem {
  return { line, column, value: null, rule, message: '', hint: '' };
}

function groupsOf(list: ProblemList): unknown[] {
  return list
    .found()
    .groups.map(({ rule, column, count, first }) => [rule, column, count, first.line]);
}

test('all problems are counted and the first are kept', () => {
  const list = new ProblemList(2);
  list.add(problemOn(1));
  expect(list.wants('quote', null)).toBe(true);
  list.add(problemOn(2));
  expect(list.wants('quote', null)).toBe(false);
  list.add(problemOn(3));
  list.count('quote', null);
  expect(list.found()).toMatchObject({ problems: [{ line: 1 }, { line: 2 }], problemsTotal: 4 });
});

test('problems are counted by rule and column, and the first of a kind is wanted behind the end of the list', () => {
  const list = new ProblemList(1);
  list.add(problemOn(1, 'type', 'age'));
  for (let i = 0; i < 5; i++) list.count('type', 'age');
  expect(list.wants('range', 'age')).toBe(true);
  list.add(problemOn(7, 'range', 'age'));
  list.count('range', 'age');
  list.add(problemOn(8, 'type', 'name'));
  expect(list.wants('type', 'name')).toBe(false);
  expect(groupsOf(list)).toEqual([
    ['type', 'age', 6, 1],
    ['range', 'age', 2, 7],
    ['type', 'name', 1, 8],
  ]);
  expect(list.found()).toMatchObject({ problems: [{ line: 1 }], problemsTotal: 9 });
});

test('the parts of a file add up, with the lines that they have in it', () => {
  const parts = [1, 2].map((part) => {
    const list = new ProblemList(2);
    list.add(problemOn(part, 'type', 'age'));
    list.add(problemOn(part + 1, 'quote'));
    list.count('type', 'age');
    return list.found();
  });
  const list = new ProblemList(3);
  for (const [i, found] of parts.entries()) list.append(found, 100 * i);
  expect(list.found().problems.map(({ line }) => line)).toEqual([1, 2, 102]);
  expect(list.total).toBe(6);
  expect(groupsOf(list)).toEqual([
    ['type', 'age', 4, 1],
    ['quote', null, 2, 2],
  ]);
});

test('the names of a header that are at fault are one kind of problem', () => {
  const list = new ProblemList(9);
  list.add(problemOn(1, 'header_missing_column', 'a'));
  list.add(problemOn(1, 'header_missing_column', 'b'));
  expect(groupsOf(list)).toEqual([['header_missing_column', null, 2, 1]]);
});

test('a file of very many kinds of problems does not make very many groups', () => {
  const list = new ProblemList(9);
  for (let i = 0; i < 3000; i++) list.add(problemOn(i, 'type', `c${i}`));
  expect(list.wants('type', 'another')).toBe(false);
  const { groups, problemsTotal } = list.found();
  expect({ groups: groups.length, problemsTotal }).toEqual({ groups: 1000, problemsTotal: 3000 });
});
