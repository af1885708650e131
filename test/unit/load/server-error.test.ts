import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  databaseError,
  mayBeOfOneLoad,
  serverErrorMeaning,
} from '../../../src/load/server-error.ts';
import { StatementError, statementError } from '../../../src/load/statement-error.ts';

describe('what an error of the server means', () => {
  test.each([
    [1062, 'content'],
    [3819, 'content'],
    [4025, 'content'],
    [4040, 'content'],
    [3140, 'content'],
    [3751, 'content'],
    [3934, 'content'],
    [1213, 'try_again'],
    [1146, 'table_changed'],
    [1148, 'local_infile_forbidden'],
    [3948, 'local_infile_forbidden'],
    [4166, 'local_infile_forbidden'],
    [1114, 'environment'],
    [9999, 'environment'],
    [0, 'environment'],
  ])('%i means %s', (errno, meaning) => {
    expect(serverErrorMeaning(errno)).toBe(meaning);
  });
});

test.each([
  [31001, true],
  [1153, true],
  [1114, false],
  [1290, false],
  [1205, false],
  [1142, false],
  [0, false],
])('an error %i may be of one load alone: %s', (errno, expected) => {
  const error = databaseError(new StatementError(errno, 'CODE', 'words'), 'Loading');
  expect(mayBeOfOneLoad(error)).toBe(expected);
});

describe('an error of the environment', () => {
  test.each([
    [1040, 'ER_CON_COUNT_ERROR', 'database_unreachable'],
    [1045, 'ER_ACCESS_DENIED_ERROR', 'database_denied'],
    [1049, 'ER_BAD_DB_ERROR', 'database_unknown'],
    [1836, 'ER_READ_ONLY_MODE', 'database_failed'],
    [0, 'ECONNRESET', 'database_unreachable'],
    [0, 'ETIMEDOUT', 'database_timeout'],
    [0, 'TIMEOUT', 'database_timeout'],
    [9999, 'UNKNOWN', 'database_failed'],
  ])('%i %s is %s', (errno, code, expected) => {
    const error = databaseError(new StatementError(errno, code, 'words'), 'Loading a.csv');
    expect(error.code).toBe(expected);
    expect(error.fault).toBe('environment');
    expect(error.message).toContain('Loading a.csv failed');
  });

  test.each([1062, 1366, 1064, 9999])('%i never carries the cell or the statement', (errno) => {
    const raw = Object.assign(new Error("near 'secret'"), {
      errno,
      code: 'ER_X',
      sql: "INSERT INTO t VALUES ('secret')",
      sqlMessage: "near 'secret'",
    });
    const error = databaseError(statementError(raw), 'Loading a.csv');
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('secret');
  });
});
