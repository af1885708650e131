import type { Problem } from '../core/problem.ts';
import type { Dialect } from '../schema/dataset.ts';
import type { RowFault } from './row-source.ts';

const quoteMessages = {
  inside_field: 'A quote stands inside a value that is not quoted.',
  after_closing_quote: 'There is text behind the quote that closes a value.',
  unclosed: 'The quote that opens here is never closed.',
} as const;

/** What to do about a quote, in the signs of the dialect. */
function quoteHint(detail: keyof typeof quoteMessages, dialect: Dialect | null): string {
  const { quote, escape } = dialect ?? { quote: '"', escape: '"' };
  const example = `${quote}12${escape}${quote} pipe${quote}`;
  const mask = quote === escape ? 'double the quotes' : `put ${escape} before the quotes`;
  switch (detail) {
    case 'inside_field':
      return `Quote the whole value and ${mask} inside it: ${example}.`;
    case 'after_closing_quote':
      return `Either ${mask} inside the value (${example}), or take out what follows the closing quote.`;
    case 'unclosed':
      return 'Close the quote at the end of its value.';
  }
}

/** A malformed row as a problem to report. `names`: the column of each field, in the file's order. */
export function describeFault(
  fault: RowFault,
  names: readonly string[],
  dialect: Dialect | null = null,
): Problem {
  if (fault.rule === 'quote') {
    const { line, fieldIndex, detail } = fault;
    return {
      line,
      column: names[fieldIndex] ?? null,
      value: null,
      rule: 'quote',
      message: quoteMessages[detail],
      hint: quoteHint(detail, dialect),
    };
  }
  const { fieldCount, line } = fault;
  const fewer = fieldCount < names.length;
  return {
    line,
    column: null,
    value: null,
    rule: 'field_count',
    message: `The row has ${fieldCount} ${fieldCount === 1 ? 'value' : 'values'}, the header ${names.length}.`,
    hint: fewer
      ? 'Add the missing values; leave a value empty rather than out.'
      : 'Quote values that hold the delimiter, or take out the surplus ones.',
  };
}

/** The problem of a file with a NUL byte. Spec: RFC 4180 has text only; most such files are UTF-16 or no text at all. */
export function describeNul(line: number): Problem {
  return {
    line,
    column: null,
    value: null,
    rule: 'nul_byte',
    message: 'The line holds a NUL byte, which no text has.',
    hint: 'Save the file as UTF-8 text; it is probably UTF-16 or a binary file.',
  };
}

/** The problem of a file whose cells are UTF-8, but not the lines that its dialect skips. */
export function describeForeignLine(): Problem {
  return {
    line: 0,
    column: null,
    value: null,
    rule: 'encoding',
    message: 'A comment or a skipped line holds bytes that are not UTF-8.',
    hint: 'Save the whole file as UTF-8.',
  };
}

/** The problem of a line beyond the limit. `openQuoteLine`: where a quote opened that it is still inside of, else null. */
export function describeLongLine(
  line: number,
  openQuoteLine: number | null,
  bytesMax: number,
): Problem {
  const hint =
    openQuoteLine === null
      ? 'Check the line ends; convert.line_bytes_max in the configuration sets the limit.'
      : `A quote that opens on line ${openQuoteLine} is not closed: close it or take it out.`;
  const message = `The row is longer than ${bytesMax} bytes.`;
  return { line, column: null, value: null, rule: 'line_length', message, hint };
}
