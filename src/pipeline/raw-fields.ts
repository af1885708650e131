import type { Dialect } from '../schema/dataset.ts';

const APOSTROPHE = "'";

/**
 * The fields of a row as its sender wrote them, with their quotes. They are in Latin-1, in which each byte is a character and comes
 * back as it was, whatever the row holds.
 */
export class RawFields {
  readonly #delimiter: string;
  readonly #quote: string;
  readonly #escape: string;
  /** Whether an apostrophe outside of quotes is more than a character. */
  readonly #isSpecial: boolean;

  constructor(delimiter: string, dialect: Pick<Dialect, 'quote' | 'escape' | 'comment'> | null) {
    this.#delimiter = inBytes(delimiter);
    this.#quote = inBytes(dialect?.quote ?? '"');
    this.#escape = inBytes(dialect?.escape ?? '"');
    const signs = [this.#delimiter, this.#quote, dialect?.comment ?? ''];
    this.#isSpecial = signs.some((sign) => sign.includes(APOSTROPHE));
  }

  split(row: string): string[] {
    const fields: string[] = [];
    const delimiter = this.#delimiter;
    let start = 0;
    let isQuoted = false;
    for (let at = 0; at < row.length;) {
      if (isQuoted && this.#isEscape(row, at)) at += this.#escape.length + 1;
      else if (row.startsWith(this.#quote, at) && (isQuoted || at === start)) {
        isQuoted = !isQuoted;
        at += this.#quote.length;
      } else if (!isQuoted && row.startsWith(delimiter, at)) {
        fields.push(row.slice(start, at));
        at += delimiter.length;
        start = at;
      } else at++;
    }
    fields.push(row.slice(start));
    return fields;
  }

  join(fields: readonly string[]): string {
    return fields.join(this.#delimiter);
  }

  /** What a field means; of one whose quotes are misplaced, what stands between the first two. */
  valueOf(field: string): string {
    const quote = this.#quote;
    if (!field.startsWith(quote)) return field;
    const parts: string[] = [];
    let from = quote.length;
    let at = from;
    while (at < field.length && !this.#isClosed(field, at)) {
      if (this.#isEscape(field, at)) {
        parts.push(field.slice(from, at));
        from = at + this.#escape.length;
        at = from;
      }
      at++;
    }
    parts.push(field.slice(from, at));
    return parts.join('');
  }

  /** The field with an apostrophe before its value. */
  withApostrophe(field: string): string {
    const quote = this.#quote;
    const isSign = APOSTROPHE === quote || APOSTROPHE === this.#escape;
    const sign = isSign ? this.#escape + APOSTROPHE : APOSTROPHE;
    if (field.startsWith(quote)) return `${quote}${sign}${field.slice(quote.length)}`;
    return this.#isSpecial ? this.quoted(APOSTROPHE + field) : APOSTROPHE + field;
  }

  /** The field without the apostrophe with which its value begins. */
  withoutApostrophe(field: string): string {
    const quote = this.#quote;
    if (!field.startsWith(quote)) return field.slice(APOSTROPHE.length);
    const at = quote.length;
    const escaped = this.#isEscape(field, at) ? this.#escape.length : 0;
    return quote + field.slice(at + escaped + APOSTROPHE.length);
  }

  /** A value in quotes. */
  quoted(value: string): string {
    const quote = this.#quote;
    const escape = this.#escape;
    const escaped = escape === quote ? value : value.replaceAll(escape, escape + escape);
    return `${quote}${escaped.replaceAll(quote, escape + quote)}${quote}`;
  }

  /** Whether a sign that makes the next one stand for itself is there, inside quotes. */
  #isEscape(field: string, at: number): boolean {
    const quote = this.#quote;
    const escape = this.#escape;
    return (
      field.startsWith(escape, at) &&
      (escape !== quote || field.startsWith(quote, at + escape.length))
    );
  }

  #isClosed(field: string, at: number): boolean {
    return field.startsWith(this.#quote, at) && !this.#isEscape(field, at);
  }
}

/** Text as such characters. */
export function inBytes(text: string): string {
  return Buffer.from(text).toString('latin1');
}
