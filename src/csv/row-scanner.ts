import { heapMemory, type Kernel } from '../kernel/kernel.ts';
import { emptyBlock, giveBackBlock, PADDING_BYTES, type RowBlock } from './row-block.ts';
import {
  FAULTY_ROW_BYTES_MAX,
  type RowFault,
  type RowPlace,
  type RowSource,
  type RowSourceOptions,
} from './row-source.ts';

const QUOTE = 34;
const LF = 10;
const CR = 13;

export interface RowScannerOptions extends RowSourceOptions {
  /** The byte between fields. */
  delimiter: number;
}

/** What {@link RowScanner} gives for a row whose end is not in the buffer. */
const UNDECIDED = -1;

/**
 * Finds rows and fields in bytes. Spec: RFC 4180, strictly: a quote opens only at the start of a field, `""` is a quote
 * inside one, behind the closing quote comes a delimiter or a line end. A line ends with LF, CRLF or a lone CR. Empty
 * lines are no rows. UTF-8 and the delimiters' bytes cannot be confused, so bytes are all it looks at.
 *
 * In: a buffer that starts at a row border. Out: `block`, and how far its rows reach; the bytes behind that are the start
 * of a row that the buffer cuts, to be given again with what follows it.
 *
 * Where there is a kernel it takes the well-formed rows, and leaves those that the buffer cuts and those with a fault to
 * what is written here, which knows all.
 */
export class RowScanner implements RowSource {
  readonly block: RowBlock;
  line: number;
  openQuoteLine: number | null = null;
  faultyRows = 0;

  readonly #delimiter: number;
  readonly #rowsMax: number;
  readonly #fieldsMax: number;
  readonly #onFault: RowSourceOptions['onFault'];
  readonly #kernel: Kernel | null;
  /** Fields of the current row that hold doubled quotes, as index into starts. */
  readonly #doubled: number[] = [];
  /** The same for the kernel. */
  readonly #kernelDoubled: Uint8Array;
  /** Line ends inside the quoted fields of the current row so far. */
  #newlines = 0;

  constructor(options: RowScannerOptions) {
    const { fieldCount, rowsMax, kernel = null } = options;
    this.#delimiter = options.delimiter;
    this.#onFault = options.onFault;
    this.line = options.line;
    // Without a field count there is one row only.
    this.#kernel = fieldCount === null ? null : kernel;
    const memory = this.#kernel ?? heapMemory;
    this.block = emptyBlock(fieldCount, rowsMax, memory);
    this.#kernelDoubled = memory.take((fieldCount ?? 0) * Int32Array.BYTES_PER_ELEMENT);
    this.#rowsMax = this.block.lines.length;
    this.#fieldsMax = fieldCount ?? options.fieldsMax ?? Infinity;
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
    // A CR at the end of the buffer is then not taken for a line end by itself before that is known.
    bytes[end] = LF;
    const kernel = this.#kernel?.holds(bytes) === true ? this.#kernel : null;
    let position = start;
    // Behind a row with a fault there may be as many more: the way to the kernel and back would be for nothing each time.
    for (let isFaulty = false; ;) {
      if (kernel !== null && !isFaulty) {
        position = this.#scanWellFormed(kernel, position, end, limit);
      }
      if (position >= limit || this.full) return position;
      const faults = this.faultyRows;
      const next = this.#scanLine(bytes, position, end, last);
      if (next === UNDECIDED) return position;
      isFaulty = this.faultyRows > faults;
      position = next;
    }
  }

