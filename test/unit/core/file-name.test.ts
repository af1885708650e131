import { dirname } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitName, temporaryBeside } from '../../../src/core/file-name.ts';

test('a name of 255 bytes stays, and one of more loses the end of its base', () => {
  expect(fitName('a'.repeat(251), '.csv')).toBe(`${'a'.repeat(251)}.csv`);
  expect(fitName(`${'a'.repeat(251)}b`, '.csv')).toBe(`${'a'.repeat(251)}.csv`);
});

test('a character that does not fit goes as a whole', () => {
  expect(fitName('a😀b', '.x', 6)).toBe('a.x');
  expect(fitName('a😀b', '.x', 7)).toBe('a😀.x');
});

test('a suffix that is too long by itself loses its end', () => {
  expect(fitName('base', '-0123.extension', 8)).toBe('-0123.ex');
});

test('what fits is unchanged; what is cut is as long as can be and starts and ends as it should', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 20 });
  fc.assert(
    fc.property(text, text, fc.integer({ min: 0, max: 60 }), (base, suffix, bytesMax) => {
      const name = fitName(base, suffix, bytesMax);
      const whole = base + suffix;
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(bytesMax);
      if (Buffer.byteLength(whole) <= bytesMax) expect(name).toBe(whole);
      else if (Buffer.byteLength(suffix) <= bytesMax) {
        expect(name.endsWith(suffix)).toBe(true);
        const kept = name.slice(0, name.length - suffix.length);
        expect(base.startsWith(kept)).toBe(true);
        expect(Buffer.byteLength(name)).toBeGreaterThan(bytesMax - 4);
      } else expect(suffix.startsWith(name)).toBe(true);
    }),
  );
});

test('a temporary name is short, hidden, in the same folder and never the same', () => {
  const path = `/a/b/${'x'.repeat(255)}`;
  const names = [temporaryBeside(path), temporaryBeside(path)];
  expect(names[0]).toMatch(/^\/a\/b\/\.[0-9a-f]{16}\.tmp$/);
  expect(dirname(names[0] ?? '')).toBe(dirname(path));
  expect(names[0]).not.toBe(names[1]);
});
