import type { Config } from '../config/config.ts';
import type { LoadIdentity } from '../core/load.ts';
import type { Claim } from '../intake/claim.ts';
import type { SpareFolders } from '../intake/spare-folders.ts';
import type { ConversionLog } from '../log/conversion-log.ts';
import type { Dataset } from '../schema/dataset.ts';
import type { OutlierBounds } from '../schema/expectations.ts';
import type { ArrivalOrder, OrderedPlace } from './arrival-order.ts';
import type { ConversionResult, SourceState } from './conversion.ts';
import type { HeldRows } from './held-rows.ts';
import type { Turn } from './load-queue.ts';
import type { LoadTables } from './load-tables.ts';
import type { LoneProcess } from './lone-process.ts';
import type { PatienceOptions } from './patience.ts';
import type { ProfileBook } from './profile-book.ts';
import type { ReceiptBook } from './receipt-book.ts';
import type { SenderReceipts } from './sender-receipts.ts';
import type { Suspicion } from './suspicion.ts';
import type { Turnstile } from './turnstile.ts';
import type { UnderWay } from './under-way.ts';
import type { WorkerPool } from './worker-pool.ts';

/** Where a file's passage ended. `waiting`: nothing is lost, the next start goes on with it. */
export type Outcome = 'finished' | 'failed' | 'skipped' | 'given_back' | 'waiting';

/**
 * How a file came to be claimed: out of the input folder; by an earlier run, so that its steps may be done already; or out
 * of the archive, to make again what is missing of its load.
 */
export type Origin = 'new' | 'resumed' | 'brought_back';

/** What the steps work with; the same for all files of a run. */
export interface PipelineContext {
  config: Config;
  log: ConversionLog;
  workers: WorkerPool;
  /** For files under suspicion. */
  loneProcess: LoneProcess;
  /** Whether the run before this one ended without a stop. */
  lastRunDied: boolean;
  /** Null where no database is configured. */
  tables: LoadTables | null;
  /** One a dataset, by its name. */
  receipts: ReadonlyMap<string, ReceiptBook>;
  /** Of each dataset whose loads have profiles, by its name. */
  profiles: ReadonlyMap<string, ProfileBook>;
  /** Null where senders get none. */
  senderReceipts: SenderReceipts | null;
  patience: PatienceOptions;
  underWay: UnderWay;
  arrivalOrder: ArrivalOrder;
  spareFolders: SpareFolders;
  heldRows: HeldRows;
  /** Files that fail go through one by one, because they may have the same name. */
  failures: Turnstile;
}

/** One claimed file on its way. */
export interface Passage {
  claim: Claim;
  dataset: Dataset;
  origin: Origin;
  /** Milliseconds of the monotonic clock at the claim. */
  startedMs: number;
  /** Its place in the order of loads; null where there is no database. */
  turn: Turn | null;
  /** Its place behind files that it must not overtake; null where it may overtake any. */
  place: OrderedPlace | null;
  /** With dataset and file bound, from identification on with loadId too. */
  log: ConversionLog;
  /** What has been done for it; shared by all copies of the passage. */
  progress: {
    /** Its Parquet file is published: its source is then kept in the claim and not given back. */
    published: boolean;
    /** The database was asked to load it, so that a load which is there already may be its own. */
    loadTried: boolean;
    /** Another drop of the same file was under way and has been finished, before any file behind either could change that. */
    repeated: boolean;
    /** Its claim has the note of a drop of a finished load. */
    isRedrop: boolean;
    /** Load ids of the former versions of the file that the database took out for it. */
    replaced: string[];
    /** As far as it is known. */
    identity: LoadIdentity | null;
    /** Null for nearly every file. */
    suspicion: Suspicion | null;
    /** What was not as expected and is no reason to fail, once the load has been judged. */
    warnings?: readonly string[] | undefined;
    /** By which rows of it were diverted as outliers. */
    outlierBounds?: OutlierBounds | undefined;
  };
  /** Makes room for another conversion, now that this file waits for something else; more than once does nothing. */
  freeConversion: () => void;
}

/** What came of a conversion, and where its Parquet file lies until it is published. */
export interface Conversion extends ConversionResult {
  parquet: string;
  /** Whether it is one without rows that the table has refused, of which there is a list. */
  withoutRefused?: boolean;
}

/** A passage whose file is known. */
export interface IdentifiedPassage extends Passage {
  identity: LoadIdentity;
  /** As it was when it was identified. */
  state: SourceState;
  /** The load that this source was before somebody wrote to it, where that load has been finished or committed; else null. */
  loadedAs: string | null;
  /** Of a small source, which is converted as soon as it is identified; else null. */
  conversion: Conversion | null;
}

/** Milliseconds since the claim. */
export function durationMs(passage: Passage): number {
  return Math.round(performance.now() - passage.startedMs);
}
