import type { ColumnRules, ValueRule } from './column-rules.ts';
import type { ColumnType } from './column-type.ts';
import { Pattern } from './pattern/pattern.ts';
import { readTypedText, type TypedText } from './typed-text.ts';

/** The first rule that a value of a schema breaks, or null. For those of a file see columns/entry-rules.ts. */
export function brokenRule(
  { value, text }: TypedText,
  rules: ColumnRules,
  type: ColumnType,
): ValueRule | null {
  const { min, max, minLength, maxLength, enum: words, pattern } = rules;
  const limitOf = (limit: string) => readTypedText(limit, type)?.value ?? value;
  if (min !== null && value < limitOf(min)) return 'min';
  if (max !== null && value > limitOf(max)) return 'max';
  const { length } = Array.from(text);
  if (minLength !== null && length < minLength) return 'min_length';
  if (maxLength !== null && length > maxLength) return 'max_length';
  if (words.length > 0 && !words.includes(text)) return 'enum';
  return pattern === null || new Pattern(pattern).matchesText(text) ? null : 'pattern';
}
