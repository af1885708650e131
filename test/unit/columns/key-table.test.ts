import { expect, test } from 'vitest';
import { hashBytes, viewOf } from '../../../src/columns/hash-bytes.ts';
import { KeyTable } from '../../../src/columns/key-table.ts';
import { NOT_FOUND } from '../../../src/columns/short-keys.ts';

const HASH = 7;

function find(table: KeyTable, key: string, hash = HASH): number | undefined {
  const bytes = Buffer.from(key);
  const value = table.find(bytes, 0, bytes.length, hash);
  return value === NOT_FOUND ? undefined : value;
}

function add(table: KeyTable, key: string, value: number, hash = HASH): void {
  const bytes = Buffer.from(key);
  table.add(bytes, 0, bytes.length, hash, value);
}

test('keys of one hash are told apart by their bytes, also where one starts with the other', () => {
  const table = new KeyTable();
  ['ab', 'a', 'abc', 'x'].forEach((key, value) => {
    add(table, key, value);
  });
  expect(['ab', 'a', 'abc', 'x', '', 'b'].map((key) => find(table, key))).toEqual([
    ...[0, 1, 2, 3],
    ...[undefined, undefined],
  ]);
});

test('keys are found again when the table has grown, and not when it was cleared', () => {
  const table = new KeyTable();
  const keys = Array.from({ length: 5000 }, (_, i) => `key ${i}`);
  const hashOf = (key: string) => {
    const bytes = Buffer.from(key);
    return hashBytes(bytes, viewOf(bytes), 0, bytes.length, 1);
  };
  for (let round = 0; round < 2; round++) {
    keys.forEach((key, value) => {
      add(table, key, value, hashOf(key));
    });
    expect(table.count).toBe(5000);
    expect(keys.map((key) => find(table, key, hashOf(key)))).toEqual(keys.map((_, i) => i));
    table.clear();
    expect(keys.filter((key) => find(table, key, hashOf(key)) !== undefined)).toEqual([]);
  }
});
