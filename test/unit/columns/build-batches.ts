import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BatchBuilder } from '../../../src/columns/batch-builder.ts';
import { NULL_ID, type ColumnVector } from '../../../src/columns/column-batch.ts';
import { LoadFileWriter } from '../../../src/columns/load-file-writer.ts';
import type { RowCounts } from '../../../src/core/load.ts';
import type { Problem } from '../../../src/core/problem.ts';
import { ProblemList } from '../../../src/core/problem-list.ts';
import { Kernel } from '../../../src/kernel/kernel.ts';
import { PADDING_BYTES, type RowBlock } from '../../../src/csv/row-block.ts';
import type { Column } from '../../../src/schema/column-type.ts';
import type { CleanOptions } from '../../../src/schema/dataset.ts';
import type { RowCheck } from '../../../src/schema/row-check.ts';

/** One for all tests of a file, as a worker thread has one for all its files. */
export const kernel = new Kernel();

export const keepAll: CleanOptions = {
  trim: false,
  lowercaseValues: false,
  nullWords: [],
  nullRows: 'keep',
  duplicateRows: 'keep',
};

export type CellValue = boolean | number | bigint | string | null;

export interface Built {
  counts: RowCounts;
  /** Of each batch, the values of each column. */
  batches: CellValue[][][];
  /** Of each batch, whether each column can serve as a dictionary, and how many entries it has. */
  entries: { distinct: boolean; count: number }[][];
  problems: Problem[];
  problemsTotal: number;
  loadFile: string;
}

export interface BuildOptions {
  clean?: Partial<CleanOptions>;
  checks?: readonly RowCheck[];
  rowGroupRows?: number;
  problemsMax?: number;
  /** The most rows of a block. */
  blockRows?: number;
  foreign?: boolean;
}

/** Rows as a scanner gives them; the first stands on line 2. */
export function blockOf(rows: readonly (readonly (string | Uint8Array)[])[], line = 2): RowBlock {
  const cells = rows.flat().map((cell) => Buffer.from(cell));
  const fieldCount = rows[0]?.length ?? 0;
  const starts = new Int32Array(cells.length);
  const ends = new Int32Array(cells.length);
  let at = 0;
  cells.forEach((cell, index) => {
    starts[index] = at;
    ends[index] = at += cell.length;
  });
  return {
    bytes: Buffer.concat([...cells, Buffer.alloc(PADDING_BYTES, 'x')]),
    fieldCount,
    rowCount: rows.length,
    starts,
    ends,
    rowStarts: Int32Array.from(rows, (_, row) => starts[row * fieldCount] ?? 0),
    rowEnds: Int32Array.from(rows, (_, row) => ends[(row + 1) * fieldCount - 1] ?? 0),
    lines: Float64Array.from(rows, (_, row) => line + row),
  };
}

/** Builds batches of rows whose fields stand in the order of the columns, with a load file beside them. */
export function buildBatches(
  columns: readonly Column[],
  rows: readonly (readonly (string | Uint8Array)[])[],
  options: BuildOptions = {},
): Built {
  const { clean, checks = [], rowGroupRows = 1000, problemsMax = 1000, blockRows = 4096 } = options;
  const folder = mkdtempSync(join(tmpdir(), 'hopper-columns-'));
  const path = join(folder, 'rows.tsv');
  const loadFile = new LoadFileWriter(path, kernel);
  try {
    const problems = new ProblemList(problemsMax);
    const batches: CellValue[][][] = [];
    const entries: Built['entries'] = [];
    const builder = new BatchBuilder({
      columns,
      checks,
      clean: { ...keepAll, ...clean },
      renders: true,
      kernel,
    });
    builder.begin({
      fieldOf: columns.map((_, field) => field),
      rowsMax: rowGroupRows,
      seed: 1,
      compares: clean?.duplicateRows === 'drop',
      rejected: null,
      marks: null,
    });
    const seen = new Set<string>();
    const handOver = (): void => {
      builder.dropRepeated({
        prefetch: () => undefined,
        isRepeated: (first, second) => seen.size === seen.add(`${first} ${second}`).size,
      });
      builder.render(loadFile);
      if (builder.rows > 0) {
        const { rowCount, columns: vectors } = builder.batch();
        batches.push(vectors.map((vector) => valuesOf(vector, rowCount)));
        entries.push(
          vectors.map((vector) => ({ distinct: vector.distinct, count: vector.entries.count })),
        );
      }
      builder.clear();
    };
    for (let from = 0; from < rows.length; from += blockRows) {
      const block = blockOf(rows.slice(from, from + blockRows), 2 + from);
      for (let row = 0; row < block.rowCount;) {
        row = builder.add(block, row, 0, options.foreign ?? false, problems);
        if (builder.full) handOver();
      }
    }
    handOver();
    loadFile.finish();
    const { items, total } = problems;
    const text = readFileSync(path, 'utf8');
    const { counts } = builder;
    builder.close();
    return { counts, batches, entries, problems: items, problemsTotal: total, loadFile: text };
  } finally {
    loadFile.close();
    rmSync(folder, { recursive: true });
  }
}

function valuesOf({ ids, entries, nullCount }: ColumnVector, rowCount: number): CellValue[] {
  const values = Array.from(ids.subarray(0, rowCount), (id): CellValue => {
    if (id === NULL_ID) return null;
    if (id < 0 || id >= entries.count) throw new Error(`There is no entry ${id}.`);
    switch (entries.storage) {
      case 'boolean':
        return entries.values[id] === 1;
      case 'bytes': {
        const { bytes, offsets } = entries;
        return Buffer.from(bytes.subarray(offsets[id], offsets[id + 1])).toString();
      }
      case 'fixed': {
        const { bytes, width } = entries;
        const hex = Buffer.from(bytes.subarray(id * width, (id + 1) * width)).toString('hex');
        return BigInt.asIntN(width * 8, BigInt(`0x${hex}`));
      }
      case 'int32':
      case 'int64':
      case 'float':
      case 'double':
        return entries.values[id] ?? null;
    }
  });
  if (values.filter((value) => value === null).length !== nullCount) {
    throw new Error(`${nullCount} is not the number of nulls.`);
  }
  return values;
}
