/** A connection is given up after this long without use; the server ends it, and rolls back, somewhat later. */
export const IDLE_MS_MAX = 20_000;

const sqlMode = [
  'STRICT_ALL_TABLES',
  'NO_ZERO_DATE',
  'NO_ZERO_IN_DATE',
  'ERROR_FOR_DIVISION_BY_ZERO',
  'NO_AUTO_VALUE_ON_ZERO',
  'NO_ENGINE_SUBSTITUTION',
].join(',');

/** Of a statement; a report has no use for more. */
export const WARNINGS_KEPT = 64;

/**
 * What a session must be, whatever the server's defaults and init_connect say. wait_timeout bounds how long a transaction
 * of a machine that vanished can hold its ledger row; a lock wait ends before the statement's timeout does, so that it is
 * a clean error instead of a lost connection.
 */
export function setSessionSql(queryTimeoutMs: number): string[] {
  const lockWaitSeconds = Math.min(50, Math.max(1, Math.floor((queryTimeoutMs * 0.8) / 1000)));
  return [
    'SET NAMES utf8mb4',
    `SET SESSION sql_mode = '${sqlMode}', time_zone = '+00:00', autocommit = 1, foreign_key_checks = 1,` +
      ` unique_checks = 1, sql_notes = 1, wait_timeout = ${(3 * IDLE_MS_MAX) / 1000},` +
      ` innodb_lock_wait_timeout = ${lockWaitSeconds}`,
  ];
}
