import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ConversionResult } from '../../../src/pipeline/conversion.ts';
import type { CleanOptions } from '../../../src/schema/dataset.ts';
import { column, datasetOf } from '../../support/loads.ts';
import { compiled } from '../../support/hopper-process.ts';
import { Conversions, type ConvertOptions } from './conversions.ts';

const columns = [column('id', 'INTEGER'), column('text', 'TEXT')];
const clean: Partial<CleanOptions> = {
  ...{ trim: true, lowercaseValues: true, duplicateRows: 'drop' },
};

let at: Conversions;
beforeEach(() => {
  at = new Conversions();
});
afterEach(() => {
  at.remove();
});

/** What a conversion says and writes, but for where the load files are cut. */
async function outcome(result: ConversionResult) {
  const { loadFiles, parquetBytes, ...said } = result;
  if (result.problemsTotal > 0) return { ...said, parquetBytes, outputs: at.outputs() };
  const bytes = loadFiles.reduce((sum, file) => sum + file.bytes, 0);
  const rows = loadFiles.reduce((sum, file) => sum + file.rows, 0);
  return { ...said, bytes, rows, table: await at.readParquet(), load: at.readLoadFile() };
}

/** Converts as one piece, and in pieces of at most so many bytes. */
async function bothWays(content: string, pieceBytesMax: number, more: ConvertOptions = {}) {
  const outcomes = [];
  for (const settings of [{}, { pieceBytesMax, rowGroupRows: 7 }]) {
    at.remove();
    at = new Conversions();
    outcomes.push(await outcome(at.convert(content, columns, { clean, settings, ...more })));
  }
  return { whole: outcomes[0]!, pieces: outcomes[1]! };
}

const lineEnd = fc.constantFrom('\n', '\n', '\r\n', '\r', '\n\n');
const text = fc.oneof(
  fc.constantFrom('a', 'A', ' a ', '', '"a"', '"a ""b"""', '"1;x\n2;y"', '"\r\n"', '""'),
  fc.string({ unit: fc.constantFrom('a', 'é', ';', '\n', '"'), maxLength: 12 }).map(quoted),
);
const row = fc.tuple(fc.integer({ min: 0, max: 9 }), text, lineEnd);
const badRow = fc.constantFrom(
  ...['x;a\n', '1;a"b\n', '1\n', '1;"a"b\n', '1;"a\n\nb"c\n', '"1;a\n', '3;4;5\n'],
);
const file = fc.array(
  fc.oneof(
    { weight: 60, arbitrary: row.map(([id, value, end]) => `${id};${value}${end}`) },
    { weight: 1, arbitrary: badRow },
  ),
  { minLength: 1, maxLength: 60 },
);

function quoted(value: string): string {
  return `"${value.replaceAll('"', '""')}"`;
}

test('a file in pieces of any size becomes what it becomes as a whole', async () => {
  await fc.assert(
    fc.asyncProperty(file, fc.integer({ min: 1, max: 200 }), async (rows, pieceBytesMax) => {
      const { whole, pieces } = await bothWays(`id;text\n${rows.join('')}`, pieceBytesMax);
      expect(pieces).toEqual(whole);
    }),
    { numRuns: 150 },
  );
});

test('checks are asked of the same rows in pieces of any size', async () => {
  const checks = [
    { expression: 'length(text) > 1 or id <> 3', name: null, message: null, hint: null },
    { expression: "id < 9 or text <> 'a'", name: 'nine', message: 'No.', hint: 'Yes.' },
  ];
  await fc.assert(
    fc.asyncProperty(file, fc.integer({ min: 1, max: 200 }), async (rows, pieceBytesMax) => {
      const content = `id;text\n${rows.join('')}`;
      const { whole, pieces } = await bothWays(content, pieceBytesMax, { checks });
      expect(pieces).toEqual(whole);
    }),
    { numRuns: 50 },
  );
});

test('quoted text that looks like rows does not mislead a piece that starts in it', async () => {
  const inner = Array.from({ length: 40 }, (_, i) => `${i};fake`).join('\n');
  const rows = Array.from({ length: 30 }, (_, i) => `${i};"${inner} ${i}"\n`);
  const { whole, pieces } = await bothWays(`id;text\n${rows.join('')}`, 150);
  expect(pieces).toEqual(whole);
  expect(pieces.counts.rowsAccepted).toBe(30);
});

test('a row longer than several pieces belongs to the first', async () => {
  const content = `id;text\n1;${'x'.repeat(5000)}\n2;y\n3;"${'\n'.repeat(5000)}"\n4;z\n`;
  const { whole, pieces } = await bothWays(content, 100);
  expect(pieces).toEqual(whole);
  expect(pieces.counts.rowsAccepted).toBe(4);
});

