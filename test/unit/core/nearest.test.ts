import { describe, expect, test } from 'vitest';
import { nearest } from '../../../src/core/nearest.ts';

describe('nearest', () => {
  const keys = ['trim', 'lowercase_values', 'null_words', 'null_rows'];

  test('a dropped, doubled or swapped letter is forgiven, whatever its case', () => {
    expect(nearest('TRM', keys, 1)).toEqual(['trim']);
    expect(nearest('trimm', keys, 1)).toEqual(['trim']);
    expect(nearest('tirm', keys, 1)).toEqual(['trim']);
  });

  test('the nearest comes first and no more than asked for', () => {
    expect(nearest('null_row', keys, 2)[0]).toBe('null_rows');
    expect(nearest('null_row', keys, 1)).toHaveLength(1);
  });

  test('a word that is like none has no nearest', () => {
    expect(nearest('polling', keys, 3)).toEqual([]);
    expect(nearest('', keys, 3)).toEqual([]);
  });
});
