import type { ColumnType } from './column-type.ts';
import { columnTypes } from './column-types.ts';
import { ACCEPTED, ACCEPTED_RENDERED, textOf, type ValueSink } from './value-parser.ts';

/** A value that stands in a schema. */
export interface TypedText {
  /** Numbers, dates and times as the column's storage has them; texts as they are. */
  value: number | bigint | string;
  /** The canonical text. */
  text: string;
}

/** Reads a value as a cell of the type would be read; null where it is none. */
export function readTypedText(text: string, type: ColumnType): TypedText | null {
  const bytes = Buffer.from(text);
  if (bytes.length === 0) return null;
  const sink = new OneValue();
  const verdict = columnTypes[type.name].parser(type)(bytes, 0, bytes.length, sink);
  if (verdict !== ACCEPTED && verdict !== ACCEPTED_RENDERED) return null;
  return { value: sink.value, text: verdict === ACCEPTED ? text : sink.rendered };
}

class OneValue implements ValueSink {
  rendered = '';
  value: number | bigint | string = '';

  addBoolean(value: boolean): void {
    this.value = Number(value);
  }

  addInt32(value: number): void {
    this.value = value;
  }

  addInt64(value: number): void {
    this.value = BigInt(value);
  }

  addBigInt64(value: bigint): void {
    this.value = value;
  }

  addFloat(value: number): void {
    this.value = value;
  }

  addDouble(value: number): void {
    this.value = value;
  }

  addBytes(bytes: Uint8Array, start: number, end: number): void {
    this.value = textOf(bytes, start, end);
  }

  addFixed(value: bigint): void {
    this.value = value;
  }
}
