import { cellParser } from './cell-parser.ts';
import type { Column, ColumnType } from './column-type.ts';
import { columnTypes } from './column-types.ts';
import { ACCEPTED_RENDERED, type ValueParser, type ValueSink } from './value-parser.ts';

const nowhere: ValueSink = {
  rendered: '',
  addBoolean: () => undefined,
  addInt32: () => undefined,
  addInt64: () => undefined,
  addBigInt64: () => undefined,
  addFloat: () => undefined,
  addDouble: () => undefined,
  addBytes: () => undefined,
  addFixed: () => undefined,
};

/** Whether a cell of this text would be a value of the type: what a hint proposes must be one. */
export function accepts(type: ColumnType, text: string): boolean {
  return isTaken(columnTypes[type.name].parser(type), text);
}

/** Making one compiles the column's format, and each value of a shifted row is tried against several columns. */
const parsers = new WeakMap<Column, ValueParser>();

/** The same where cells are written as the column has them. */
export function acceptsCell(column: Column, text: string): boolean {
  const parse = parsers.get(column) ?? cellParser(column);
  parsers.set(column, parse);
  return isTaken(parse, text);
}

function isTaken(parse: ValueParser, text: string): boolean {
  if (text === '') return false;
  const bytes = Buffer.from(text);
  return parse(bytes, 0, bytes.length, nowhere) <= ACCEPTED_RENDERED;
}
