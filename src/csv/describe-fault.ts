import type { Problem } from '../core/problem.ts';
import type { RowFault } from './row-scanner.ts';

const quoteFaults = {
  inside_field: {
    message: 'A quote stands inside a value that is not quoted.',
    hint: 'Quote the whole value and double the quotes inside it: "12"" pipe".',
  },
  after_closing_quote: {
    message: 'There is text behind the quote that closes a value.',
    hint: 'Double the quotes inside the value ("12"" pipe"), or take out what follows the closing quote.',
  },
  unclosed: {
    message: 'The quote that opens here is never closed.',
    hint: 'Close the quote at the end of its value.',
  },
} as const;

/** A malformed row as a problem to report. `names`: the column of each field, in the file's order. */
export function describeFault(fault: RowFault, names: readonly string[]): Problem {
  if (fault.rule === 'quote') {
    const column = names[fault.fieldIndex] ?? null;
    return { line: fault.line, column, value: null, rule: 'quote', ...quoteFaults[fault.detail] };
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
