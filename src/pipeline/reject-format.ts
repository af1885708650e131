import type { RejectedRow } from '../columns/rejected-rows.ts';
import { visibleText } from '../core/visible-text.ts';
import type { Header } from '../csv/read-header.ts';
import { PROBLEM_SEPARATOR, rejectColumns } from '../csv/reject-columns.ts';
import type { Dialect } from '../schema/dataset.ts';

const LF = 10;
const CR = 13;

/**
 * How the lines of a reject file are written: in the sender's own delimiter, quotes and line end, and what the sender wrote byte
 * for byte. Spec: that of the source, RFC 4180 or its dialect.
 */
export class RejectFormat {
  readonly #header: Header;
  readonly #quote: string;
  readonly #escape: string;
  #lineEnd: Uint8Array = Buffer.from('\n');

  constructor(header: Header, dialect: Dialect | null) {
    this.#header = header;
    this.#quote = dialect?.quote ?? '"';
    this.#escape = dialect?.escape ?? '"';
  }

  /** In: what stands before the rows of the source, which ends with its header. */
  header(start: Buffer): Buffer {
    const text = withoutLineEnd(start);
    if (text.length < start.length) this.#lineEnd = start.subarray(text.length);
    // That of a reject file has the columns already.
    if (this.#header.reject !== null) return Buffer.concat([text, this.#lineEnd]);
    return this.#joined(text, [...rejectColumns]);
  }

  /** In: the bytes of the row, and what is wrong with it on which line of the source. */
  row(bytes: Buffer, { problems, problemsTotal, line }: RejectedRow): Buffer {
    const said = (what: readonly (string | null)[]): string =>
      what.map((text) => text ?? '').join(PROBLEM_SEPARATOR);
    const more = problemsTotal - problems.length;
    const messages = problems.map(({ message }) => message);
    if (more > 0) messages.push(`and ${more} more`);
    const texts = [
      said(problems.map(({ column }) => column)),
      said(problems.map(({ value }) => value)),
      said(problems.map(({ rule }) => rule)),
      said(messages),
      said(problems.map(({ hint }) => hint)),
    ];
    return this.#joined(this.#ofSender(withoutLineEnd(bytes)), [
      String(line),
      ...texts.map((text) => this.#quoted(harmless(text))),
    ]);
  }

  #joined(bytes: Buffer, fields: readonly string[]): Buffer {
    const { text } = this.#header.delimiter;
    const added = fields.map((field) => `${text}${field}`).join('');
    return Buffer.concat([bytes, Buffer.from(added), this.#lineEnd]);
  }

  #quoted(text: string): string {
    const quote = this.#quote;
    const escape = this.#escape;
    const escaped = escape === quote ? text : text.replaceAll(escape, escape + escape);
    return `${quote}${escaped.replaceAll(quote, escape + quote)}${quote}`;
  }

  /** A row of a reject file, without what was said of it the last time. */
  #ofSender(bytes: Buffer): Buffer {
    const { reject, delimiter } = this.#header;
    if (reject === null) return bytes;
    const ends = this.#fieldEnds(bytes, Buffer.from(delimiter.text));
    // Of a row that is too short nobody knows what is whose.
    const own = ends.length - reject.fieldCount;
    return own > 0 ? bytes.subarray(0, ends[own - 1]) : bytes;
  }

  /** Where each field of a row ends. */
  #fieldEnds(bytes: Buffer, delimiter: Buffer): number[] {
    const quote = Buffer.from(this.#quote)[0];
    const escape = Buffer.from(this.#escape)[0];
    const ends: number[] = [];
    let isQuoted = false;
    for (let at = 0, start = 0; at < bytes.length; at++) {
      const byte = bytes[at];
      if (isQuoted && byte === escape && (escape !== quote || bytes[at + 1] === quote)) at++;
      else if (byte === quote && (isQuoted || at === start)) isQuoted = !isQuoted;
      else if (!isQuoted && bytes.subarray(at, at + delimiter.length).equals(delimiter)) {
        ends.push(at);
        at += delimiter.length - 1;
        start = at + 1;
      }
    }
    ends.push(bytes.length);
    return ends;
  }
}

function withoutLineEnd(bytes: Buffer): Buffer {
  let end = bytes.length;
  if (bytes[end - 1] === LF) end--;
  if (bytes[end - 1] === CR) end--;
  return bytes.subarray(0, end);
}

/** On one line, and nothing that a spreadsheet would take for a formula. */
function harmless(text: string): string {
  const line = visibleText(text);
  const isFormula = /^[=+\-@]/.test(line) && !/^[+-]?[\d.,]+$/.test(line);
  return isFormula ? `'${line}` : line;
}
