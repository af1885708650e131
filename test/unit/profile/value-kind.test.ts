import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareRaw } from '../../../src/profile/value-kind.ts';

// Units on both sides of the surrogates, which UTF-16 has before U+E000 and UTF-8 behind U+FFFF.
const character = fc.constantFrom(
  'a',
  'b',
  'é',
  '\ud7ff',
  '\ue000',
  '\uffff',
  '😀',
  '😁',
  '\u{10ffff}',
);
const text = fc.string({
  unit: fc.oneof(character, fc.string({ unit: 'grapheme', maxLength: 1 })),
  maxLength: 4,
});

test('texts sort by their code points, as their bytes in UTF-8 do', () => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      const bytewise = Buffer.compare(Buffer.from(a), Buffer.from(b));
      expect(Math.sign(compareRaw(a, b))).toBe(bytewise);
    }),
    { numRuns: 2000 },
  );
});
