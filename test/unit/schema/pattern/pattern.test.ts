import { createContext, Script } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Pattern, patternProblem } from '../../../../src/schema/pattern/pattern.ts';
import { anyPattern } from './any-pattern.ts';

const anyValue = fc
  .array(fc.constantFrom('a', 'b', 'c', 'é', '€', '😀', '1', ' ', '\n', '.'), { maxLength: 7 })
  .map((characters) => characters.join(''));

const ORACLE_MS_MAX = 200;
const oracle = createContext();

/** What JavaScript says of each value. Null where it takes too long: it tries one way after the other. */
function byJavaScript(pattern: string, values: readonly string[]): boolean[] | null {
  const expression = JSON.stringify(`^(?:${pattern})$`);
  const script = new Script(
    `${JSON.stringify(values)}.map((value) => new RegExp(${expression}, 'u').test(value))`,
  );
  try {
    return script.runInContext(oracle, { timeout: ORACLE_MS_MAX }) as boolean[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return null;
    throw error;
  }
}

describe('a pattern', () => {
  test('matches what a regular expression of JavaScript matches as a whole', () => {
    fc.assert(
      fc.property(
        anyPattern,
        fc.array(anyValue, { minLength: 1, maxLength: 8 }),
        (text, values) => {
          const expected = byJavaScript(text, values);
          fc.pre(expected !== null);
          const pattern = new Pattern(text);
          expect(values.map((value) => pattern.matchesText(value))).toEqual(expected);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('may be anchored, and matches as a whole without', () => {
    for (const text of ['^[A-Z]{2}$', '[A-Z]{2}', '^[A-Z]{2}', '^(?:[A-Z]{2})$|^$']) {
      expect(new Pattern(text).matchesText('AB')).toBe(true);
      expect(new Pattern(text).matchesText('ABC')).toBe(false);
      expect(new Pattern(text).matchesText('xAB')).toBe(false);
    }
  });

  test('is the same in the midst of bytes', () => {
    const bytes = Buffer.from('xä1y');
    expect(new Pattern('ä\\d').matches(bytes, 1, 4)).toBe(true);
    expect(new Pattern('ä').matches(bytes, 1, 4)).toBe(false);
    // Cut off, it is not made whole by what follows.
    expect(new Pattern('ä').matches(bytes, 1, 2)).toBe(false);
  });
});

/** Patterns for which engines that try one way after the other take exponential or high polynomial time. */
const evil: [pattern: string, value: string][] = [
  ['(a+)+', 'a'],
  ['(a*)*b', 'a'],
  ['(a|a)*', 'a'],
  ['(a|aa)+', 'a'],
  ['(.*)*=.*', 'x'],
  ['(.*a){12}', 'a'],
  ['a*a*a*a*a*a*a*a*b', 'a'],
  ['([a-zA-Z0-9])(([\\-.]|[_]+)?([a-zA-Z0-9]+))*(@)', 'a'],
  ['(a?){200}a{200}', 'a'],
  ['(\\w+\\s?)*', 'ab '],
];

describe('a pattern that hangs other engines', () => {
  test.each(evil)('%s looks at each character of a value once', (text, part) => {
    const pattern = new Pattern(text);
    const value = Buffer.from(`${part.repeat(200_000)}!`);
    // An engine that goes back would not end: the value is 200,000 characters long.
    expect(pattern.matches(value, 0, value.length)).toBe(false);
    let reads = 0;
    const counted = new Proxy(value, {
      get: (bytes, key) => {
        reads++;
        return bytes[Number(key)];
      },
    });
    pattern.matches(counted, 0, 10_000);
    expect(reads).toBeLessThanOrEqual(10_000);
  });

  test('by its many sets of states is right, too, and keeps but a few of them', () => {
    const text = '(a|b)*a(a|b){12}';
    const pattern = new Pattern(text);
    const expression = /^[ab]*a[ab]{12}$/;
    const word = fc.stringMatching(/^[ab]{60}$/);
    fc.assert(
      fc.property(word, (value) => {
        expect(pattern.matchesText(value)).toBe(expression.test(value));
      }),
      { numRuns: 300 },
    );
  });
});

test.each([
  ['(a)\\1', /^refers back to a group, which is not possible \(at character 6\)$/],
  ['\\k<x>', /^refers back/],
  ['a(?=b)', /^looks around or names a group/],
  ['(?<!a)b', /^looks around/],
  ['(?<x>a)', /^looks around or names a group/],
  ['\\bword', /^has a "\\b", which is not possible/],
  ['\\p{L}', /^has a "\\p"/],
  ['a^b', /^has a "\^" inside/],
  ['(a$)', /^has a "\$" inside/],
  ['a**', /^has two repetitions in a row/],
  ['a{2}{3}', /^has two repetitions in a row/],
  ['*a', /^has a repetition of nothing/],
  ['a{3,2}', /^has a repetition from more to less/],
  ['a{x}', /^has a "\{" that is no repetition; write "\\\{"/],
  ['(a', /^has a "\(" without its "\)"/],
  ['a)', /^has a "\)" without its "\("/],
  ['[a', /^has a "\[" without its "\]"/],
  ['a]', /^has a "\]" without its beginning/],
  ['[z-a]', /^has a range/],
  ['a\\', /^ends with a "\\"/],
  ['\\u12', /^has a "\\u" without the number of a character/],
  ['\\u{110000}', /^has a "\\u" without/],
  ['(a{100}){100}', /^has more than 1000 steps when its repetitions are written out/],
  ['((a{999}){999}){999}', /^has more than 1000 steps/],
  ['a{999999999}', /^has more than 1000 steps/],
  ['()'.repeat(600), /^is longer than 1000 characters$/],
  [`${'('.repeat(51)}a${')'.repeat(51)}`, /^has more than 50 groups in one another/],
])('%s is refused with its place', (text, problem) => {
  expect(patternProblem(text)).toMatch(problem);
  expect(() => new Pattern(text)).toThrow();
});
