import { describe, expect, test } from 'vitest';
import { firstLineHint, looksLikeUtf16, meantNames } from '../../../src/csv/header-hint.ts';

describe('names of a header', () => {
  test('are held to mean the nearest of those that are missing', () => {
    const meant = meantNames(
      ['mother job', 'famsise', 'e-mail', 'zip'],
      ['mother_job', 'famsize', 'email', 'birthday'],
    );
    expect([...meant]).toEqual([
      ['mother job', 'mother_job'],
      ['famsise', 'famsize'],
      ['e-mail', 'email'],
    ]);
  });

  test('never mean the same one', () => {
    expect([...meantNames(['name1', 'name2'], ['name'])]).toEqual([['name1', 'name']]);
  });

  test('by the hundred thousand take no time', () => {
    const names = Array.from({ length: 100_000 }, (_, i) => `column ${i}`);
    expect(meantNames(names, names).size).toBe(200);
  });
});

describe('a first line that names no column', () => {
  const columns = ['id', 'name', 'sold'];
  const under = (line: string): string | null =>
    firstLineHint(
      [',', ';'].map((delimiter) => ({ names: line.split(delimiter), delimiter })),
      columns,
    );

  test('with numbers or dates looks like data, and the header is shown as it might be', () => {
    expect(under('1;ada;2025-01-31')).toContain('such as id;name;sold if they are in the order');
    expect(under('ada,31.12.2025')).toMatch(/looks like data.*above it\.$/);
  });

  test('may be the separator line of Excel', () => {
    expect(under('sep=;')).toContain('"sep=" line of Excel');
  });

  test('of one value looks like a title', () => {
    expect(under('report of the students')).toContain('a title above the header');
  });

  test('of other names is not guessed at', () => {
    expect(under('nummer;vorname;datum')).toBeNull();
    expect(firstLineHint([], columns)).toBeNull();
  });
});

test('text in UTF-16 is told from a single NUL byte and from binary', () => {
  expect(looksLikeUtf16(Buffer.from('id;name\n1;Ada\n', 'utf16le'))).toBe(true);
  expect(looksLikeUtf16(Buffer.from('id;name\n1;A\0da\n'))).toBe(false);
  expect(looksLikeUtf16(Buffer.alloc(100))).toBe(false);
  expect(looksLikeUtf16(Buffer.alloc(0))).toBe(false);
});
