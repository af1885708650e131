import { CsvError, type InfoRecord, type Options, parse } from 'csv-parse/sync';
import type { Dialect } from '../schema/dataset.ts';
import { emptyBlock, type RowBlock } from './row-block.ts';
import { afterLineEnd } from './row-scanner.ts';
import {
  FAULTY_ROW_BYTES_MAX,
  type RowFault,
  type RowSource,
  type RowSourceOptions,
} from './row-source.ts';

const LF = 10;
const CR = 13;

export interface DialectScannerOptions extends RowSourceOptions {
  delimiter: string;
  dialect: Dialect;
}

/** What csv-parse is stopped with where it has read as far as it should; made once, because a stack trace takes time. */
const stop = new Error('csv-parse has read enough');

/**
 * Finds rows and fields in any dialect with csv-parse, as strictly as RowScanner does in RFC 4180: a quote opens only at
 * the start of a field, behind the closing quote comes a delimiter or a line end. What csv-parse 7.0.3 does in another way
 * is kept from it or done here:
 *
 * - It takes a buffer's end for the file's. So a row that reaches up to there is left for the next scan, and a quote
 *   counts as misplaced only when its line has come to an end.
 * - It sees comments behind a closing quote too, `'a'#b`. So comment lines are skipped here and it never hears of them.
 * - It counts a CRLF inside quotes as two lines. So lines are counted here.
 * - It gives up at the first misplaced quote. So it starts anew on the line behind it.
 * - It turns bytes that are not UTF-8 into U+FFFD. So it reads Latin-1, in which each byte is a character and comes back
 *   as it was; other encodings are noticed where the cells are looked at.
 * - Its max_record_size does not count delimiters. So the limit is the reader's buffer, in which a row must fit.
 */
export class DialectScanner implements RowSource {
  readonly block: RowBlock;
  line: number;
  openQuoteLine: number | null = null;
  faultyRows = 0;

  readonly #fieldsMax: number;
  readonly #onFault: RowSourceOptions['onFault'];
  readonly #delimiterBytes: number;
  readonly #comment: Buffer | null;
  readonly #options: Options;
  /** The buffer of the current scan, up to its end. */
  #bytes: Buffer = Buffer.alloc(0);
  #last = false;
  /** Where the next row starts, or empty or comment lines before it. */
  #at = 0;
  /** Where csv-parse began to read, and the line on which it sees the row at #at. */
  #parseStart = 0;
  #parseLine = 0;

