import { expect, test } from 'vitest';
import { catalogue } from '../../../src/errors/catalogue.ts';

test.each(Object.entries(catalogue))(
  '%s says what happened and what to do in sentences',
  (_, entry) => {
    for (const text of [entry.summary, entry.hint]) {
      expect(text.trim()).toBe(text);
      expect(text.length).toBeGreaterThan(10);
    }
    expect(entry.summary).toMatch(/\.$/);
  },
);
