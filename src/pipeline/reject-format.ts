import type { RejectedRow } from '../columns/rejected-rows.ts';
import { visibleText } from '../core/visible-text.ts';
import { beginsFormula } from '../csv/formula-cell.ts';
import type { Header } from '../csv/read-header.ts';
import {
  FORMULA_MARK,
  hasFormulaMark,
  isRejectColumn,
  marksAtEnd,
  PROBLEM_SEPARATOR,
  rejectColumns,
} from '../csv/reject-columns.ts';
import type { Column } from '../schema/column-type.ts';
import type { Dataset } from '../schema/dataset.ts';
import { neutralise, restore } from './neutralise.ts';
import { inBytes, RawFields } from './raw-fields.ts';

const LF = 10;
const CR = 13;
const MARK_BYTES = 3;

/** Said of a row with apostrophes that its sender did not write. */
const neutralised = {
  message: 'An apostrophe stands before values that a spreadsheet would take for formulas.',
  hint: 'Leave it: it is taken off when the file is dropped.',
};

/**
 * How the lines of a reject file are written: in the sender's own delimiter, quotes and line end, and what the sender wrote byte
 * for byte, unless formulas are to be neutralised. Spec: that of the source, RFC 4180 or its dialect.
 */
export class RejectFormat {
  readonly #header: Header;
  readonly #raw: RawFields;
  readonly #neutralises: boolean;
  /** That of each field, where the schema knows it. */
  readonly #columns: (Column | undefined)[];
  /** The same of the fields that the sender has. */
  readonly #sentColumns: (Column | undefined)[];
  #lineEnd: Uint8Array = Buffer.from('\n');

  constructor(header: Header, dataset: Pick<Dataset, 'columns' | 'dialect' | 'rejectFormulas'>) {
    const columnOf = new Map(dataset.columns.map((column) => [column.name, column]));
    this.#header = header;
    this.#raw = new RawFields(header.delimiter.text, dataset.dialect);
    this.#neutralises = dataset.rejectFormulas === 'neutralised';
    this.#columns = header.names.map((name) => columnOf.get(name));
    this.#sentColumns = this.#columns.filter((_, i) => !this.#isOwn(i));
  }

  /** In: what stands before the rows of the source, which ends with its header. */
  header(start: Buffer): Buffer {
    const text = withoutLineEnd(start);
    if (text.length < start.length) this.#lineEnd = start.subarray(text.length);
    const isAsSent = this.#header.reject === null && !this.#neutralises;
    return this.#joined(isAsSent ? text : this.#startOf(text), [...rejectColumns]);
  }

  /** In: the bytes of the row, and what is wrong with it on which line of the source. */
  row(bytes: Buffer, { problems, problemsTotal, line }: RejectedRow): Buffer {
    const said = (what: readonly (string | null)[]): string =>
      what.map((text) => text ?? '').join(PROBLEM_SEPARATOR);
    const sent = this.#ofSender(withoutLineEnd(bytes));
    const rules: string[] = problems.map(({ rule }) => rule);
    const columns = problems.map(({ column }) => column);
    const values = problems.map(({ value }) => value);
    const messages = problems.map(({ message }) => message);
    const hints = problems.map(({ hint }) => hint);
    if (sent.isNeutralised) {
      rules.push(FORMULA_MARK);
      for (const list of [columns, values]) list.push(null);
      messages.push(neutralised.message);
      hints.push(neutralised.hint);
    }
    const more = problemsTotal - problems.length;
    if (more > 0) messages.push(`and ${more} more`);
    const texts = [columns, values, rules, messages, hints].map(said);
    return this.#joined(sent.bytes, [
      String(line),
      ...texts.map((text) => this.#raw.quoted(inBytes(harmless(text)))),
    ]);
  }

  #joined(bytes: Buffer, fields: readonly string[]): Buffer {
    const added = Buffer.from(this.#raw.join(['', ...fields]), 'latin1');
    return Buffer.concat([bytes, added, this.#lineEnd]);
  }

  /** A row of a reject file, without what was said of it and done to it the last time. */
  #ofSender(bytes: Buffer): { bytes: Buffer; isNeutralised: boolean } {
    const { reject, fieldCount } = this.#header;
    if (reject === null && !this.#neutralises) return { bytes, isNeutralised: false };
    const all = this.#raw.split(bytes.toString('latin1'));
    let fields = all;
    let rules = '';
    if (reject !== null) {
      const isWhole = all.length === fieldCount;
      const values = all.map((field) => this.#raw.valueOf(field));
      const marks = isWhole ? reject.marks : marksAtEnd(values, { fieldCount, reject });
      // Of a row without them nobody knows what is whose, so all of it is kept.
      if (marks !== null)
        fields = isWhole ? this.#sentFields(all) : all.slice(0, all.length - reject.fieldCount);
      rules = values[marks?.ruleField ?? -1] ?? '';
    }
    const sent = hasFormulaMark(rules) ? restore(fields, this.#raw) : fields;
    const shown = this.#neutralises ? neutralise(sent, this.#sentColumns, this.#raw) : sent;
    return {
      bytes: Buffer.from(this.#raw.join(shown), 'latin1'),
      isNeutralised: shown !== sent,
    };
  }

  /** Of a row that has all fields of the header, or of the header itself: those that csv-hopper has not added, wherever it stands. */
  #sentFields(fields: readonly string[]): string[] {
    return fields.filter((_, i) => !this.#isOwn(i));
  }

  #isOwn(field: number): boolean {
    const isKnown = this.#columns[field] !== undefined;
    const name = this.#header.names[field] ?? '';
    return this.#header.reject !== null && !isKnown && isRejectColumn(name);
  }

  /** What stands before the rows, its header without what csv-hopper has added to it. */
  #startOf(text: Buffer): Buffer {
    const { position } = this.#header;
    const fields = this.#sentFields(this.#raw.split(text.subarray(position).toString('latin1')));
    const names = this.#neutralises ? this.#neutralisedNames(fields) : fields;
    const header = Buffer.from(this.#raw.join(names), 'latin1');
    const before = text.subarray(0, position);
    return Buffer.concat([this.#neutralises ? lineEndsOf(before) : before, header]);
  }

  /** Those that the schema knows stay as they are. */
  #neutralisedNames(names: readonly string[]): string[] {
    return names.map((name, i) => {
      if (this.#sentColumns[i] !== undefined) return name;
      // Exactly one comes off when the file is dropped, also of a name to which its sender gave one.
      const sent = this.#header.reject === null ? [name] : restore([name], this.#raw);
      return neutralise(sent, [], this.#raw)[0] ?? '';
    });
  }
}

/**
 * Of the lines before a header only their ends, because nobody reads them again and a quote in them could turn inside out for a
 * spreadsheet what is quoted further down; and the mark of UTF-8.
 */
function lineEndsOf(before: Buffer): Buffer {
  const markBytes = before[0] === 0xef && before[1] === 0xbb && before[2] === 0xbf ? MARK_BYTES : 0;
  const lineEnds = before.subarray(markBytes).filter((byte) => byte === LF || byte === CR);
  return Buffer.concat([before.subarray(0, markBytes), lineEnds]);
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
  const bytes = Buffer.from(line);
  const isFormula = beginsFormula(bytes, 0, bytes.length) && !/^[+-]?[\d.,]+$/.test(line);
  return isFormula ? `'${line}` : line;
}
