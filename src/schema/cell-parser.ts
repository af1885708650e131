import { usualFormat } from './cell-format.ts';
import type { Column } from './column-type.ts';
import { columnTypes } from './column-types.ts';
import { numberRewriter } from './parsers/number-format.ts';
import { temporalExample, temporalRewriter } from './parsers/temporal-format.ts';
import {
  ACCEPTED,
  ACCEPTED_RENDERED,
  BROKEN_TYPE,
  textOf,
  type ValueParser,
} from './value-parser.ts';

/** Says how a cell is written as the type's parser reads it; null where it is not as the format has it. */
type Rewriter = (text: string) => string | null;

/** The parser of a column's cells: that of its type, behind its format. */
export function cellParser(column: Column): ValueParser {
  const parse = columnTypes[column.type.name].parser(column.type);
  const rewrite = rewriterOf(column);
  return rewrite === null ? parse : behind(rewrite, parse);
}

/** A cell as the type's parser reads it; null where it is not written as the format has it. */
export function plainCell(column: Column, text: string): string | null {
  const rewrite = rewriterOf(column);
  return rewrite === null ? text : rewrite(text);
}

/** What a cell of a column must look like, for the hint of a problem. */
export function expectedCell({ type, format = usualFormat }: Column): string {
  const { temporal, decimalChar, groupChar } = format;
  if (temporal !== null)
    return `a ${type.name} written as ${temporal}, such as ${temporalExample(temporal)}`;
  if (type.name === 'BOOLEAN') {
    const [truths, falsehoods] = booleanWords(format);
    const words = [...truths, ...falsehoods];
    return [words.slice(0, -1).join(', '), words.at(-1)].join(' or ');
  }
  const expected = columnTypes[type.name].expects(type, decimalChar ?? undefined);
  const group =
    groupChar === null
      ? ''
      : `, with or without ${JSON.stringify(groupChar)} between groups of three digits`;
  return `${expected}${group}`;
}

function rewriterOf({ type, format = usualFormat }: Column): Rewriter | null {
  const { temporal, decimalChar, groupChar } = format;
  if (temporal !== null) return temporalRewriter(temporal);
  if (decimalChar !== null || groupChar !== null)
    return numberRewriter(decimalChar ?? '.', groupChar);
  if (format.trueValues.length + format.falseValues.length === 0 || type.name !== 'BOOLEAN')
    return null;
  const [truths, falsehoods] = booleanWords(format);
  const digits = new Map<string, string>([
    ...truths.map((word) => [word, '1'] as const),
    ...falsehoods.map((word) => [word, '0'] as const),
  ]);
  return (text) => digits.get(text.toLowerCase()) ?? null;
}

/** The words for true and for false; either has its usual ones where the other alone is given. */
export function booleanWords({
  trueValues,
  falseValues,
}: Pick<typeof usualFormat, 'trueValues' | 'falseValues'>): [readonly string[], readonly string[]] {
  return [
    trueValues.length > 0 ? trueValues : ['true', '1'],
    falseValues.length > 0 ? falseValues : ['false', '0'],
  ];
}

/** Longer cells are no number, date, time or truth in any format. */
const BYTES_MAX = 1000;

function behind(rewrite: Rewriter, parse: ValueParser): ValueParser {
  return (bytes, start, end, sink) => {
    const plain = end - start > BYTES_MAX ? null : rewrite(textOf(bytes, start, end));
    if (plain === null) return BROKEN_TYPE;
    const cell = Buffer.from(plain, 'latin1');
    const verdict = parse(cell, 0, cell.length, sink);
    if (verdict !== ACCEPTED) return verdict;
    sink.rendered = plain;
    return ACCEPTED_RENDERED;
  };
}
