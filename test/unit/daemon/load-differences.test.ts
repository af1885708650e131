import { expect, test } from 'vitest';
import { loadDifferences } from '../../../src/daemon/load-differences.ts';
import type { LoadTraces, ParquetTrace } from '../../../src/daemon/load-traces.ts';

const known = {
  loadId: 'a'.repeat(32),
  dataset: 'people',
  file: 'a.csv',
  sha256: 'b'.repeat(64),
  bytes: 100,
  ...{ rowsRead: 5, rowsAccepted: 5, rowsRejected: 0, rowsDroppedNull: 0, rowsDroppedDuplicate: 0 },
};
const receipt = {
  ...known,
  time: '2026-11-26T00:00:00.000Z',
  parquet: 'people/a-aaaaaaaa.parquet',
  table: 'people',
  durationMs: 1,
};
const ledger = {
  ...known,
  table: 'people',
  parquet: 'a-aaaaaaaa.parquet',
  loadedAt: '2026-11-26T00:00:00.000000Z',
  rowsUpdated: null,
};

function file(path: string, rows = 5): ParquetTrace {
  return { path, footer: { rows, metadata: new Map() } };
}

function messages(changes: Partial<LoadTraces>, hasSource = true): string[] {
  const load: LoadTraces = {
    loadId: known.loadId,
    ...{ receipt, ledger, table: 'people', rows: 5 },
    parquet: [file('people/a-aaaaaaaa.parquet')],
    ...{ replacedBy: null, byKey: false },
    ...changes,
  };
  const differences = loadDifferences({ loads: [load], strayFiles: [] }, () => hasSource);
  return differences.map(({ message, hint, remedy }) => [message, hint, remedy].join(' '));
}

test('a load that is the same everywhere has no difference', () => {
  expect(messages({})).toEqual([]);
});

test('a load without a row is lost with its ledger row', () => {
  const none = { ...receipt, rowsRead: 0, rowsAccepted: 0 };
  const parquet = [file('people/a-aaaaaaaa.parquet', 0)];
  expect(messages({ receipt: none, ledger: null, rows: 0, parquet })).toEqual([
    expect.stringMatching(/neither its ledger row nor any of its rows.* source$/),
  ]);
});

test('where nobody can tell whether the rows are there, people have to look', () => {
  expect(messages({ ledger: null, rows: null })).toEqual([
    expect.stringMatching(/no column _load_id that would tell.*Look for its rows/),
  ]);
});

test('what was finished before there was a database is a matter of choice', () => {
  const before = { ...receipt, table: null };
  expect(messages({ receipt: before, ledger: null, rows: 0 })).toEqual([
    expect.stringContaining('when no database was configured'),
  ]);
});

test('a load without a source in the archive is not promised to come back', () => {
  const [told] = messages({ ledger: null, rows: 0 }, false);
  expect(told).toContain('get the file from its sender');
  expect(told).not.toContain('ingest --lost');
});

test('two Parquet files of one load are told, and each with other rows', () => {
  const parquet = [file('people/a-aaaaaaaa.parquet'), file('people/copy.parquet', 4)];
  expect(messages({ parquet })).toEqual([
    expect.stringContaining('queries count them twice'),
    expect.stringContaining('people/copy.parquet has 4 rows instead of 5'),
  ]);
});

test('counts that ledger and receipt have different are told', () => {
  expect(messages({ receipt: { ...receipt, rowsAccepted: 6 } })).toEqual([
    expect.stringContaining('the ledger has it with 5 rows, and its receipt with 6'),
  ]);
});

test('a load id that somebody else inserted is quoted in the SQL', () => {
  const none = { receipt: null, ledger: null, parquet: [] };
  expect(messages({ ...none, loadId: "x' OR '1", rows: 1 })[0]).toContain("= 'x'' OR ''1'");
});
