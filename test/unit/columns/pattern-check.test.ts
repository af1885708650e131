import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Entries } from '../../../src/columns/column-batch.ts';
import { PatternCheck } from '../../../src/columns/pattern-check.ts';
import { Kernel } from '../../../src/kernel/kernel.ts';
import { byteAutomaton } from '../../../src/schema/pattern/byte-automaton.ts';
import { Pattern } from '../../../src/schema/pattern/pattern.ts';
import { anyPattern } from '../schema/pattern/any-pattern.ts';

const kernel = new Kernel();

/** Texts as the entries of a column lie in memory; what is behind them is other texts' bytes. */
function entriesOf(texts: readonly Uint8Array[]): Entries & { storage: 'bytes' } {
  const bytes = kernel.take(texts.reduce((sum, { length }) => sum + length, 64)).fill(0xe2);
  const { buffer, byteOffset } = kernel.take(4 * (texts.length + 1));
  const offsets = new Int32Array(buffer, byteOffset, texts.length + 1);
  let end = 0;
  for (const [i, text] of texts.entries()) {
    offsets[i] = end;
    bytes.set(text, end);
    end += text.length;
  }
  offsets[texts.length] = end;
  return { storage: 'bytes', count: texts.length, bytes, offsets };
}

function giveBack({ bytes, offsets }: Entries & { storage: 'bytes' }): void {
  kernel.giveBack(bytes);
  kernel.giveBack(new Uint8Array(offsets.buffer, offsets.byteOffset));
}

/** Which of the texts break the pattern, as the check of a column finds them. */
function brokenIn(pattern: string, texts: readonly Uint8Array[], from = 0): number[] {
  const entries = entriesOf(texts);
  const check = new PatternCheck(pattern, kernel);
  try {
    const found: number[] = [];
    check.check(entries, from, (id) => found.push(id));
    return found;
  } finally {
    check.close();
    giveBack(entries);
  }
}

/** The same one after the other, each alone. */
function expectedIn(pattern: string, texts: readonly Uint8Array[], from = 0): number[] {
  const matcher = new Pattern(pattern);
  return [...texts.keys()].filter((i) => {
    const text = Uint8Array.from(texts[i]!);
    return i >= from && !matcher.matches(text, 0, text.length);
  });
}

const anyText = fc
  .array(fc.constantFrom('a', 'b', 'c', 'é', '€', '😀', '1', ' ', '\n', '.', '\u2028', 'Ā'), {
    maxLength: 9,
  })
  .map((characters): Uint8Array => Buffer.from(characters.join('')));
/** Cut and wrong characters, and those at the ends of what a byte may be. */
const anyBytes = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        0x61,
        0x80,
        0xa8,
        0xbf,
        0xc0,
        0xc3,
        0xe0,
        0xe2,
        0x82,
        0xac,
        0xf0,
        0xf4,
        0x9f,
        0x98,
        0xff,
        0,
      ),
      fc.nat(255),
    ),
    { maxLength: 9 },
  )
  .map((bytes) => Uint8Array.from(bytes));

describe('texts in the kernel', () => {
  test('are held against a pattern as each of them alone is, whatever their bytes are', () => {
    let small = 0;
    fc.assert(
      fc.property(
        anyPattern,
        fc.array(fc.oneof(anyText, anyText, anyBytes), { maxLength: 14 }),
        fc.nat(3),
        (pattern, texts, from) => {
          if (byteAutomaton(pattern) !== null) small++;
          const first = Math.min(from, texts.length);
          expect(brokenIn(pattern, texts, first)).toEqual(expectedIn(pattern, texts, first));
        },
      ),
      { numRuns: 200 },
    );
    expect(small).toBeGreaterThan(150);
  });

  /** In whose states many bytes stay; of the last but one more than one table of halves can tell. */
  const staying = fc.constantFrom(
    ...[
      '[^@ ]+@[^@ ]+',
      '\\d+(-\\d+)*',
      '.*é.*',
      '[^a]*|7+',
      '(a|7)+[^ ]*',
      '\\W*x\\w+',
      '(.|\\s)*',
    ],
    ...['[^\\x01\\x12\\x23\\x34\\x45\\x56\\x67\\x78]*', '[^\\x01\\x12#4EVgx]*@.*'],
  );
  const spans = fc
    .array(
      fc.tuple(
        fc.constantFrom('a', '7', '-', '@', ' ', 'é', 'x', '#', 'g', '\n'),
        fc.integer({ min: 1, max: 40 }),
      ),
      {
        maxLength: 5,
      },
    )
    .map((parts): Uint8Array => Buffer.from(parts.map(([one, n]) => one.repeat(n)).join('')));

  test('are the same where sixteen bytes at a time are passed over', () => {
    fc.assert(
      fc.property(staying, fc.array(spans, { maxLength: 6 }), (pattern, texts) => {
        expect(brokenIn(pattern, texts)).toEqual(expectedIn(pattern, texts));
      }),
      { numRuns: 300 },
    );
  });

  test('may be long and many', () => {
    const texts = Array.from({ length: 1001 }, (_, i) =>
      Buffer.from(`customer.${i * 7919}@${'é'.repeat(i % 40)}${i % 100 === 99 ? '@' : 'x'}`),
    );
    const broken = brokenIn('[^@ ]+@[^@ ]+', texts);
    expect(broken).toEqual(Array.from({ length: 10 }, (_, i) => 100 * i + 99));
  });
});

/** Those whose automaton would be too large, and one that only just is not. */
test.each([
  ['(a|b)*a(a|b){12}', false],
  ['(.?){300}', false],
  ['[ab]{500}', true],
])('a pattern of many states is the same: %s', (pattern, isSmall) => {
  expect(byteAutomaton(pattern) !== null).toBe(isSmall);
  const word = fc.array(fc.constantFrom(0x61, 0x62), { minLength: 490, maxLength: 510 });
  const short = fc.array(fc.constantFrom(0x61, 0x62), { minLength: 12, maxLength: 16 });
  const texts = fc.array(fc.oneof(word, short), { minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(texts, (words) => {
      const bytes = words.map((one) => Uint8Array.from(one));
      expect(brokenIn(pattern, bytes)).toEqual(expectedIn(pattern, bytes));
    }),
    { numRuns: 20 },
  );
});

test('a check gives back what it has taken of the memory', () => {
  const texts = [Buffer.from('ab')];
  const memoryBytes = (): number => {
    const taken = kernel.take(1);
    kernel.giveBack(taken);
    return taken.buffer.byteLength;
  };
  brokenIn('[ab]{500}', texts);
  const before = memoryBytes();
  // Half a megabyte each.
  for (let i = 0; i < 20; i++) brokenIn('[ab]{500}', texts);
  expect(memoryBytes()).toBe(before);
});
