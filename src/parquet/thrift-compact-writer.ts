import type { ByteWriter } from './byte-writer.ts';

// Spec: thrift-compact-protocol.md, the type codes of fields and list elements.
const TRUE = 1;
const FALSE = 2;
const BYTE = 3;
const I32 = 5;
const I64 = 6;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;

/**
 * Writes Thrift structs in the compact protocol, which page headers and the footer of a Parquet file are in. Fields of
 * a struct come in the order of their ids.
 */
export class ThriftCompactWriter {
  readonly #out: ByteWriter;
  #lastId = 0;

  constructor(out: ByteWriter) {
    this.#out = out;
  }

  /** A struct of its own, or the element of a list: what `fields` writes, and the stop byte. */
  struct(fields: () => void): void {
    const outerId = this.#lastId;
    this.#lastId = 0;
    fields();
    this.#out.writeByte(0);
    this.#lastId = outerId;
  }

  structField(id: number, fields: () => void): void {
    this.#header(id, STRUCT);
    this.struct(fields);
  }

  /** A member of a Thrift union that has no content, such as the logical type STRING. */
  emptyStructField(id: number): void {
    this.#header(id, STRUCT);
    this.#out.writeByte(0);
  }

  boolField(id: number, value: boolean): void {
    this.#header(id, value ? TRUE : FALSE);
  }

  byteField(id: number, value: number): void {
    this.#header(id, BYTE);
    this.#out.writeByte(value);
  }

  i32Field(id: number, value: number): void {
    this.#header(id, I32);
    this.#writeInteger(value);
  }

  /** Takes whole numbers up to 2^52: file sizes and row counts. */
  i64Field(id: number, value: number): void {
    this.#header(id, I64);
    this.#writeInteger(value);
  }

  binaryField(id: number, value: Uint8Array): void {
    this.#header(id, BINARY);
    this.#writeBinary(value);
  }

  stringField(id: number, value: string): void {
    this.binaryField(id, Buffer.from(value));
  }

  structListField<Item>(id: number, items: readonly Item[], fields: (item: Item) => void): void {
    this.#listHeader(id, STRUCT, items.length);
    for (const item of items) {
      this.struct(() => {
        fields(item);
      });
    }
  }

  /** Elements that {@link struct} has written elsewhere. */
  encodedStructListField(id: number, items: readonly Uint8Array[]): void {
    this.#listHeader(id, STRUCT, items.length);
    for (const item of items) this.#out.writeBytes(item);
  }

  i32ListField(id: number, values: readonly number[]): void {
    this.#listHeader(id, I32, values.length);
    for (const value of values) this.#writeInteger(value);
  }

  stringListField(id: number, values: readonly string[]): void {
    this.#listHeader(id, BINARY, values.length);
    for (const value of values) this.#writeBinary(Buffer.from(value));
  }

  #header(id: number, type: number): void {
    const delta = id - this.#lastId;
    // Spec: a field header of one byte holds a distance of 1 to 15 to the field before; no struct of Parquet needs more.
    if (delta < 1 || delta > 15) throw new Error(`Thrift field ${id} is out of order.`);
    this.#out.writeByte((delta << 4) | type);
    this.#lastId = id;
  }

  #listHeader(id: number, type: number, size: number): void {
    this.#header(id, LIST);
    if (size < 15) {
      this.#out.writeByte((size << 4) | type);
    } else {
      this.#out.writeByte(0xf0 | type);
      this.#out.writeVarint(size);
    }
  }

  /** Zigzag: 0, -1, 1, -2 become 0, 1, 2, 3. */
  #writeInteger(value: number): void {
    this.#out.writeVarint(value >= 0 ? value * 2 : -value * 2 - 1);
  }

  #writeBinary(value: Uint8Array): void {
    this.#out.writeVarint(value.length);
    this.#out.writeBytes(value);
  }
}
