import type { Kernel } from '../kernel/kernel.ts';
import type { ValueSink } from '../schema/value-parser.ts';

type Value =
  | { kind: 'boolean'; value: boolean }
  | { kind: 'int32' | 'float' | 'double'; value: number }
  | { kind: 'int64' | 'fixed'; value: bigint }
  | { kind: 'bytes' };

/** What a parser has read from one cell, on its way to the entries of a column. */
export class TypedValue implements ValueSink {
  rendered = '';
  #value: Value = { kind: 'bytes' };

  addBoolean(value: boolean): void {
    this.#value = { kind: 'boolean', value };
  }

  addInt32(value: number): void {
    this.#value = { kind: 'int32', value };
  }

  addInt64(value: number): void {
    this.#value = { kind: 'int64', value: BigInt(value) };
  }

  addBigInt64(value: bigint): void {
    this.#value = { kind: 'int64', value };
  }

  addFloat(value: number): void {
    this.#value = { kind: 'float', value };
  }

  addDouble(value: number): void {
    this.#value = { kind: 'double', value };
  }

  /** Text is its own canonical text, which is given with the entry. */
  addBytes(): void {
    this.#value = { kind: 'bytes' };
  }

  addFixed(value: bigint): void {
    this.#value = { kind: 'fixed', value };
  }

  /** Adds it to a column's entries, `width` bytes each, and returns its id; the canonical text is `length` bytes at `text`. */
  enter(kernel: Kernel, column: number, width: number, text: number, length: number): number {
    const { functions } = kernel;
    const typed = this.#value;
    switch (typed.kind) {
      case 'boolean':
        return functions.addBoolean(column, typed.value, text, length);
      case 'int32':
        return functions.addInt32(column, typed.value, text, length);
      case 'int64':
        return functions.addInt64(column, typed.value, text, length);
      case 'float':
        return functions.addFloat(column, typed.value, text, length);
      case 'double':
        return functions.addDouble(column, typed.value, text, length);
      case 'bytes':
        return functions.addBytes(column, text, length);
      case 'fixed': {
        const bytes = kernel.take(width);
        putBigEndian(bytes, width, typed.value);
        const id = functions.addFixed(column, bytes.byteOffset, text, length);
        kernel.giveBack(bytes);
        return id;
      }
    }
  }
}

/** Two's complement. */
function putBigEndian(bytes: Uint8Array, width: number, value: bigint): void {
  let rest = BigInt.asUintN(width * 8, value);
  for (let at = width - 1; at >= 0; at--) {
    bytes[at] = Number(rest & 0xffn);
    rest >>= 8n;
  }
}
