import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parseQuestion, readQuestions } from '../../../src/query/saved-questions.ts';

const folder = mkdtempSync(join(tmpdir(), 'hopper-saved-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('the comment at the beginning is title, notes and plot', () => {
  const text =
    '\uFEFF-- Which is it, of\n-- two? It is\n--   one.\n-- plot: bar x=a y=b facet=c\nSELECT 1 -- not this?\n';
  expect(parseQuestion('q', text)).toEqual({
    ...{ name: 'q', title: 'Which is it, of two?', notes: 'It is one.' },
    sql: text.slice(1).trim(),
    plot: { kind: 'bar', x: 'a', y: 'b', facet: 'c' },
  });
});

test.each([
  ['SELECT 1', 'q', null],
  ['-- No stop\nSELECT 1', 'No stop', null],
  ['-- T.\n-- plot: tiles x=a\nSELECT 1', 'T.', { kind: 'tiles', x: 'a', y: null, facet: null }],
  ['-- T.\n-- plot: bar x=a\nSELECT 1', 'T.', null],
  ['-- T.\n-- plot: pie x=a y=b\nSELECT 1', 'T.', null],
])('%j', (text, title, plot) => {
  expect(parseQuestion('q', text)).toMatchObject({ title, plot });
});

test('of a folder the files with SQL are questions, sorted; a folder that is not there has none', async () => {
  mkdirSync(join(folder, 'folder.sql'));
  writeFileSync(join(folder, 'b.sql'), 'SELECT 2');
  writeFileSync(join(folder, 'a.sql'), 'SELECT 1');
  writeFileSync(join(folder, '.hidden.sql'), 'SELECT 3');
  writeFileSync(join(folder, 'note.txt'), 'no question');
  writeFileSync(join(folder, 'large.sql'), ' '.repeat(65 * 1024));
  expect((await readQuestions(folder)).map(({ name }) => name)).toEqual(['a', 'b']);
  expect(await readQuestions(join(folder, 'nowhere'))).toEqual([]);
});
