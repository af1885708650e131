import fc from 'fast-check';
import { expect, test } from 'vitest';
import { visibleText } from '../../../src/core/visible-text.ts';

test.each([
  ['a\nb\rc\td', String.raw`a\nb\rc\td`],
  ['\u001B[31mred\u009B0m\u007F', String.raw`\x1b[31mred\x9b0m\x7f`],
  ['gpj\u202Evsc.\u2028', String.raw`gpj\u{202e}vsc.\u{2028}`],
  ['half \uD800', String.raw`half \u{d800}`],
  ['Schüler 学生 😀.csv', 'Schüler 学生 😀.csv'],
])('%j is shown as %s', (text, shown) => {
  expect(visibleText(text)).toBe(shown);
});

test('nothing that is left can steer a terminal or break a line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(visibleText(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
  );
});
