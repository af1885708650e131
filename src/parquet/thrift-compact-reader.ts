// Spec: thrift-compact-protocol.md, the type codes of fields and list elements.
const TRUE = 1;
const FALSE = 2;
const BYTE = 3;
const I16 = 4;
const I32 = 5;
const I64 = 6;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const SET = 10;
const STRUCT = 12;

/** Deeper nesting than the footer of any Parquet file has. */
const DEPTH_MAX = 16;

/**
 * Reads what is wanted of a Thrift struct in the compact protocol, and passes over the rest. Throws where the bytes are not
 * such a struct; they may be anything.
 */
export class ThriftCompactReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #depth = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Goes through the fields of a struct. A field for which `field` does not return true is passed over. */
  struct(field: (id: number) => boolean): void {
    if (++this.#depth > DEPTH_MAX) throw malformed();
    let id = 0;
    for (let header = this.#byte(); header !== 0; header = this.#byte()) {
      const delta = header >> 4;
      id = delta === 0 ? Number(this.integer()) : id + delta;
      if (!field(id)) this.#skip(header & 15, false);
    }
    this.#depth--;
  }

  structList(element: () => void): void {
    const { type, size } = this.#listHeader();
    if (type !== STRUCT) throw malformed();
    for (let i = 0; i < size; i++) element();
  }

  /** Zigzag: 0, 1, 2, 3 are 0, -1, 1, -2. */
  integer(): bigint {
    const value = this.#varint();
    return (value >> 1n) ^ -(value & 1n);
  }

  string(): string {
    return Buffer.from(this.#take(Number(this.#varint()))).toString();
  }

  /** A boolean field has its value in the header; as an element of a list it is a byte. */
  #skip(type: number, isElement: boolean): void {
    switch (type) {
      case TRUE:
      case FALSE:
        if (isElement) this.#take(1);
        return;
      case BYTE:
        this.#take(1);
        return;
      case I16:
      case I32:
      case I64:
        this.#varint();
        return;
      case DOUBLE:
        this.#take(8);
        return;
      case BINARY:
        this.#take(Number(this.#varint()));
        return;
      case LIST:
      case SET: {
        const list = this.#listHeader();
        for (let i = 0; i < list.size; i++) this.#skip(list.type, true);
        return;
      }
      case STRUCT:
        this.struct(() => false);
        return;
      default:
        // No struct of Parquet has a map.
        throw malformed();
    }
  }

  #listHeader(): { type: number; size: number } {
    const header = this.#byte();
    const size = header >> 4;
    return { type: header & 15, size: size === 15 ? Number(this.#varint()) : size };
  }

  #varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
    throw malformed();
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw malformed();
    return byte;
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw malformed();
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}

function malformed(): Error {
  return new Error('The bytes are not a Thrift struct.');
}
