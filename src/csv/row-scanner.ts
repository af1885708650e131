import { emptyBlock, type RowBlock } from './row-block.ts';
import type { RowFault, RowSource, RowSourceOptions } from './row-source.ts';

const QUOTE = 34;
const LF = 10;
const CR = 13;

export interface RowScannerOptions extends RowSourceOptions {
  /** The byte between fields. */
  delimiter: number;
}

/** What {@link RowScanner} gives for a row that it cannot scan yet, or not in this way. */
const UNDECIDED = -1;

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
  openQuoteLine: number | null = null;
  faultyRows = 0;

  readonly #delimiter: number;
  /** 1 for each byte at which a value without quotes may end or is at fault. */
  readonly #stops = new Uint8Array(256);
  readonly #rowsMax: number;
  readonly #onFault: (fault: RowFault) => void;
  /** Fields of the current row that hold doubled quotes, as index into starts. */
  readonly #doubled: number[] = [];
  /** Line ends inside the quoted fields of the current row so far. */
  #newlines = 0;

  constructor(options: RowScannerOptions) {
    this.#delimiter = options.delimiter;
    for (const byte of [options.delimiter, QUOTE, LF, CR]) this.#stops[byte] = 1;
    this.#onFault = options.onFault;
    this.line = options.line;
    this.block = emptyBlock(options.fieldCount, options.rowsMax);
    this.#rowsMax = this.block.lines.length;
  }

  get full(): boolean {
    return this.block.rowCount === this.#rowsMax;
  }

  /** See RowSource. Doubled quotes are undone in `bytes` itself, and the byte at `end` is overwritten. */
  scan(bytes: Uint8Array, start: number, end: number, last: boolean, limit = end): number {
    const block = this.block;
    block.bytes = bytes;
    block.rowCount = 0;
    this.openQuoteLine = null;
    // A line end that ends every loop over bytes, so that none has to look for the end of the buffer as well.
    bytes[end] = LF;
    let position = start;
    while (position < limit && block.rowCount < this.#rowsMax) {
      const byte = bytes[position]!;
      if (byte === LF) {
        position++;
        this.line++;
        continue;
      }
      if (byte === CR) {
        const next = afterLineEnd(bytes, position, end, last);
        if (next === UNDECIDED) return position;
        position = next;
        this.line++;
        continue;
      }
      let next = this.#scanPlainRow(bytes, position, end);
      if (next === UNDECIDED) next = this.#scanRow(bytes, position, end, last);
      if (next === UNDECIDED) return position;
      position = next;
    }
    return position;
  }

  /**
   * Scans a row as most are: well-formed, its quoted values without quotes and line ends in them, ended by LF or CRLF. Any
   * other is UNDECIDED and left to `#scanRow`. Scanning 200 MB of student data took 0.24 s with this short way and 0.45 s
   * without it (a profile of each, Node 24).
   */
  #scanPlainRow(bytes: Uint8Array, position: number, end: number): number {
    const { block } = this;
    const { starts, ends, fieldCount } = block;
    const stops = this.#stops;
    const delimiter = this.#delimiter;
    let cell = block.rowCount * fieldCount;
    const cellsEnd = cell + fieldCount;
    let at = position;
    for (; cell < cellsEnd; at++, cell++) {
      let byte = bytes[at]!;
      if (byte === QUOTE) {
        starts[cell] = ++at;
        byte = bytes[at]!;
        while (byte !== QUOTE && byte !== LF && byte !== CR) byte = bytes[++at]!;
        if (byte !== QUOTE) return UNDECIDED;
        ends[cell] = at;
        byte = bytes[++at]!;
      } else {
        starts[cell] = at;
        while (stops[byte] === 0) byte = bytes[++at]!;
        ends[cell] = at;
      }
      if (byte !== delimiter) break;
    }
    if (cell !== cellsEnd - 1) return UNDECIDED;
    if (bytes[at] === CR) at++;
    if (bytes[at] !== LF || at >= end) return UNDECIDED;
    block.rowStarts[block.rowCount] = position;
    block.rowEnds[block.rowCount] = at + 1;
    block.lines[block.rowCount++] = this.line++;
    return at + 1;
  }

  /** Scans any row; returns where the next starts, or UNDECIDED where the buffer ends inside it. */
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
        if (fieldEnd === -1) return last ? this.#endUnclosed(field, end) : UNDECIDED;
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
      if (at !== UNDECIDED) this.#endRow(bytes, position, at, field + 1, fault);
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
    const line = this.openQuoteLine ?? this.line;
    this.#reject({ rule: 'quote', line, fieldIndex, detail: 'unclosed' });
    this.line += this.#newlines;
    return end;
  }

  #quoteFault(fieldIndex: number, detail: 'inside_field' | 'after_closing_quote'): RowFault {
    return { rule: 'quote', line: this.line + this.#newlines, fieldIndex, detail };
  }

  /** Takes the row into the block, or tells what is wrong with it. */
  #endRow(
    bytes: Uint8Array,
    start: number,
    end: number,
    fields: number,
    fault: RowFault | null,
  ): void {
    const block = this.block;
    if (block.fieldCount === 0) block.fieldCount = fields;
    if (fault !== null) this.#reject(fault);
    else if (fields !== block.fieldCount) {
      this.#reject({ rule: 'field_count', line: this.line, fieldCount: fields });
    } else {
      for (const index of this.#doubled) undouble(bytes, index, block);
      block.rowStarts[block.rowCount] = start;
      block.rowEnds[block.rowCount] = end;
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

/** Where the next line starts; `at` is at a line end or the end of the buffer. UNDECIDED where more bytes must tell. */
export function afterLineEnd(bytes: Uint8Array, at: number, end: number, last: boolean): number {
  if (at === end) return last ? end : UNDECIDED;
  if (bytes[at] === LF) return at + 1;
  if (at + 1 === end) return last ? end : UNDECIDED;
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
