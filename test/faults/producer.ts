import { createHash } from 'node:crypto';
import { loadIdFor } from '../support/exactly-once.ts';
import { SeededRandom } from '../support/seeded-random.ts';

/** The dataset of everything that the rig hands over: each row says whose it is, and proves that it is whole. */
export const DATASET = 'deliveries';

export const deliveriesSchema = `file_number: INTEGER
row_place: INTEGER
payload: VARCHAR(80)
checksum: CHAR(16)
`;

/** How many faulty rows of a file are diverted. */
export const DIVERTED_MAX = 1;

/** What the dataset does with rows that are there: adds to them, the same with a key of the table, or changes them. */
export type Mode = 'append' | 'key' | 'replace' | 'upsert';

const diverts = `on_invalid_rows: divert, max_invalid_rows: ${DIVERTED_MAX}`;

/** The keys of the dataset's entry in the configuration. */
export const modeSettings: Readonly<Record<Mode, string>> = {
  append: diverts,
  key: `key: [file_number, row_place], ${diverts}`,
  // Beside it the configuration refuses to divert.
  replace: 'write: replace',
  upsert: `write: upsert, key: [row_place], ${diverts}`,
};

/** The files that have versions, where versions replace one another. */
export const versionNames = Array.from({ length: 5 }, (_, n) => `version-${n}.csv`);
/** The places of rows begin below, where they are keys, so that files change one another's rows. */
export const PLACES = 150;

/** Those of a file of 5.8 MB, which is converted in pieces, and loaded while it is converted. */
export const LARGE_FILE_ROWS = 100_000;

/** A file as it was handed over, and where it has to end. */
export interface Delivery {
  name: string;
  number: number;
  content: string;
  loadId: string;
  rows: number;
  /** The place of the first; the others follow. */
  first: number;
  /** Those of them without a number. */
  faulty: readonly number[];
  /** Whether these have instead the place of the row before, which the table refuses. */
  repeats: boolean;
  /** How many problems its report has, where it has one. */
  problems: number;
  /** `diverted`: loaded without its faulty row. `set aside`: nothing is wrong with its content, but it ends whoever converts it; `unread`: or even reads it. */
  end: 'loaded' | 'diverted' | 'failed' | 'set aside' | 'unread';
}

// Delimiters, quotes, what MySQL and the load file escape, and characters of two to four bytes.
const ALPHABET = Array.from('abcXYZ 0129;,|"\'\\\t%_-éß漢字😀');

/** What a row's checksum is made from; MySQL and DuckDB make it from the columns in the same way. */
export function checksumOf(fileNumber: number, rowNumber: number, payload: string): string {
  const text = `${fileNumber}|${rowNumber}|${payload}`;
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Makes the files of one trial, and keeps the journal of them. */
export class Producer {
  readonly journal: Delivery[] = [];
  readonly #random: SeededRandom;
  readonly #mode: Mode;
  #made = 0;

  constructor(seed: number, mode: Mode = 'append') {
    this.#random = new SeededRandom(seed);
    this.#mode = mode;
  }

  /**
   * A new file: a sound one, one of three rows or more of which one has no number and is diverted, or one with more of them than
   * DIVERTED_MAX or nothing else, which has to fail. It is in the journal from now on.
   */
  make(rows: number, end: Delivery['end'], isFree?: (name: string) => boolean): Delivery {
    const delivery = this.draft(rows, end, isFree);
    this.journal.push(delivery);
    return delivery;
  }

  /** The same, but not in the journal: a file that need not come to be. `isFree`: whether it may have this name. */
  draft(
    rows: number,
    wanted: Delivery['end'],
    isFree: (name: string) => boolean = () => true,
  ): Delivery {
    const end = wanted === 'diverted' && this.#mode === 'replace' ? 'loaded' : wanted;
    const number = ++this.#made;
    const faulty = this.#faultyRows(rows, end);
    const first = this.#mode === 'upsert' ? this.#random.below(PLACES) : 0;
    // Every second time it is the table that has something against the row.
    const repeats = this.#mode === 'key' && end === 'diverted' && number % 2 === 0;
    const lines = Array.from({ length: rows }, (_, row) => {
      const payload = this.#payload();
      const place = first + (repeats && faulty.includes(row) ? row - 1 : row);
      const checksum = checksumOf(number, place, payload);
      const isNone = faulty.includes(row) && !repeats;
      return `${number};${isNone ? 'none' : place};${quoted(payload)};${checksum}\n`;
    });
    const content = `file_number;row_place;payload;checksum\n${lines.join('')}`;
    const name = this.#nameFor(number, end, isFree);
    const loadId = loadIdFor(DATASET, name, content);
    // Where rows are diverted, that there are too many is a problem itself.
    const isTooMany = end === 'failed' && this.#mode !== 'replace';
    const problems = faulty.length + (isTooMany ? 1 : 0);
    return { name, number, content, loadId, rows, first, faulty, repeats, problems, end };
  }

  /** Where versions replace one another, a name that others had, unless a file that has not been taken yet has it. */
  #nameFor(number: number, end: Delivery['end'], isFree: (name: string) => boolean): string {
    const own = `delivery-${number}.csv`;
    if (this.#mode !== 'replace' || end !== 'loaded') return own;
    const name = this.#random.oneOf(versionNames);
    return isFree(name) ? name : own;
  }

  /** Of a diverted file neither the first nor the last, by which its others are counted. */
  #faultyRows(rows: number, end: Delivery['end']): number[] {
    if (end === 'diverted') return [1 + this.#random.below(rows - 2)];
    if (end !== 'failed') return [];
    const first = this.#random.below(rows);
    return [...new Set([first, (first + 1) % rows])];
  }

  /** Neither empty, which would be a null, nor with spaces at its ends, which a comparison in MySQL passes over. */
  #payload(): string {
    const length = 1 + this.#random.below(40);
    const middle = Array.from({ length }, () => this.#random.oneOf(ALPHABET));
    return `<${middle.join('')}>`;
  }
}

function quoted(value: string): string {
  return `"${value.replaceAll('"', '""')}"`;
}
