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

/** The same where cells are written as the column has them. */
export function acceptsCell(column: Column, text: string): boolean {
  return isTaken(cellParser(column), text);
}

function isTaken(parse: ValueParser, text: string): boolean {
  if (text === '') return false;
  const bytes = Buffer.from(text);
  return parse(bytes, 0, bytes.length, nowhere) <= ACCEPTED_RENDERED;
}
