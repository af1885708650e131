import { CellCleaner } from '../columns/clean-cell.ts';
import { DistinctValues } from './distinct-values.ts';
import { type Form, formOf, forms, measures } from './value-form.ts';

/** How many values are of a kind, and the line of the first; 0 where there is none. */
export interface Tally {
  count: number;
  firstLine: number;
}

const wholeForms = new Set<Form>(['bit', 'whole', 'large_whole']);
const timeForms = new Set<Form>(['time', 'datetime', 'far_datetime', 'instant']);

const trimming = {
  trim: true,
  lowercaseValues: false,
  nullWords: [],
  nullRows: 'keep',
  duplicateRows: 'keep',
} as const;
const anyText = { name: 'TEXT', length: 0, precision: 0, scale: 0, fraction: 0 } as const;

/**
 * What the cells of a column are like: they come in one by one, counts and measures stay. A cell is looked at as it is after
 * trimming, and how many have to be trimmed is counted.
 */
export class ColumnProfile {
  rows = 0;
  /** Cells without a byte. */
  empty = 0;
  /** Cells of nothing but white space. */
  readonly blank = newTally();
  /** Cells with white space at an end, blank ones among them. */
  readonly spaced = newTally();
  readonly forms: Record<Form, Tally>;
  readonly nullWords = new Map<string, Tally>();
  /** Of numbers without exponent. */
  wholeDigitsMax = 0;
  /** Of numbers with a point. */
  fractionDigitsMax = 0;
  fractionDigitsMin = Infinity;
  isExactDouble = true;
  /** Of whole numbers. */
  least = Infinity;
  greatest = -Infinity;
  /** Digits of a second that the times need. */
  secondDigits = 0;
  /** Of the cells as they are, untrimmed: characters as MySQL counts them, and bytes. */
  lengthMax = 0;
  bytesMax = 0;
  readonly distinct: DistinctValues;

  readonly #cleaner = new CellCleaner(trimming, anyText);
  /** What counts each distinct value, by its index. */
  readonly #tallies: (readonly Tally[])[] = [];
  readonly #tallyOf: Record<Form, readonly Tally[]>;

  constructor(distinctMax: number) {
    this.distinct = new DistinctValues(distinctMax);
    this.forms = byForm(newTally);
    this.#tallyOf = byForm((form) => [this.forms[form]]);
  }

  /** Looks at a cell, bytes[start, end) of a row that starts on `line`. */
  add(bytes: Uint8Array, start: number, end: number, line: number): void {
    this.rows++;
    if (start === end) {
      this.empty++;
      return;
    }
    const { distinct } = this;
    const wasOver = distinct.isOver;
    const index = wasOver ? null : distinct.count(bytes, start, end);
    // A value that was here before is only counted; what it is like is known.
    if (index !== null && index >= 0) return;
    const tallies = this.#look(bytes, start, end);
    for (const tally of tallies) if (tally.firstLine === 0) tally.firstLine = line;
    if (index !== null) {
      this.#tallies.push(tallies);
      return;
    }
    if (!wasOver) this.#settle();
    for (const tally of tallies) tally.count++;
  }

  /** To be called behind the last cell. */
  finish(): void {
    if (!this.distinct.isOver) this.#settle();
  }

  /** Counts the distinct values so far by what they are like. */
  #settle(): void {
    for (const [index, tallies] of this.#tallies.entries()) {
      for (const tally of tallies) tally.count += this.distinct.counts[index]!;
    }
    this.#tallies.length = 0;
  }

  /** Takes what a value is like into the measures; returns what counts it. */
  #look(bytes: Uint8Array, start: number, end: number): readonly Tally[] {
    this.bytesMax = Math.max(this.bytesMax, end - start);
    // There are never more characters than bytes.
    if (end - start > this.lengthMax) {
      this.lengthMax = Math.max(this.lengthMax, characters(bytes, start, end));
    }
    const cleaner = this.#cleaner;
    if (!cleaner.clean(bytes, start, end)) return [this.blank, this.spaced];
    const form = formOf(cleaner.bytes, cleaner.start, cleaner.end);
    this.#measure(form);
    const isSpaced = cleaner.end - cleaner.start < end - start;
    if (!isSpaced && form !== 'null_word') return this.#tallyOf[form];
    const tallies = [this.forms[form]];
    if (isSpaced) tallies.push(this.spaced);
    if (form === 'null_word') tallies.push(this.#nullWord(cleaner));
    return tallies;
  }

  #measure(form: Form): void {
    if (wholeForms.has(form) || form === 'decimal') {
      this.wholeDigitsMax = Math.max(this.wholeDigitsMax, measures.wholeDigits);
    }
    if (wholeForms.has(form)) {
      this.least = Math.min(this.least, measures.value);
      this.greatest = Math.max(this.greatest, measures.value);
    } else if (form === 'decimal') {
      this.fractionDigitsMax = Math.max(this.fractionDigitsMax, measures.fractionDigits);
      this.fractionDigitsMin = Math.min(this.fractionDigitsMin, measures.fractionDigits);
      this.isExactDouble &&= measures.isExactDouble;
    } else if (timeForms.has(form)) {
      this.secondDigits = Math.max(this.secondDigits, measures.secondDigits);
    }
  }

  #nullWord({ bytes, start, end }: CellCleaner): Tally {
    const word = String.fromCharCode(...bytes.subarray(start, end));
    const known = this.nullWords.get(word) ?? newTally();
    this.nullWords.set(word, known);
    return known;
  }
}

function newTally(): Tally {
  return { count: 0, firstLine: 0 };
}

function byForm<T>(make: (form: Form) => T): Record<Form, T> {
  return Object.fromEntries(forms.map((form) => [form, make(form)])) as Record<Form, T>;
}

function characters(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  // In UTF-8 every byte of a character but its first is 10xxxxxx.
  for (let at = start; at < end; at++) if ((bytes[at]! & 0xc0) !== 0x80) count++;
  return count;
}
