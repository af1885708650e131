import { counted } from '../core/counted.ts';
import type { Problem } from '../core/problem.ts';
import type { Column } from '../schema/column-type.ts';
import type { Dialect } from '../schema/dataset.ts';
import { missingHint, surplusHint } from './row-shift.ts';
import type { RowFault } from './row-source.ts';

/** How much of a value a report shows, in characters. */
const VALUE_MAX = 200;

type QuoteFault = Extract<RowFault, { rule: 'quote' }>;

/** What is wrong with a quote, and what to do about it in the signs of the dialect. */
function describeQuote(
  fault: QuoteFault,
  dialect: Dialect | null,
): Pick<Problem, 'message' | 'hint'> {
  const { quote, escape } = dialect ?? { quote: '"', escape: '"' };
  const example = `${quote}12${escape}${quote} pipe${quote}`;
  const mask = quote === escape ? 'double the quotes' : `put ${escape} before the quotes`;
  if (fault.detail === 'inside_field') {
    return {
      message: 'A quote stands inside a value that is not quoted.',
      hint: `Quote the whole value and ${mask} inside it: ${example}.`,
    };
  }
  if (fault.detail !== 'after_closing_quote') {
    return {
      message: 'The quote that opens here is never closed.',
      hint: 'Close the quote at the end of its value.',
    };
  }
  const further = fault.closedOn - fault.line;
  if (further === 0) {
    return {
      message: 'There is text behind the quote that closes a value.',
      hint: `Either ${mask} inside the value (${example}), or take out what follows the closing quote.`,
    };
  }
  // As a distance, because nobody knows here on which line of the file its piece begins.
  const lines = counted(further, 'line');
  return {
    message: `The quote that opens here is closed ${lines} further down, and has text behind it there.`,
    hint: `Close the quote at the end of its value; or, where the value does go on for ${lines} more, ${mask} inside it.`,
  };
}

/** How the rows of a file are to be read: what is needed to say what is wrong with one. */
export interface RowForm {
  /** The column of each field, in the file's order. */
  columns: readonly Column[];
  /** As it stands in the file. */
  delimiter: string;
  dialect: Dialect | null;
}

/** The column of a malformed row's problem. */
export function faultColumn(fault: RowFault, columns: readonly Column[]): string | null {
  return fault.rule === 'quote' ? (columns[fault.fieldIndex]?.name ?? null) : null;
}

/** A malformed row as a problem to report. `fields`: its values, where it has too many or too few. */
export function describeFault(
  fault: RowFault,
  form: RowForm,
  fields: readonly string[] = [],
): Problem {
  const { columns, delimiter, dialect } = form;
  const { line, rule } = fault;
  const column = faultColumn(fault, columns);
  if (rule === 'quote') {
    return { line, column, value: null, rule, ...describeQuote(fault, dialect) };
  }
  const { fieldCount } = fault;
  const fewer = fieldCount < columns.length;
  const found = fewer
    ? missingHint(fields, columns, delimiter)
    : surplusHint(fields, columns, delimiter, dialect);
  const hint = fewer
    ? 'Add the missing values; leave a value empty rather than out.'
    : 'Quote values that hold the delimiter, or take out the surplus ones.';
  return {
    line,
    column,
    value: found?.value?.slice(0, VALUE_MAX) ?? null,
    rule,
    message: `The row has ${counted(fieldCount, 'value')}, the header ${columns.length}.`,
    hint: found === null ? hint : `${hint} ${found.looksLike}`,
    ...(found !== null && found.repairs.length > 0 && { repairs: found.repairs }),
  };
}

const nulHints = {
  'utf-16':
    'It looks like UTF-16 without its byte order mark: save the file as UTF-8 (in Excel: "CSV UTF-8"), or with the mark.',
  gzip: 'It looks like a gzip file: drop it under a name that ends in .csv.gz.',
  zstd: 'It looks like a zstd file: drop it under a name that ends in .csv.zst.',
  zip: 'It looks like a zip archive or a workbook of Excel: save a workbook as "CSV UTF-8", and drop an archive under a name that ends in .zip.',
  unknown: 'Save the file as UTF-8 text; it is probably UTF-16 or a binary file.',
} as const;

/** What bytes that no text has may belong to. */
export type NulForm = keyof typeof nulHints;

/** The problem of a file with a NUL byte. Spec: RFC 4180 has text only; most such files are UTF-16 or no text at all. */
export function describeNul(line: number, form: NulForm = 'unknown'): Problem {
  return {
    line,
    column: null,
    value: null,
    rule: 'nul_byte',
    message: 'The line holds a NUL byte, which no text has.',
    hint: nulHints[form],
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
  const message = `The row is longer than ${counted(bytesMax, 'byte')}.`;
  return { line, column: null, value: null, rule: 'line_length', message, hint };
}
