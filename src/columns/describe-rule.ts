import { counted } from '../core/counted.ts';
import type { Rule } from '../core/problem.ts';
import { noRules, type ValueRule } from '../schema/column-rules.ts';
import type { Column } from '../schema/column-type.ts';

/** So many words of an enum are shown, each cut after as many characters: a hint has to stay readable. */
const WORDS_MAX = 10;
const WORD_MAX = 40;

/** What to report about a value that breaks a rule of its column. */
export function describeRule(
  rule: ValueRule,
  { name, rules = noRules }: Column,
  [low = 0, high = 0]: readonly number[] = [],
): { rule: Rule; message: string; hint: string } {
  switch (rule) {
    case 'min':
      return {
        rule,
        message: `${name} is less than its min.`,
        hint: `Expected: at least ${rules.min ?? ''}.`,
      };
    case 'max':
      return {
        rule,
        message: `${name} is greater than its max.`,
        hint: `Expected: at most ${rules.max ?? ''}.`,
      };
    case 'min_length':
      return {
        rule,
        message: `${name} is shorter than its minLength.`,
        hint: `Expected: at least ${characters(rules.minLength)}.`,
      };
    case 'max_length':
      return {
        rule,
        message: `${name} is longer than its maxLength.`,
        hint: `Expected: at most ${characters(rules.maxLength)}.`,
      };
    case 'enum':
      return {
        rule,
        message: `${name} is none of the values of its enum.`,
        hint: `Expected: ${wordList(rules.enum)}.`,
      };
    case 'pattern':
      return {
        rule,
        message: `${name} does not match its pattern.`,
        hint: `Expected: a value that matches ${rules.pattern ?? ''} as a whole.`,
      };
    case 'outlier':
      return {
        rule,
        message: `${name} lies far from what the last loads have.`,
        hint: `Expected: ${shortNumber(low)} to ${shortNumber(high)}. ${outlierHint}`,
      };
  }
}

/** What to do about an outlier; before it stands what is usual. */
export const outlierHint =
  'Correct it; if it is right, drop the reject file with it as it is: nothing there is an outlier.';

function shortNumber(value: number): string {
  return String(Number(value.toPrecision(6)));
}

function characters(count: number | null): string {
  return counted(count ?? 0, 'character');
}

function wordList(words: readonly string[]): string {
  const shown = words
    .slice(0, WORDS_MAX)
    .map((word) => Array.from(word).slice(0, WORD_MAX).join(''));
  const more = words.length - shown.length;
  if (more > 0) return `${shown.join(', ')} or one of ${more} more`;
  return [...shown.slice(0, -2), shown.slice(-2).join(' or ')].join(', ');
}
