import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readableLine } from '../../../src/log/readable-line.ts';

const event = {
  level: 'info',
  time: '2025-01-02T03:04:05.678Z',
  event: 'finished',
  msg: 'file finished',
};

test('a finished file shows its counts, its table and its time', () => {
  const line = readableLine({
    ...event,
    file: 'a.csv',
    loadId: '0123456789abcdef0123456789abcdef',
    rowsRead: 1_234_567,
    rowsAccepted: 1_234_500,
    rowsRejected: 0,
    rowsDroppedNull: 60,
    rowsDroppedDuplicate: 7,
    table: 'student_data',
    durationMs: 1234,
  });
  expect(line).toBe(
    '2025-01-02T03:04:05Z  finished   a.csv  01234567  ' +
      '1,234,567 rows read, 1,234,500 accepted, 60 dropped with nulls, 7 dropped as duplicates  into student_data  1.2 s',
  );
});

test('one row of a kind is not several', () => {
  const counts = { bytes: 1, rowsRead: 1, rowsAccepted: 0, rowsDroppedDuplicate: 1 };
  expect(readableLine({ ...event, file: 'a.csv', ...counts })).toMatch(
    / {2}1 byte, 1 row read, 0 accepted, 1 dropped as a duplicate$/,
  );
});

test('an event without a file shows its words', () => {
  expect(readableLine({ ...event, event: 'watching', msg: 'waiting for CSV files' })).toBe(
    '2025-01-02T03:04:05Z  watching   waiting for CSV files',
  );
});

test('a failure shows its level, its reason and what to do', () => {
  const failed = { ...event, level: 'error', event: 'failed', file: 'a.csv' };
  const expected = '2025-01-02T03:04:05Z  ERROR  failed     a.csv  no columns -> add some';
  expect(readableLine({ ...failed, reason: 'no columns', hint: 'add some' })).toBe(expected);
  expect(readableLine({ ...failed, err: { message: 'no columns', hint: 'add some' } })).toBe(
    expected,
  );
});

test('a skipped file names the load it repeats', () => {
  const repeats = 'fedcba9876543210fedcba9876543210';
  expect(readableLine({ ...event, event: 'skipped', file: 'a.csv', repeats })).toMatch(
    /skipped {4}a\.csv {2}repeats load fedcba98$/,
  );
});

test('a file name cannot break the line or steer the terminal', () => {
  const line = readableLine({ ...event, file: 'a\n\x1b[2J\u202evsc.\x9b\t.csv' });
  expect(line).toContain('a\\n\\x1b[2J\\u{202e}vsc.\\x9b\\t.csv');
});

test('any JSON object gives one line', () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.constantFrom(
          'time',
          'level',
          'event',
          'file',
          'err',
          'rowsRead',
          'durationMs',
          'reason',
        ),
        fc.jsonValue(),
      ),
      (object) => {
        expect(readableLine(object)).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
      },
    ),
  );
});
