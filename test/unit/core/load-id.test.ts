import { expect, test } from 'vitest';
import { loadIdOf } from '../../../src/core/load-id.ts';

const sha256 = 'ab'.repeat(32);

test('the same dataset, file name and content are the same load on every machine', () => {
  // printf 'students\0a.csv\0abab...' | sha256sum | cut -c-32
  expect(loadIdOf('students', 'a.csv', sha256)).toBe('4e4b5a5ac3a90d8af204c2866d14100d');
});

test('another dataset, file name or content is another load', () => {
  const ids = [
    loadIdOf('students', 'a.csv', sha256),
    loadIdOf('student', 'sa.csv', sha256),
    loadIdOf('students', 'b.csv', sha256),
    loadIdOf('students', 'A.csv', sha256),
    loadIdOf('students', 'a.csv', 'ac'.repeat(32)),
  ];
  expect(new Set(ids).size).toBe(ids.length);
});
