import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { WorkLines } from '../../../src/core/work-lines.ts';
import { PieceRefusals } from '../../../src/pipeline/piece-refusals.ts';

const folder = mkdtempSync(join(tmpdir(), 'csv-hopper-refusals-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('a piece reads the list of refused rows on from where it begins, and not what belongs to pieces before it', () => {
  const known = join(folder, 'known');
  const list = new WorkLines(known);
  for (let n = 0; n < 60_000; n++) list.add({ position: n * 10, bytes: 10, problems: [] });
  list.finish();
  const fd = openSync(known, 'r+');
  writeSync(fd, 'x'.repeat(100_000));
  closeSync(fd);
  const piece = new PieceRefusals(
    { known, fresh: null, list: null, scratch: join(folder, 'scratch') },
    3,
  );
  const refused = [500_000, 500_005, 500_010, 599_990, 600_000].map((position) =>
    piece.isRefused(position, 10),
  );
  piece.close();
  expect(refused).toEqual([true, false, true, true, false]);
});
