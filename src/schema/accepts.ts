import type { ColumnType } from './column-type.ts';
import { columnTypes } from './column-types.ts';
import { ACCEPTED_RENDERED, type ValueSink } from './value-parser.ts';

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
  if (text === '') return false;
  const bytes = Buffer.from(text);
  return columnTypes[type.name].parser(type)(bytes, 0, bytes.length, nowhere) <= ACCEPTED_RENDERED;
}
