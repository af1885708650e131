import type { WireError } from '../pipeline/worker-job.ts';
import type { QueriedDataset } from './parquet-database.ts';

/** What Node.js and DuckDB have in a process without any query; measured: 135 MB of data. */
export const BASE_BYTES = 256 << 20;

/** What is told to a query process at its start. */
export interface QuerySettings {
  outputFolder: string;
  datasets: readonly QueriedDataset[];
  /** What DuckDB gives itself at most. */
  memoryBytes: number;
  threads: number;
}

/** What a query process can be asked, one at a time. */
export type QueryJob =
  /** The first rows of the answer, as JSON. */
  | { kind: 'rows'; sql: string; rowsMax: number }
  /** All rows as CSV, in parts; more than `rowsMax` are an error. */
  | { kind: 'csv'; sql: string; rowsMax: number; formulas: Formulas }
  /** What is in the columns of a dataset, as JSON. */
  | { kind: 'summary'; dataset: string }
  /** When it was loaded, as JSON. */
  | { kind: 'history'; dataset: string };

/** What becomes of text that a spreadsheet would take for a formula. */
export type Formulas = 'neutralised' | 'raw';

/** JSON, made where it costs the daemon nothing, and for how long it holds. */
export interface QueryAnswer {
  /** Empty where the answer came in parts. */
  body: string;
  /** Names of the datasets that it was made of. */
  datasets: string[];
  /** Whether it is the same as long as they are. */
  isStable: boolean;
}

export type QueryMessage =
  | { kind: 'settings'; settings: QuerySettings }
  | { kind: 'job'; job: QueryJob }
  /** The part before was taken. */
  | { kind: 'more' }
  /** Give the job up: it fails soon. */
  | { kind: 'interrupt' };

export type QueryReply =
  | { kind: 'ready' }
  | { kind: 'part'; bytes: Uint8Array }
  /** `isWorn`: it has so much memory left over from its jobs that the next one might lack it. */
  | { kind: 'done'; answer: QueryAnswer; isWorn: boolean }
  | { kind: 'failed'; error: WireError; isWorn: boolean };