  close(): void {
    if (this.#kernel === null) return;
    giveBackBlock(this.block, this.#kernel);
    this.#kernel.giveBack(this.#kernelDoubled);
  }

  /** Takes rows up to one that the buffer cuts or that has a fault; returns where that starts. */
  #scanWellFormed(kernel: Kernel, position: number, end: number, limit: number): number {
    const { functions } = kernel;
    const { block } = this;
    const next = functions.scanRows(
      block.bytes.byteOffset,
      position,
      end,
      limit,
      this.#delimiter,
      block.fieldCount,
      block.starts.byteOffset,
      block.ends.byteOffset,
      block.rowStarts.byteOffset,
      block.rowEnds.byteOffset,
      block.lines.byteOffset,
      this.#kernelDoubled.byteOffset,
      block.rowCount,
      this.#rowsMax,
      this.line,
    );
    block.rowCount += functions.scannedRows.value;
    this.line = functions.scannedLine.value;
    return next;
  }

  /** Scans an empty line or a row. */
  #scanLine(bytes: Uint8Array, position: number, end: number, last: boolean): number {
    const byte = bytes[position]!;
    if (byte !== LF && byte !== CR) return this.#scanRow(bytes, position, end, last);
    const next = afterLineEnd(bytes, position, end, last);
    if (next !== UNDECIDED) this.line++;
    return next;
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
      const line = this.line + this.#newlines;
      if (at < end && bytes[at] === QUOTE) {
        fieldStart = at + 1;
        fieldEnd = this.#closingQuote(bytes, fieldStart, end, last, base + field);
        if (fieldEnd === -1) return last ? this.#endUnclosed(field, position, end) : UNDECIDED;
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
        if (strayQuote) {
          fault ??= { rule: 'quote', line, fieldIndex: field, detail: 'inside_field' };
        }
      } else if (at !== rest) {
        const closedOn = this.line + this.#newlines;
        const detail = 'after_closing_quote';
        fault ??= { rule: 'quote', line, fieldIndex: field, detail, closedOn };
      }
      // The first row decides the field count where it is not given. Fields beyond are only counted.
      const isKept = field < (fieldCount || this.#fieldsMax);
      if (isKept && fieldCount === 0 && field === starts.length) {
        this.#makeRoom();
        return this.#scanRow(bytes, position, end, last);
      }
      if (isKept) {
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
  #endUnclosed(fieldIndex: number, start: number, end: number): number {
    const line = this.openQuoteLine ?? this.line;
    const place = { start, end, line: this.line };
    this.#reject({ rule: 'quote', line, fieldIndex, detail: 'unclosed' }, place);
    this.line += this.#newlines;
    return end;
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
    const place = { start, end, line: this.line };
    if (fault !== null) this.#reject(fault, place);
    else if (fields !== block.fieldCount) {
      const row = bytes.subarray(start, end);
      this.#reject({ rule: 'field_count', line: this.line, fieldCount: fields }, place, row);
    } else {
      for (const index of this.#doubled) {
        if (index < block.starts.length) undouble(bytes, index, block);
      }
      block.rowStarts[block.rowCount] = start;
      block.rowEnds[block.rowCount] = end;
      block.lines[block.rowCount++] = this.line;
    }
    this.line += this.#newlines + 1;
  }

  #reject(fault: RowFault, place: RowPlace, row: Uint8Array | null = null): void {
    this.faultyRows++;
    const fields = (): string[] => (row === null ? [] : fieldsOf(row, this.#delimiter));
    this.#onFault(fault, fields, place);
  }

  #makeRoom(): void {
    this.block.starts = new Int32Array(this.block.starts.length * 4);
    this.block.ends = new Int32Array(this.block.ends.length * 4);
  }
}

/** The values of one row. */
function fieldsOf(row: Uint8Array, delimiter: number): string[] {
  if (row.length > FAULTY_ROW_BYTES_MAX) return [];
  // A copy, because doubled quotes are undone in place.
  const bytes = new Uint8Array(row.length + PADDING_BYTES);
  bytes.set(row);
  const onFault = (): void => undefined;
  const scanner = new RowScanner({ delimiter, fieldCount: null, rowsMax: 1, line: 1, onFault });
  scanner.scan(bytes, 0, row.length, true);
  const { fieldCount, starts, ends } = scanner.block;
  return Array.from({ length: fieldCount }, (_, i) =>
    Buffer.from(bytes.subarray(starts[i], ends[i])).toString('utf8'),
  );
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
