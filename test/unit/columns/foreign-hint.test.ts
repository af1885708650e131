import { expect, test } from 'vitest';
import { foreignHint } from '../../../src/columns/foreign-hint.ts';

test('letters of western Europe in one byte look like Windows-1252 or Latin-1', () => {
  const hint = foreignHint(Buffer.from('Müller', 'latin1'));
  expect(hint.looksLike).toContain('Windows-1252 or Latin-1');
  expect(hint.repairs).toEqual(['Müller']);
});

test('what only Windows has looks like Windows-1252 alone', () => {
  const hint = foreignHint(Buffer.from([0x93, 0x61, 0x94, 0x20, 0x80]));
  expect(hint.looksLike).toMatch(/like Windows-1252:/);
  expect(hint.repairs).toEqual(['“a” €']);
});

test('what Windows-1252 has no character for looks like an older code page, and nothing is proposed', () => {
  // "für" as DOS has it in code page 850.
  const hint = foreignHint(Buffer.from([0x66, 0x81, 0x72]));
  expect(hint.looksLike).toContain('DOS');
  expect(hint.repairs).toEqual([]);
});

test('UTF-8 that ends within a character looks cut', () => {
  const hint = foreignHint(Buffer.from('12 €').subarray(0, 5));
  expect(hint.looksLike).toContain('cut in two');
  expect(hint.repairs).toEqual([]);
});

test('of a long cell no repair is shown', () => {
  expect(foreignHint(Buffer.from('ü'.repeat(500), 'latin1')).repairs).toEqual([]);
});
