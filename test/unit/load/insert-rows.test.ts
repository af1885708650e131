import { expect, test } from 'vitest';
import { sqlRow, statementBytesMax } from '../../../src/load/insert-rows.ts';

test('escapes of the load file stay, quotes get their own, and only a whole \\N is NULL', () => {
  expect(
    sqlRow(String.raw`it's` + '\t' + String.raw`\N` + '\t' + String.raw`\\N\t` + '\t', null),
  ).toBe(String.raw`('it\'s',NULL,'\\N\t','')`);
});

test('the load id stands last', () => {
  expect(sqlRow('1', 'f00')).toBe("('1','f00')");
});

test('a statement stays below what the server takes', () => {
  expect(statementBytesMax(65_536)).toBeLessThan(65_536);
  expect(statementBytesMax(1024 ** 3)).toBe(1024 ** 2);
});
