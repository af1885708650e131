import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ConversionResult } from '../../../src/pipeline/conversion.ts';
import type { WorkerPool } from '../../../src/pipeline/worker-pool.ts';
import { compiled } from '../../support/hopper-process.ts';
import { column, datasetOf } from '../../support/loads.ts';
import { Conversions } from './conversions.ts';

let at: Conversions;
beforeEach(() => {
  at = new Conversions();
});
afterEach(() => {
  at.remove();
});

const columns = [column('id', 'INTEGER'), column('name', 'VARCHAR')];
const clean = {
  ...{ trim: true, lowercaseValues: true, nullWords: ['NA'] },
  ...{ nullRows: 'keep' as const, duplicateRows: 'drop' as const },
};
/** The smallest table has room for twelve rows. */
const smallTable = { fingerprintBytesMax: 0 };

/** What a conversion gives: all but the paths. */
function outcome(text: string, settings: object): unknown[] {
  const { counts, problems, problemsTotal } = at.convert(text, columns, { clean, settings });
  const scratch = readdirSync(at.folder).filter((name) => name.startsWith('.'));
  const parquet = existsSync(at.parquet) ? readFileSync(at.parquet, 'base64') : null;
  return [counts, problems, problemsTotal, scratch, parquet, at.readLoadFile()];
}

const idWays = (id: number): string[] => [`${id}`, ` ${id}`, `"${id}"`, `"${id} "`];
const nameWays: Record<string, string[]> = {
  a: ['a', 'A', '"a"', ' a'],
  b: ['"b\n."', '"B\n."'],
  null: ['', 'NA', '""'],
};
const row = fc
  .tuple(fc.nat({ max: 30 }), fc.constantFrom('a', 'b', 'null'))
  .chain(([id, name]) => {
    const end = fc.constantFrom('\n', '\r\n');
    return fc.tuple(fc.constantFrom(...idWays(id)), fc.constantFrom(...nameWays[name]!), end);
  })
  .map(([id, name, end]) => `${id},${name}${end}`);

test('a table of a few rows drops the same rows as one that holds all, in one piece or many', () => {
  const rows = fc.array(row, { minLength: 20, maxLength: 120, size: 'max' });
  fc.assert(
    fc.property(rows, fc.constantFrom(40, 150, 1 << 20), (lines, pieceBytesMax) => {
      const text = `id,name\n${lines.join('')}`;
      const pieces = { pieceBytesMax, rowGroupRows: 9 };
      const limited = outcome(text, { ...pieces, ...smallTable });
      expect(limited).toEqual(outcome(text, pieces));
      // The scratch file is gone, there are no problems, and there is a Parquet file.
      expect(limited.slice(1, 4)).toEqual([[], 0, []]);
      expect(limited[4]).not.toBeNull();
    }),
    { numRuns: 60 },
  );
});

test('rows of which none repeats are spilled, compared, and all kept', () => {
  const lines = Array.from({ length: 5000 }, (_, i) => `${5000 - i},n${i}`);
  const text = `id,name\n${lines.join('\n')}\n`;
  const small = outcome(text, { pieceBytesMax: 10_000, ...smallTable });
  expect(small).toEqual(outcome(text, { pieceBytesMax: 10_000 }));
  expect(small[0]).toMatchObject({ rowsRead: 5000, rowsAccepted: 5000, rowsDroppedDuplicate: 0 });
});

test('a file with problems is refused as ever, and leaves nothing', () => {
  const lines = Array.from({ length: 5000 }, (_, i) => (i === 4000 ? 'x,y' : `${i % 2000},a`));
  const text = `id,name\n${lines.join('\n')}\n`;
  const settings = { pieceBytesMax: 10_000, ...smallTable };
  const { problems, counts } = at.convert(text, columns, { clean, settings });
  expect(problems).toMatchObject([{ rule: 'type', line: 4002, column: 'id' }]);
  expect(counts).toMatchObject({ rowsRead: 5000, rowsRejected: 1 });
  expect(at.outputs()).toEqual([]);
});

test('spilled rows that cannot be written are an error, and leave nothing', () => {
  const text = `id,name\n${Array.from({ length: 50 }, (_, i) => `${i},a\n`).join('')}`;
  const outputs = { scratch: join(at.folder, 'none', '.spilled-rows') };
  expect(() => at.convert(text, columns, { clean, settings: smallTable, outputs })).toThrow(
    'ENOENT',
  );
  expect(at.outputs()).toEqual([]);
});

test('several threads give the same bytes as one, and leave no scratch file', async () => {
  const lines = Array.from({ length: 20_000 }, (_, i) => `${i % 9000}, ${i % 2 ? 'A' : 'a'}`);
  const text = `id,name\n${lines.join('\n')}\n`;
  const [counts, , , , parquet, loadFile] = outcome(text, { pieceBytesMax: 1 << 13 });
  const expected = at.write(text);
  const dataset = datasetOf('d', columns);
  const limits = { rowGroupRows: 1000, lineBytesMax: 16 << 20, problemsMax: 100 };
  const module =
    await compiled<typeof import('../../../src/pipeline/worker-pool.ts')>(
      'pipeline/worker-pool.js',
    );
  const pool: WorkerPool = new module.WorkerPool(2, {
    datasets: [{ ...dataset, clean }],
    conversion: { codec: 'none', ...limits, ...smallTable, pieceBytesMax: 1 << 13 },
    unpacking: { bytesMax: 1 << 30, ratioMax: 500 },
    givesWay: false,
  });
  try {
    const outputs = {
      ...{ parquet: at.parquet, loadFile: at.loadFile, metadata: { a: 'b' } },
      scratch: join(at.folder, '.spilled-rows'),
      decoded: join(at.folder, '.decoded'),
    };
    const task = { source: at.source, expected, dataset: 'd', outputs };
    const result: ConversionResult = await pool.convert(task);
    expect(result.counts).toEqual(counts);
    expect(result.counts.rowsDroppedDuplicate).toBe(11_000);
    expect(readFileSync(at.parquet, 'base64')).toBe(parquet);
    expect(at.readLoadFile()).toBe(loadFile);
    expect(at.outputs().filter((name) => name.startsWith('.'))).toEqual([]);
  } finally {
    await pool.close();
  }
});