describe('problems in pieces', () => {
  const many = Array.from({ length: 400 }, (_, i) => `${i};a\n`);

  test('stand on the lines of the file, and beyond a limit are only counted', async () => {
    const content = `id;text\n${many.map((line, i) => (i % 7 === 3 ? 'x;"\n"\n' : line)).join('')}`;
    const { whole, pieces } = await bothWays(content, 200);
    expect(pieces).toEqual(whole);
    const few = at.convert(content, columns, { settings: { pieceBytesMax: 200, problemsMax: 3 } });
    expect(few.problems.map(({ line }) => line)).toEqual([5, 13, 21]);
    expect(few.problemsTotal).toBe(57);
  });

  test.each([
    ['a NUL byte', '\0;a\n', 'nul_byte', 302],
    ['a quote that is never closed', '1;"a\n', 'quote', 302],
  ])('%s ends the file', async (_, bad, rule, line) => {
    const content = `id;text\n${many.with(300, bad).join('')}`;
    const { pieces } = await bothWays(content, 200);
    expect(pieces.problems).toMatchObject([{ rule, line }]);
    expect(pieces.problemsTotal).toBe(1);
  });

  test('a quote that another one closes further down is told by the distance, wherever the piece begins', async () => {
    const content = `id;text\n${many.with(300, '1;"open\n').with(302, '2;"b"\n').join('')}`;
    const { whole, pieces } = await bothWays(content, 200);
    expect(pieces).toEqual(whole);
    expect(pieces.problems).toMatchObject([{ rule: 'quote', line: 302, column: 'text' }]);
    expect(pieces.problems[0]?.message).toContain('closed 2 lines further down');
  });

  test('a line that is too long ends the file, and its quote is named by its line', () => {
    const content = `id;text\n${many.with(300, `1;"${'x'.repeat(9000)}\n`).join('')}`;
    const settings = { pieceBytesMax: 200, lineBytesMax: 4096 };
    const { problems } = at.convert(content, columns, { settings });
    expect(problems).toMatchObject([{ rule: 'line_length', line: 302 }]);
    expect(problems[0]?.hint).toContain('line 302');
  });
});

describe('threads', () => {
  const dataset = { ...datasetOf('d', columns), clean: { ...datasetOf('d', []).clean, ...clean } };
  const content = `id;text\n${Array.from(
    { length: 6000 },
    (_, i) => `${i % 5000};"row ""${i % 5000}""\n${'y'.repeat(i % 50)}"\n`,
  ).join('')}`;

  async function convertWith(threads: number, loadFile = at.loadFile): Promise<ConversionResult> {
    const { WorkerPool } =
      await compiled<typeof import('../../../src/pipeline/worker-pool.ts')>(
        'pipeline/worker-pool.js',
      );
    const pool = new WorkerPool(threads, {
      datasets: [dataset],
      unpacking: { bytesMax: 1 << 30, ratioMax: 500 },
      givesWay: false,
      conversion: {
        ...{ codec: 'zstd', rowGroupRows: 1000, lineBytesMax: 1 << 20 },
        ...{ problemsMax: 10, pieceBytesMax: 10_000, fingerprintBytesMax: 1 << 20 },
      },
    });
    const transient = {
      scratch: join(at.folder, '.spilled-rows'),
      decoded: join(at.folder, '.decoded'),
    };
    const outputs = { parquet: at.parquet, loadFile, ...transient, metadata: {} };
    try {
      const expected = at.write(content);
      return await pool.convert({ source: at.source, expected, dataset: 'd', outputs });
    } finally {
      await pool.close();
    }
  }

  test('make the same bytes, however many they are', async () => {
    const made: string[] = [];
    for (const threads of [1, 2, 3]) {
      const result = await convertWith(threads);
      expect(result.counts).toMatchObject({ rowsAccepted: 5000, rowsDroppedDuplicate: 1000 });
      const files = result.loadFiles.map(({ path }) => readFileSync(path, 'latin1'));
      expect(files.length).toBeGreaterThan(10);
      made.push(readFileSync(at.parquet, 'latin1') + files.join('|'));
    }
    expect(made[1]).toBe(made[0]);
    expect(made[2]).toBe(made[0]);
  });

  test('of which one fails leave nothing, and none waits for ever', async () => {
    // The load file of the seventh piece cannot be written.
    mkdirSync(`${at.loadFile}.6`);
    await expect(convertWith(2)).rejects.toMatchObject({ code: 'io_failed' });
    expect(at.outputs()).toEqual(['rows.tsv.6']);
  });
});
