import {
  ACCEPTED,
  ACCEPTED_RENDERED,
  BROKEN_TYPE,
  textOf,
  type ValueParser,
} from '../value-parser.ts';

const words = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

/** true and false in any letter case, 1 and 0. The canonical text is the digit, because MySQL's BOOLEAN is a TINYINT. */
export const booleanParser: ValueParser = (bytes, start, end, sink) => {
  if (end - start > 5) return BROKEN_TYPE;
  const text = textOf(bytes, start, end);
  const value = words.get(text.toLowerCase());
  if (value === undefined) return BROKEN_TYPE;
  sink.addBoolean(value);
  if (text.length === 1) return ACCEPTED;
  sink.rendered = value ? '1' : '0';
  return ACCEPTED_RENDERED;
};
