import type { RowCounts } from '../core/load.ts';
import type { Rule } from '../core/problem.ts';

/** Every event of the conversion log. The names are a contract; docs/LOG.md is made from this table. */
export const logEvents = {
  watching: 'csv-hopper has started and waits for files.',
  found: 'A file has arrived in the input folder.',
  claimed: 'The file is complete and was taken out of the input folder.',
  converted: 'Its rows were read, cleaned, typed and checked.',
  published: 'Its Parquet file is complete under its final name.',
  loaded: 'Its rows are committed in MySQL.',
  finished:
    'All is done: the source is in the archive, or deleted. Of one that was when the process was killed, the next start says it, with the same counts; where the kill came right behind the line it is said twice, so count loads by their `loadId`.',
  failed: 'Its content is at fault: it is in the failed folder with a report.',
  diverted:
    'Rows of it broke the schema: they are in a reject file in the failed folder, with a report; the others are loaded.',
  skipped: 'The same file with the same content was finished before.',
  replaced:
    'A new version of a file took the place of a load: its rows, its Parquet file and its ledger row are gone.',
  undone: 'A load was taken back: its rows, its Parquet file and its ledger row are gone.',
  unexpected: 'A file is not as its dataset expects files to be; it is loaded all the same.',
  alarm: 'A file that is due has not come.',
  parked:
    'A file waits for something that is not its fault, such as a full disk; it is tried again.',
  resumed: 'What waited goes on.',
  serving: 'Whether the page, health and metrics can be asked for over HTTP, and where.',
  access: 'Somebody has asked for an action over HTTP, or was refused one.',
  stopped: 'csv-hopper has stopped; files at work go on at the next start.',
} as const satisfies Record<string, string>;

export type LogEvent = keyof typeof logEvents;

export type LogLevel = 'info' | 'warn' | 'error';

/** What an event says besides its name, where it applies. No cell values and no secrets. */
export interface EventFields extends Partial<RowCounts> {
  /** 32 hexadecimal digits. */
  loadId?: string | undefined;
  dataset?: string | undefined;
  /** Base name of the source. */
  file?: string | undefined;
  bytes?: number | undefined;
  /** Path of the Parquet file. */
  parquet?: string | undefined;
  table?: string | undefined;
  durationMs?: number | undefined;
  reason?: string | undefined;
  hint?: string | undefined;
  /** Of a failed or diverted file: the rule of its first problem, and the name of its report in the failed folder. */
  rule?: Rule | undefined;
  report?: string | undefined;
  /** Load id of the earlier load that a skipped file repeats. */
  repeats?: string | undefined;
  /** Load id of the former version that a load has replaced. */
  replaces?: string | undefined;
  /** Name of the reject file in the failed folder. */
  rejects?: string | undefined;
  /** Load id of the load whose rejected rows a file holds. */
  repairs?: string | undefined;
  /** Who has asked for an action over HTTP, and for which. */
  by?: string | undefined;
  action?: string | undefined;
  /** Any error; it is written as code, stage and message, see serialise-error.ts. */
  err?: unknown;
}

/** Meaning of every field, for docs/LOG.md; `time`, `level`, `event` and `msg` are in every line. */
export const logFields = {
  time: 'When: ISO 8601 in UTC, with milliseconds.',
  level: '`info`, `warn` or `error`.',
  event: 'One of the events below.',
  msg: 'The event in words; the same words for every file.',
  loadId:
    'Identity of the load, 32 hexadecimal digits: the same dataset, file name and content give the same one.',
  dataset: 'Name of the dataset.',
  file: 'Name of the source file, without a folder.',
  bytes: 'Size of the source file.',
  rowsRead: 'Rows in the file, the header not counted.',
  rowsAccepted:
    'Rows that met the schema: those in the Parquet file and in MySQL, unless the file failed.',
  rowsRejected: 'Rows that broke the schema.',
  rowsDroppedNull: 'Rows that cleaning dropped because of a null.',
  rowsDroppedDuplicate: 'Rows that cleaning dropped because they equal an earlier row.',
  parquet: 'Path of the Parquet file.',
  table: 'Name of the MySQL table.',
  durationMs: 'How long it took, in milliseconds.',
  reason: 'Why, for a person.',
  hint: 'What to do about it.',
  rule: 'Of a failed or diverted file: the rule that its first problem broke, as in its report.',
  report: 'Of a failed or diverted file: the name of its report in the failed folder.',
  replaces: 'Load id of the former version in whose place this load came.',
  repeats: 'Of a skipped file: the load that it repeats.',
  rejects: 'Name of the reject file in the failed folder.',
  repairs: 'Of a repaired reject file: the load that its rows were missing in.',
  by: 'Who has asked for it over HTTP: the name of a token, a user of the proxy, or an address.',
  action: 'What was asked for over HTTP.',
  err: 'The error: `code` (see ERRORS.md), `stage`, `message`, `hint`, and the `cause` from the system or the database.',
} as const satisfies Record<keyof EventFields | 'time' | 'level' | 'event' | 'msg', string>;
