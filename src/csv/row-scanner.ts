import { emptyBlock, type RowBlock } from './row-block.ts';
import type { RowFault, RowSource, RowSourceOptions } from './row-source.ts';

const QUOTE = 34;
const LF = 10;
const CR = 13;

export interface RowScannerOptions extends RowSourceOptions {
  /** The byte between fields. */
  delimiter: number;
}

/**
 * Finds rows and fields in bytes. Spec: RFC 4180, strictly: a quote opens only at the start of a field, `""` is a quote
 * inside one, behind the closing quote comes a delimiter or a line end. A line ends with LF, CRLF or a lone CR. Empty
 * lines are no rows. UTF-8 and the delimiters' bytes cannot be confused, so bytes are all it looks at.
 *
 * In: a buffer that starts at a row border. Out: `block`, and how far its rows reach; the bytes behind that are the start
 * of a row that the buffer cuts, to be given again with what follows it.
 */
export class RowScanner implements RowSource {
  readonly block: RowBlock;
  line: number;
  openQuoteLine = 0;
  faultyRows = 0;

  readonly #delimiter: number;
  readonly #rowsMax: number;
  readonly #onFault: (fault: RowFault) => void;
  /** Fields of the current row that hold doubled quotes, as index into starts. */
  readonly #doubled: number[] = [];
  /** Line ends inside the quoted fields of the current row so far. */
  #newlines = 0;

  constructor(options: RowScannerOptions) {
    this.#delimiter = options.delimiter;
    this.#onFault = options.onFault;
    this.line = options.line;
    this.block = emptyBlock(options.fieldCount, options.rowsMax);
    this.#rowsMax = this.block.lines.length;
  }

  get full(): boolean {
    return this.block.rowCount === this.#rowsMax;
  }

  /** See RowSource. Doubled quotes are undone in `bytes` itself. */
  scan(bytes: Uint8Array, start: number, end: number, last: boolean): number {
    const block = this.block;
    block.bytes = bytes;
    block.rowCount = 0;
    this.openQuoteLine = 0;
    let position = start;
    while (position < end && block.rowCount < this.#rowsMax) {
      const byte = bytes[position]!;
      if (byte === LF) {
        position++;
        this.line++;
        continue;
      }
      if (byte === CR) {
        const next = afterLineEnd(bytes, position, end, last);
        if (next === -1) return position;
        position = next;
        this.line++;
        continue;
      }
      const next = this.#scanRow(bytes, position, end, last);
      if (next === -1) return position;
      position = next;
    }
    return position;
  }

  /** Scans the row at `position`; returns where the next starts, or -1 where the buffer ends inside it. */
  #scanRow(bytes: Uint8Array, position: number, end: number, last: boolean): number {
    const { starts, ends, fieldCount } = this.block;
    const delimiter = this.#delimiter;
    const base = this.block.rowCount * fieldCount;
    this.#doubled.length = 0;
    this.#newlines = 0;
    let fault: RowFault | null = null;
    let at = position;
    for (let field = 0; ; field++) {
      let fieldStart = at;
      let fieldEnd = -1;
      if (at < end && bytes[at] === QUOTE) {
        fieldStart = at + 1;
        fieldEnd = this.#closingQuote(bytes, fieldStart, end, last, base + field);
        if (fieldEnd === -1) return last ? this.#endUnclosed(field, end) : -1;
        at = fieldEnd + 1;
      }
      const rest = at;
      let strayQuote = false;
      for (; at < end; at++) {
        const byte = bytes[at]!;
        if (byte === delimiter || byte === LF || byte === CR) break;
        if (byte === QUOTE) strayQuote = true;
      }
      if (fieldEnd === -1) {
        fieldEnd = at;
        if (strayQuote) fault ??= this.#quoteFault(field, 'inside_field');
      } else if (at !== rest) fault ??= this.#quoteFault(field, 'after_closing_quote');
      // The first row decides the field count where it is not given; else fields beyond it are only counted.
      if (fieldCount === 0 && field === starts.length) {
        this.#makeRoom();
        return this.#scanRow(bytes, position, end, last);
      }
      if (fieldCount === 0 || field < fieldCount) {
        starts[base + field] = fieldStart;
        ends[base + field] = fieldEnd;
      }
      if (at < end && bytes[at] === delimiter) {
        at++;
        continue;
      }
      at = afterLineEnd(bytes, at, end, last);
      if (at !== -1) this.#endRow(bytes, field + 1, fault);
      return at;
    }
  }

  /** The quote that closes a field opened before `at`, or -1 where the buffer ends first. */
  #closingQuote(bytes: Uint8Array, at: number, end: number, last: boolean, index: number): number {
    const openedOn = this.line + this.#newlines;
    let doubled = false;
    for (; at < end; at++) {
      const byte = bytes[at]!;
      if (byte === QUOTE) {
        // Whether the buffer's last byte closes the field shows only with the byte behind it.
        if (at + 1 === end && !last) break;
        if (at + 1 === end || bytes[at + 1] !== QUOTE) {
          if (doubled) this.#doubled.push(index);
          return at;
        }
        doubled = true;
        at++;
      } else if (byte === LF || (byte === CR && bytes[at + 1] !== LF)) this.#newlines++;
    }
    this.openQuoteLine = openedOn;
    return -1;
  }

  /** The file ends inside quotes: what follows the quote cannot be told apart, so all of it is one malformed row. */
  #endUnclosed(fieldIndex: number, end: number): number {
    this.#reject({ rule: 'quote', line: this.openQuoteLine, fieldIndex, detail: 'unclosed' });
    this.line += this.#newlines;
    return end;
  }

  #quoteFault(fieldIndex: number, detail: 'inside_field' | 'after_closing_quote'): RowFault {
    return { rule: 'quote', line: this.line + this.#newlines, fieldIndex, detail };
  }

  /** Takes the row into the block, or tells what is wrong with it. */
  #endRow(bytes: Uint8Array, fields: number, fault: RowFault | null): void {
    const block = this.block;
    if (block.fieldCount === 0) block.fieldCount = fields;
    if (fault !== null) this.#reject(fault);
    else if (fields !== block.fieldCount) {
      this.#reject({ rule: 'field_count', line: this.line, fieldCount: fields });
    } else {
      for (const index of this.#doubled) undouble(bytes, index, block);
      block.lines[block.rowCount++] = this.line;
    }
    this.line += this.#newlines + 1;
  }

  #reject(fault: RowFault): void {
    this.faultyRows++;
    this.#onFault(fault);
  }

  #makeRoom(): void {
    this.block.starts = new Int32Array(this.block.starts.length * 4);
    this.block.ends = new Int32Array(this.block.ends.length * 4);
  }
}

/** Where the next line starts; `at` is at a line end or the end of the buffer. -1 where more bytes must decide. */
export function afterLineEnd(bytes: Uint8Array, at: number, end: number, last: boolean): number {
  if (at === end) return last ? end : -1;
  if (bytes[at] === LF) return at + 1;
  if (at + 1 === end) return last ? end : -1;
  return bytes[at + 1] === LF ? at + 2 : at + 1;
}

/** Turns `""` into `"` in place; the field gets shorter and the bytes behind it are not looked at again. */
function undouble(bytes: Uint8Array, index: number, block: RowBlock): void {
  const end = block.ends[index]!;
  let to = block.starts[index]!;
  for (let from = to; from < end; from++) {
    const byte = bytes[from]!;
    bytes[to++] = byte;
    if (byte === QUOTE) from++;
  }
  block.ends[index] = to;
}