  constructor(options: DialectScannerOptions) {
    const { quote, escape, comment } = options.dialect;
    const delimiter = Buffer.from(options.delimiter);
    this.block = emptyBlock(options.fieldCount, options.rowsMax);
    this.line = options.line;
    this.#onFault = options.onFault;
    this.#fieldsMax = options.fieldsMax ?? Infinity;
    this.#delimiterBytes = delimiter.length;
    this.#comment = comment === null ? null : Buffer.from(comment);
    this.#options = {
      encoding: 'latin1',
      // As bytes, because texts would be taken for Latin-1 too.
      delimiter,
      quote: Buffer.from(quote),
      escape: Buffer.from(escape),
      record_delimiter: ['\r\n', '\n', '\r'],
      skip_empty_lines: true,
      // Rows of another width are told of one by one.
      relax_column_count: true,
      on_record: (record, info) => this.#takeRow(record, info),
    };
  }

  get full(): boolean {
    return this.block.rowCount === this.block.lines.length;
  }

  /** See RowSource; a file in another dialect is one piece, so there is no limit but the end. */
  scan(bytes: Uint8Array, start: number, end: number, last: boolean): number {
    this.block.bytes = bytes;
    this.block.rowCount = 0;
    this.openQuoteLine = null;
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, end);
    this.#last = last;
    this.#at = start;
    while (!this.full && this.#findRow() && this.#parseRows());
    return this.#at;
  }

  close(): void {
    // Its block lies in JavaScript's own memory.
  }

  /** Skips empty lines and comments. False where the buffer ends before a row. */
  #findRow(): boolean {
    for (;;) {
      this.#skipEmptyLines();
      if (!this.#atComment()) return this.#at < this.#bytes.length;
      const next = this.#nextLine(this.#at);
      if (next === -1) return false;
      this.#at = next;
      this.line++;
    }
  }

  /** Returns how many there were. */
  #skipEmptyLines(): number {
    const bytes = this.#bytes;
    let lines = 0;
    while (this.#at < bytes.length && isLineEnd(bytes[this.#at]!)) {
      const next = afterLineEnd(bytes, this.#at, bytes.length, this.#last);
      if (next === -1) break;
      this.#at = next;
      lines++;
    }
    this.line += lines;
    return lines;
  }

  /**
   * Whether a comment starts here, or may do so when the buffer ends within its sign. Where the file ends so, in the middle
   * of a character, it is not UTF-8 and refused for that.
   */
  #atComment(): boolean {
    if (this.#comment === null || this.#at === this.#bytes.length) return false;
    const here = this.#bytes.subarray(this.#at, this.#at + this.#comment.length);
    return this.#comment.subarray(0, here.length).equals(here);
  }

  /** Where the line behind the one at `at` starts; -1 where the buffer ends before that is known. */
  #nextLine(at: number): number {
    const bytes = this.#bytes;
    while (at < bytes.length && !isLineEnd(bytes[at]!)) at++;
    return afterLineEnd(bytes, at, bytes.length, this.#last);
  }

  /** Has csv-parse read on from the row at #at. False where the buffer holds no further row as a whole. */
  #parseRows(): boolean {
    this.#parseStart = this.#at;
    this.#parseLine = 1;
    try {
      parse(this.#bytes.subarray(this.#at), this.#options);
      return false;
    } catch (error) {
      if (error === stop) return true;
      if (error instanceof CsvError) return this.#rejectQuote(error);
      throw error;
    }
  }

  /** Takes the row that csv-parse has just read, whose fields are given, and stops it where it should not read on. */
  #takeRow(fields: string[], info: InfoRecord): null {
    const end = this.#parseStart + info.bytes;
    if (end === this.#bytes.length && !this.#last) return null;
    const block = this.block;
    if (block.fieldCount === 0) {
      block.fieldCount = fields.length;
      const room = Math.min(fields.length, this.#fieldsMax);
      block.starts = new Int32Array(room);
      block.ends = new Int32Array(room);
    }
    // Before the fields are written over the row.
    const lines = this.#linesOf(end);
    if (fields.length === block.fieldCount) this.#store(fields, end);
    else {
      const isLong = end - this.#at > FAULTY_ROW_BYTES_MAX;
      const fault = { rule: 'field_count', line: this.line, fieldCount: fields.length } as const;
      this.#reject(fault, end, isLong ? [] : fields);
    }
    this.line += lines;
    this.#at = end;
    this.#parseLine = info.lines + 1 + this.#skipEmptyLines();
    if (this.full || this.#atComment()) throw stop;
    return null;
  }

  /** Writes the fields in place of the row, which csv-parse is done with and which is never shorter. */
  #store(fields: string[], rowEnd: number): void {
    const { block } = this;
    let cell = block.rowCount * block.fieldCount;
    let at = this.#at;
    for (const field of fields) {
      block.starts[cell] = at;
      at += this.#bytes.write(field, at, 'latin1');
      block.ends[cell++] = at;
    }
    block.rowStarts[block.rowCount] = this.#at;
    block.rowEnds[block.rowCount] = rowEnd;
    block.lines[block.rowCount++] = this.line;
  }

  /** Rejects the row at #at for its quotes and goes on behind the line of the misplaced one. */
  #rejectQuote(error: CsvError): boolean {
    const fieldIndex = Number(error['column']);
    // csv-parse says where it has found the last delimiter.
    const fieldStart =
      fieldIndex === 0
        ? this.#at
        : this.#parseStart + Number(error['bytes']) + this.#delimiterBytes;
    const fieldLine = this.line + lineEnds(this.#bytes, this.#at, fieldStart);
    if (error.code === 'CSV_QUOTE_NOT_CLOSED') {
      if (!this.#last) {
        this.openQuoteLine = fieldLine;
        return false;
      }
      const fault = { rule: 'quote', line: fieldLine, fieldIndex, detail: 'unclosed' } as const;
      this.#reject(fault, this.#bytes.length);
      this.line += lineEnds(this.#bytes, this.#at, this.#bytes.length);
      this.#at = this.#bytes.length;
      return true;
    }
    const isClosing = error.code === 'CSV_INVALID_CLOSING_QUOTE';
    if (!isClosing && error.code !== 'INVALID_OPENING_QUOTE') throw error;
    const lineStart = isClosing
      ? this.#behindLineBytes(Number(error['lines']) - this.#parseLine)
      : fieldStart;
    const next = this.#nextLine(lineStart);
    if (next === -1) return false;
    const place = { rule: 'quote', line: fieldLine, fieldIndex } as const;
    const closedOn = this.line + lineEnds(this.#bytes, this.#at, lineStart);
    this.#reject(
      isClosing
        ? { ...place, detail: 'after_closing_quote', closedOn }
        : { ...place, detail: 'inside_field' },
      next,
    );
    this.line += this.#linesOf(next);
    this.#at = next;
    return true;
  }

  /** Where so many CR and LF bytes of the row at #at have passed, each of which is a line to csv-parse. */
  #behindLineBytes(count: number): number {
    let at = this.#at;
    for (; count > 0 && at < this.#bytes.length; at++) if (isLineEnd(this.#bytes[at]!)) count--;
    return at;
  }

  /** How many lines the row from #at to `end` takes. The last line of a file counts even without a line end. */
  #linesOf(end: number): number {
    const isOpen = !isLineEnd(this.#bytes[end - 1]!);
    return lineEnds(this.#bytes, this.#at, end) + (isOpen ? 1 : 0);
  }

  /** The row from #at to `end`. `fields`: in Latin-1, as csv-parse has them. */
  #reject(fault: RowFault, end: number, fields: readonly string[] = []): void {
    this.faultyRows++;
    this.#onFault(
      fault,
      () => fields.map((field) => Buffer.from(field, 'latin1').toString('utf8')),
      { start: this.#at, end, line: this.line },
    );
  }
}

function isLineEnd(byte: number): boolean {
  return byte === LF || byte === CR;
}

/** How many line ends there are in bytes[from, to), a CRLF counting once. */
function lineEnds(bytes: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    if (byte === LF || (byte === CR && bytes[at + 1] !== LF)) count++;
  }
  return count;
}
