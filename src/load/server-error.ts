import type { ErrorCode } from '../errors/catalogue.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { FILE_REQUESTED, type StatementError } from './statement-error.ts';

/**
 * What follows from an error or warning of the server:
 * - content: the rows are at fault
 * - load_file: the load file has another number of columns than the table's statement
 * - try_again: nothing is at fault, another transaction was in the way
 * - table_changed: the table is not as it was when it was compared
 * - local_infile_forbidden: LOAD DATA LOCAL is switched off
 * - harmless: a warning that says nothing about a row
 * - environment: the server, the network or a right is at fault; so is every error that is not listed, because a file
 *   never goes to output_failed for an error that nobody has thought about
 */
export type ServerErrorMeaning =
  | 'content'
  | 'load_file'
  | 'try_again'
  | 'table_changed'
  | 'local_infile_forbidden'
  | 'harmless'
  | 'environment';

// Numbers of MySQL 9.7's and MariaDB 10.11's error references; below 1900 both use the same, from 3000 to 3999 MySQL alone.
const meanings: readonly (readonly [ServerErrorMeaning, readonly number[]])[] = [
  [
    'content',
    [
      1022, 1048, 1062, 1118, 1169, 1216, 1263, 1264, 1265, 1292, 1300, 1365, 1366, 1367, 1406,
      1411, 1416, 1441, 1452, 1526, 1557, 1586, 1644, 1690, 1748, 3140, 3141, 3156, 3157, 3751,
      3752, 3819, 3903, 3904, 3905, 3906, 3907, 3908, 3934, 4025, 4036, 4037, 4038, 4039, 4040,
    ],
  ],
  ['load_file', [1261, 1262]],
  ['try_again', [1020, 1205, 1213]],
  ['table_changed', [1054, 1136, 1146, 1364, 1412]],
  ['local_infile_forbidden', [1148, 3948, 4166]],
  ['harmless', [1287, 1592, 1681]],
];

/** The numbers that mean 'content'. */
export const contentErrors: readonly number[] = meanings
  .filter(([meaning]) => meaning === 'content')
  .flatMap(([, numbers]) => numbers);

const environmentCodes: readonly (readonly [ErrorCode, readonly number[]])[] = [
  // 1040 too many connections, 1053 shutting down, 1129/1130 host blocked, 1203/1226 user limit, 1158-1161 network, 1927 killed,
  // 3032 offline mode
  [
    'database_unreachable',
    [1040, 1053, 1129, 1130, 1158, 1159, 1160, 1161, 1203, 1226, 1317, 1927, 3032],
  ],
  [
    'database_denied',
    [1044, 1045, 1142, 1143, 1227, 1370, 1524, 1698, 1820, 1862, 3118, 3159, 4151],
  ],
  ['database_unknown', [1046, 1049]],
  // 167 and 1467 the table has no further number to give a row (AUTO_INCREMENT), 1021 and 1114 full, 1036/1290/1836 read only, 1153
  // packet too large
  ['database_failed', [167, 1021, 1036, 1114, 1153, 1290, 1467, 1836]],
];
/** A certificate that proves nothing, a server without TLS where it was asked for, and one that asks for files. */
const insecure = new Set(['HANDSHAKE_SSL_ERROR', 'HANDSHAKE_NO_SSL_SUPPORT', FILE_REQUESTED]);
const serverIsFullOrReadOnly = new Set([1021, 1036, 1114, 1290, 1836]);

const meaningOf = byNumber(meanings);
const environmentCodeOf = byNumber(environmentCodes);

/** What an error number means; 0 stands for a failed connection. */
export function serverErrorMeaning(errno: number): ServerErrorMeaning {
  return meaningOf.get(errno) ?? 'environment';
}

/**
 * Whether an error that load() throws may be of one load alone, so that others can be loaded: a row that the server cannot
 * take for a reason that nobody has thought about, such as an error that a trigger raises. Not where all would meet it:
 * the connection, a right, the disk, the table, another transaction in the way.
 */
export function mayBeOfOneLoad(error: unknown): error is HopperError {
  if (!(error instanceof HopperError)) return false;
  if (error.code === 'load_count_mismatch' || error.code === 'replace_refused') return true;
  if (error.code !== 'database_failed') return false;
  const { errno } = error.details;
  if (typeof errno !== 'number') return true;
  return serverErrorMeaning(errno) === 'environment' && !serverIsFullOrReadOnly.has(errno);
}

/** The HopperError for a statement that failed while `what` was done, such as "Loading 3 files into table `t`". */
export function databaseError(error: StatementError, what: string): HopperError {
  if (error.code === 'TIMEOUT' || error.code === 'ETIMEDOUT')
    return failed('database_timeout', error, what);
  if (insecure.has(error.code)) return failed('database_insecure', error, what);
  if (error.errno === 0) return failed('database_unreachable', error, what);
  return failed(environmentCodeOf.get(error.errno) ?? 'database_failed', error, what);
}

function failed(code: ErrorCode, error: StatementError, what: string): HopperError {
  return new HopperError(code, {
    message: `${what} failed: ${describe(error)}`,
    details: { errno: error.errno, code: error.code },
    cause: error,
  });
}

/** The server's own words where they cannot quote a cell, else the error's number and symbol. */
function describe(error: StatementError): string {
  if (error.code === 'TIMEOUT') return 'no answer in time.';
  const meaning = meaningOf.get(error.errno);
  const quotesNoCell =
    error.errno === 0 ||
    environmentCodeOf.has(error.errno) ||
    (meaning !== undefined && meaning !== 'content');
  const text = error.serverText();
  return quotesNoCell && text !== '' ? `${text} (${error.code})` : error.message;
}

function byNumber<T>(rows: readonly (readonly [T, readonly number[]])[]): ReadonlyMap<number, T> {
  return new Map(
    rows.flatMap(([value, numbers]) => numbers.map((number) => [number, value] as const)),
  );
}
