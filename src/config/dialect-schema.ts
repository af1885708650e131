import * as z from 'zod';
import { integer } from './setting.ts';

/** One character that is neither a line end nor NUL, which no file may hold. */
function character() {
  return z
    .string()
    .regex(/^[^\r\n\0]$/u, 'must be one character, and no line end')
    .meta({ type: 'one character' });
}

const delimiter = z
  .string()
  .regex(/^[^\r\n\0]+$/, 'must be one or several characters, and no line end')
  // Without double quotes YAML takes a backslash as it stands, and nobody separates values by a backslash and a t.
  .refine((value) => value !== String.raw`\t`, 'must be written "\\t" in double quotes for a tab')
  .meta({ type: 'text' });

/** What a dataset says about its files where they are not as RFC 4180 has them. */
export const dialect = z
  .strictObject({
    delimiter: delimiter
      .optional()
      .meta({ default: 'found by the schema' })
      .describe('What stands between two values: one or several characters.'),
    quote: character()
      .default('"')
      .describe('The character around values that hold delimiters, line ends or quotes.'),
    escape: character()
      .optional()
      .meta({ default: 'the quote: quotes are doubled' })
      .describe('The character, inside quotes, behind which any other stands for itself.'),
    comment: character()
      .optional()
      .meta({ default: 'no comments' })
      .describe('The character at the start of lines that are skipped.'),
    skip_lines: integer(0, 1_000_000)
      .default(0)
      .describe('How many lines at the start of the file are skipped.'),
  })
  .superRefine((value, context) => {
    const refuse = (key: keyof typeof value, message: string): void => {
      context.addIssue({ code: 'custom', path: [key], message });
    };
    for (const key of ['quote', 'escape', 'comment'] as const) {
      const sign = value[key];
      if (sign !== undefined && value.delimiter?.includes(sign) === true) {
        refuse('delimiter', `must not hold the ${key}`);
      }
    }
    if (value.comment === undefined) return;
    if (value.comment === value.quote) refuse('comment', 'must not be the quote');
    if (value.comment === value.escape) refuse('comment', 'must not be the escape');
  });
