import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { planFailure, runFailure, withdrawnFailure } from '../../../src/query/query-failure.ts';

test('a query that is refused says why and where in one line, without the excerpt, and names the tables', () => {
  const duckdb = new Error(
    'Binder Error: no "x"\nCandidates: "y"\n\nLINE 2: SELECT x\n               ^',
  );
  const error = planFailure(duckdb, ['student_data', 'orders']);
  expect(error.message).toBe(
    'The query cannot be run: Binder Error: no "x" Candidates: "y" (line 2, column 8)',
  );
  expect(error.hint).toContain('student_data, orders');
});

test.each([
  [
    "Conversion Error: Could not convert string 'it's 7' to INT32",
    "Conversion Error: Could not convert string '…' to INT32",
  ],
  [
    'Out of Range Error: Overflow in multiplication of INT32 (99999 * -12.5)!',
    'Out of Range Error: Overflow in multiplication of INT32 (… * …)!',
  ],
  ["Conversion Error: 'a\nsecret'", "Conversion Error: '…'"],
  ["Conversion Error: 'a\n\nsecret' to INT32\n\nLINE 1: 'x'", "Conversion Error: '…' to INT32"],
  [
    'Invalid Input Error: Could not parse string "secret"\nsecret\n^',
    "Invalid Input Error: Could not parse string '…'",
  ],
])('a query that failed while it ran tells no cell value: %j', (text, told) => {
  const error = runFailure(new Error(text));
  expect(error.message).toBe(`The query failed while it ran: ${told}`);
  expect(error.cause).toBeUndefined();
});

test('a file that is gone since it was listed is named, and the query may be tried again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hopper-query-'));
  try {
    const there = join(folder, 'a.parquet');
    const gone = join(folder, 'b.parquet');
    await writeFile(there, '');
    expect(await withdrawnFailure([there])).toBeNull();
    const error = await withdrawnFailure([there, gone]);
    expect(error).toMatchObject({ code: 'query_files_changed', retry: true });
    expect(error?.message).toContain(gone);
  } finally {
    await rm(folder, { recursive: true });
  }
});
