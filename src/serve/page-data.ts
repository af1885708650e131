// What passes between the server and the page as JSON: types alone, for both.
import type { RowCounts } from '../core/load.ts';
import type { Problem, ProblemGroup } from '../core/problem.ts';
import type { Role } from '../core/role.ts';

/** Answer of /api/session: who looks at the page, and at what. */
export interface SessionData {
  /** As the log has them. */
  name: string;
  role: Role;
  /** Whether they may look at rows of the datasets. */
  seesData: boolean;
  /** Of csv-hopper. */
  version: string;
  datasets: { name: string; match: string }[];
  inputFolder: string;
  hasDatabase: boolean;
  uploadBytesMax: number;
}

/** The answer to whatever is refused, or fails. */
export interface RefusalData {
  error: string;
  /** What to do about it. */
  hint: string;
}

/** Files of a kind: how many there are, and the first of them. */
export interface FileList<T> {
  count: number;
  files: T[];
}

export interface WaitingFile {
  file: string;
  bytes: number;
  /** ISO 8601, UTC; as in all that follows. */
  since: string;
}

/** A file in the input folder that is left there. */
export interface LeftFile {
  file: string;
  reason: string;
}

/** A file that is claimed and has not ended. */
export interface ActiveFile {
  file: string;
  /** Null until they are known. */
  dataset: string | null;
  loadId: string | null;
  bytes: number | null;
  /** What was done last: an event of the log. */
  step: string;
  /** When it was found, and since when it waits for something that is not its fault, if it does. */
  since: string;
  parked: { since: string; reason: string; hint: string } | null;
}

/** The event `state` of /api/events: how things stand. */
export interface StateData {
  status: 'ready' | 'degraded' | 'not_ready';
  reasons: { code: string; message: string; hint: string; files?: number; since?: string }[];
  waiting: FileList<WaitingFile>;
  left: FileList<LeftFile>;
  running: FileList<ActiveFile>;
  parked: FileList<ActiveFile>;
  /** How many files lie in the failed folder. */
  failed: number;
  /** `up`, or a code of ERRORS.md; null where none is configured, or nothing is known yet. */
  database: string | null;
  /** Another number as soon as the history or the failed folder is another. */
  changes: number;
}

/** `replaced`: a newer version of its file has taken its place. */
export type LoadState = 'loaded' | 'diverted' | 'undone' | 'replaced';

/** A load of the history. */
export interface LoadData extends RowCounts {
  loadId: string;
  dataset: string;
  file: string;
  time: string;
  bytes: number;
  durationMs: number;
  /** Null where the rows are in Parquet files alone. */
  table: string | null;
  parquet: string;
  state: LoadState;
  /** How it was not as its dataset expects. */
  warnings: number;
}

/** Answer of /api/loads, the newest first. */
export interface LoadPage {
  loads: LoadData[];
  /** How many there are of those that were asked for. */
  matching: number;
  /** How many there are; older ones than these are not listed. */
  total: number;
  /** Asks for those behind; null where there are none. */
  next: string | null;
}

/** Answer of /api/throughput: loads that were finished, in periods of equal length up to now. */
export interface ThroughputData {
  /** Of the first period. */
  from: string;
  periodMs: number;
  periods: { files: number; rows: number; bytes: number }[];
}

/** A file in the failed folder. */
export interface FailedFile {
  /** Its name there, which may be another than the one that it was dropped under. */
  name: string;
  file: string;
  dataset: string | null;
  loadId: string | null;
  time: string | null;
  /** Null without a report. */
  reason: string | null;
  /** `rejects`: it holds the rows of a load that were not loaded. */
  kind: 'file' | 'rejects';
  problemsTotal: number;
  bytes: number;
}

/** Answer of /api/failed, the newest first. */
export type FailedList = FileList<FailedFile>;

/** What a report says, as far as the page shows it. */
export interface ReportData extends RowCounts {
  code: string;
  verdict: string;
  time: string;
  reason: string;
  delimiter: string | null;
  problemsTotal: number;
  problems: Problem[];
  groups: (Pick<ProblemGroup, 'rule' | 'column' | 'check' | 'count'> & {
    firstLine: number;
    example?: Problem;
  })[];
  values: string;
}

/** A line of the conversion log. */
export interface LogLine {
  time: string;
  level: string;
  event: string;
  msg: string;
  file?: string;
  loadId?: string;
  dataset?: string;
  by?: string;
  action?: string;
  reason?: string;
  hint?: string;
  table?: string;
  parquet?: string;
  durationMs?: number;
  bytes?: number;
  rowsRead?: number;
  rowsAccepted?: number;
  rowsRejected?: number;
  rowsDroppedNull?: number;
  rowsDroppedDuplicate?: number;
  /** The whole as `csv-hopper log` prints it. */
  text: string;
}

/** Answer of /api/file: all that is known of a file's passage. */
export interface FileData {
  file: string;
  dataset: string | null;
  loadId: string | null;
  state: LoadState | 'failed' | 'running' | 'parked' | 'unknown';
  load: LoadData | null;
  active: ActiveFile | null;
  /** Where it, or the rows of it that were not loaded, lie in the failed folder. */
  failed: FailedFile | null;
  report: ReportData | null;
  /** What of it can be downloaded. */
  downloads: ('file' | 'report' | 'page')[];
  /** A later load over whose values it would put its older ones if it were tried again. */
  overtakes: { file: string; loadId: string; time: string } | null;
  timeline: LogLine[];
}

/** Answer of /api/upload. */
export interface UploadedData {
  file: string;
  dataset: string;
  loadId: string;
  bytes: number;
}

/** What has become of an upload; `skipped`: it was loaded before. */
export type UploadVerdict = FileData['state'] | 'waiting' | 'skipped';

/** Answer of /api/uploads: the caller's own, the newest first. */
export interface UploadReceipt extends UploadedData {
  time: string;
  verdict: UploadVerdict;
  rowsAccepted: number | null;
  reason: string | null;
  /** Name in the failed folder, if it is there. */
  failedName: string | null;
}

/** Answer of /api/undo. */
export interface UndoneData {
  file: string;
  loadId: string;
  rows: number;
  table: string | null;
  source: string | null;
  /** Loads of rows that were missing in it, were repaired, and stay. */
  repairedBy: { loadId: string; file: string }[];
}

/** Answer of /api/retry. */
export interface RetriedData {
  /** Its name in the input folder. */
  name: string;
}
