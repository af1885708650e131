import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { WorkerPool } from '../../../src/pipeline/worker-pool.ts';
import type { Column } from '../../../src/schema/column-type.ts';
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

const columns = [column('name', 'VARCHAR'), column('id', 'BIGINT')];
const clean = {
  ...{ trim: true, lowercaseValues: true, nullWords: ['NA'] },
  ...{ nullRows: 'keep' as const, duplicateRows: 'drop' as const },
};
const ROWS = 5000;
/** Some seven pieces, and batches that end inside of them. */
const pieces = { pieceBytesMax: 12_000, rowGroupRows: 300 };
const onePiece = { pieceBytesMax: 1 << 20, rowGroupRows: 300 };
/** There is no room for comparing rows: a conversion that compares more than twelve fails. */
const comparesNone = { fingerprintBytesMax: 0 };

function text(lines: readonly string[]): string {
  return `name,id\n${lines.join('\n')}\n`;
}

function numbered(idOf: (row: number) => string | number, name = 'Some name'): string[] {
  return Array.from({ length: ROWS }, (_, row) => `${name},${idOf(row)}`);
}

function convertComparingNone(lines: readonly string[], of: Column[] = columns) {
  const outputs = { scratch: join(at.folder, 'none', '.spilled-rows') };
  return at.convert(text(lines), of, { clean, settings: { ...pieces, ...comparesNone }, outputs });
}

test.each([
  ['BIGINT', (row: number) => row * 2_000_000_007 - 9_000_000_000_000],
  ['INTEGER', (row: number) => row - 2000],
  ['DECIMAL', (row: number) => `${row}.50`],
  ['DATE', (row: number) => new Date(row * 86_400_000).toISOString().slice(0, 10)],
  ['DATETIME', (row: number) => new Date(row * 1000).toISOString().slice(0, 19)],
] as const)('rows in the order of their %s are not compared', (type, idOf) => {
  const of = [column('name', 'VARCHAR'), column('id', type, { precision: 12, scale: 2 })];
  const { counts, problems } = convertComparingNone(numbered(idOf), of);
  expect(problems).toEqual([]);
  expect(counts).toMatchObject({ rowsRead: ROWS, rowsAccepted: ROWS, rowsDroppedDuplicate: 0 });
});

test.each([
  ['go down', numbered((row) => ROWS - row)],
  ['come twice', numbered((row) => row >> 1)],
  ['begin anew at the end', numbered((row) => row % (ROWS - 1))],
  ['are missing from a row on', numbered((row) => (row < 4000 ? row : ''))],
  ['are texts', Array.from({ length: ROWS }, (_, row) => `n${10_000 + row},7`)],
])('rows are compared where values %s', (_, lines) => {
  expect(() => convertComparingNone(lines)).toThrow('ENOENT');
  expect(at.outputs()).toEqual([]);
});

const idWays = (id: number): string[] => [`${id}`, ` ${id}`, `"${id}"`, `+${id}`];
/** A row that stands where it does not belong. */
const stray = fc
  .tuple(fc.integer({ min: -5, max: ROWS + 5 }), fc.nat({ max: 3 }))
  .chain(([id, way]) =>
    fc.constantFrom(`Some name,${idWays(id)[way]!}`, `some NAME ,${id}`, 'x,', 'other,7', 'x,NA'),
  );

/** The order breaks, a row is refused, and another repeats one: which counts in a refused file as well. */
const refusedAsWell: [number, string][] = [
  [0, 'Some name,+-3'],
  [12, 'Some name,11'],
  [0, 'x,'],
];

test('repeated rows are dropped as where all rows are compared, wherever the order of the keys breaks', () => {
  const strays = fc.array(fc.tuple(fc.nat({ max: ROWS }), stray), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(strays, fc.boolean(), (found, spills) => {
      const lines = numbered((row) => row);
      for (const [row, line] of found) lines.splice(row, 0, line);
      const outcome = (settings: object): unknown[] => {
        at.remove();
        at = new Conversions();
        const { counts, problems } = at.convert(text(lines), columns, { clean, settings });
        return [counts, problems, at.readLoadFile()];
      };
      const expected = outcome(onePiece);
      expect(outcome({ ...pieces, ...(spills ? comparesNone : {}) })).toEqual(expected);
      expect(at.outputs().filter((name) => name.startsWith('.'))).toEqual([]);
    }),
    { numRuns: 25, examples: [[refusedAsWell, true]] },
  );
});

test('a file whose order breaks is refused with all its problems, and leaves nothing', () => {
  const lines = numbered((row) => row);
  for (const row of [100, 4900]) lines[row] = `Some name,x${row}`;
  lines[2500] = lines[0]!;
  const { problems, counts } = at.convert(text(lines), columns, { clean, settings: pieces });
  expect(problems).toMatchObject([{ line: 102 }, { line: 4902 }]);
  expect(counts).toMatchObject({ rowsRead: ROWS, rowsRejected: 2, rowsDroppedDuplicate: 1 });
  expect(at.outputs()).toEqual([]);
});

test.each([
  ['keeps its order', numbered((row) => row)],
  ['loses its order', [...numbered((row) => row), 'Some name,3']],
])('several threads give the same bytes as one where a file %s', async (_, lines) => {
  const content = text(lines);
  const { counts } = at.convert(content, columns, { clean, settings: pieces });
  const parquet = readFileSync(at.parquet, 'base64');
  const loadFile = at.readLoadFile();
  const expected = at.write(content);
  const module =
    await compiled<typeof import('../../../src/pipeline/worker-pool.ts')>(
      'pipeline/worker-pool.js',
    );
  const limits = { lineBytesMax: 16 << 20, problemsMax: 100, fingerprintBytesMax: 32 << 20 };
  const pool: WorkerPool = new module.WorkerPool(2, {
    datasets: [{ ...datasetOf('d', columns), clean }],
    conversion: { codec: 'none', ...limits, ...pieces },
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
    expect((await pool.convert(task)).counts).toEqual(counts);
    expect(counts.rowsDroppedDuplicate).toBe(lines.length - ROWS);
    expect(readFileSync(at.parquet, 'base64')).toBe(parquet);
    expect(at.readLoadFile()).toBe(loadFile);
  } finally {
    await pool.close();
  }
});
