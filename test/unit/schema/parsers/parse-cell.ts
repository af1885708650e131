import {
  ACCEPTED,
  ACCEPTED_RENDERED,
  BROKEN_LENGTH,
  BROKEN_RANGE,
  BROKEN_TYPE,
  type ValueParser,
  type ValueSink,
} from '../../../../src/schema/value-parser.ts';

/** Keeps what a parser adds. */
class Added implements ValueSink {
  rendered = 'left over from an earlier cell';
  readonly values: (boolean | number | bigint | string)[] = [];

  addBoolean(value: boolean): void {
    this.values.push(value);
  }

  addInt32(value: number): void {
    if (value !== (value | 0) || Object.is(value, -0)) throw new Error(`${value} is no int32`);
    this.values.push(value);
  }

  /** As addBigInt64: which of them is called for a value is of no interest. */
  addInt64(value: number): void {
    if (!Number.isSafeInteger(value)) throw new Error(`${value} is not exact`);
    this.values.push(BigInt(value));
  }

  addBigInt64(value: bigint): void {
    if (value !== BigInt.asIntN(64, value)) throw new Error(`${value} is no int64`);
    this.values.push(value);
  }

  addFloat(value: number): void {
    this.values.push(value);
  }

  addDouble(value: number): void {
    this.values.push(value);
  }

  addBytes(bytes: Uint8Array, start: number, end: number): void {
    this.values.push(Buffer.from(bytes.subarray(start, end)).toString());
  }

  addFixed(value: bigint): void {
    this.values.push(value);
  }
}

export interface Typed {
  value: boolean | number | bigint | string;
  /** The canonical text. */
  text: string;
}

/** What a parser makes of a cell: its value and canonical text, or the rule that it breaks. */
export function parseCell(parser: ValueParser, cell: string): Typed | 'type' | 'range' | 'length' {
  // Neighbours that a parser must not look at: they continue a number, a date and a text.
  const before = Buffer.from('12.');
  const after = Buffer.from('00:00Z ');
  const bytes = Buffer.concat([before, Buffer.from(cell), after]);
  const sink = new Added();
  const end = bytes.length - after.length;
  const verdict = parser(bytes, before.length, end, sink);
  const [value, ...more] = sink.values;
  if (verdict === ACCEPTED || verdict === ACCEPTED_RENDERED) {
    if (value === undefined || more.length > 0) throw new Error('An accepted cell is one value.');
    return { value, text: verdict === ACCEPTED ? cell : sink.rendered };
  }
  if (value !== undefined) throw new Error('A refused cell must leave nothing behind.');
  switch (verdict) {
    case BROKEN_TYPE:
      return 'type';
    case BROKEN_RANGE:
      return 'range';
    case BROKEN_LENGTH:
      return 'length';
  }
}
