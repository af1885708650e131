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

/** Those of a file of 5.8 MB, which is converted in pieces, and loaded while it is converted. */
export const LARGE_FILE_ROWS = 100_000;

/** A file as it was handed over, and where it has to end. */
export interface Delivery {
  name: string;
  number: number;
  content: string;
  loadId: string;
  rows: number;
  /** Those of them without a number. */
  faulty: readonly number[];
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
  #made = 0;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
  }

  /**
   * A new file: a sound one, one of three rows or more of which one has no number and is diverted, or one with more of them than
   * DIVERTED_MAX or nothing else, which has to fail. It is in the journal from now on.
   */
  make(rows: number, end: Delivery['end']): Delivery {
    const delivery = this.draft(rows, end);
    this.journal.push(delivery);
    return delivery;
  }

  /** The same, but not in the journal: a file that need not come to be. */
  draft(rows: number, end: Delivery['end']): Delivery {
    const number = ++this.#made;
    const faulty = this.#faultyRows(rows, end);
    const lines = Array.from({ length: rows }, (_, row) => {
      const payload = this.#payload();
      const checksum = checksumOf(number, row, payload);
      return `${number};${faulty.includes(row) ? 'none' : row};${quoted(payload)};${checksum}\n`;
    });
    const content = `file_number;row_place;payload;checksum\n${lines.join('')}`;
    const name = `delivery-${number}.csv`;
    const loadId = loadIdFor(DATASET, name, content);
    return { name, number, content, loadId, rows, faulty, end };
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
