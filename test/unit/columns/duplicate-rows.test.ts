import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FingerprintTable, type ComparedRows } from '../../../src/columns/fingerprint-table.ts';
import { markRepeated } from '../../../src/columns/mark-repeated.ts';
import { RepeatedRows } from '../../../src/columns/repeated-rows.ts';
import { SpilledRows } from '../../../src/columns/spilled-rows.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hopper-spilled-'));
  path = join(folder, '.spilled');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

interface Row {
  value: number;
  position: number;
}

/** Fingerprints of values: `bits` of them are different, the others collide. */
function fingerprintOf(value: number, bits: number): [number, number] {
  const first = Math.imul(value & (2 ** bits - 1), 0x9e3779b1);
  return [first, Math.imul(first, 0x85ebca6b)];
}

/** Spills rows piece by piece, marks the repeated ones, looks all up again; positions of those that are repeated. */
function repeatedAmong(pieces: readonly Row[][], bits: number, tableBytesMax: number): number[] {
  const values = new Map(pieces.flat().map(({ position, value }) => [position, value]));
  const rows: ComparedRows = { areEqual: (a, b) => values.get(a) === values.get(b) };
  let at = 0;
  for (const piece of pieces) {
    const spilled = new SpilledRows(path, at);
    for (const { value, position } of piece) {
      expect(spilled.isRepeated(...fingerprintOf(value, bits), position, 9)).toBe(false);
    }
    at = spilled.finish();
    expect(spilled.rows).toBe(piece.length);
    spilled.close();
  }
  expect(statSync(path).size).toBe(at);
  const memory = new ArrayBuffer(FingerprintTable.bytesFor(1e6, tableBytesMax));
  const marked = markRepeated(path, memory, rows);
  at = 0;
  const found = pieces.flatMap((piece) => {
    const repeated = new RepeatedRows(path, at);
    const positions = piece
      .filter(({ value, position }) => {
        return repeated.isRepeated(...fingerprintOf(value, bits), position);
      })
      .map(({ position }) => position);
    at = repeated.finish();
    repeated.close();
    return positions;
  });
  expect(found).toHaveLength(marked);
  return found;
}

/** Positions of the rows that equal an earlier one. */
function repeatedRows(rows: readonly Row[]): number[] {
  const seen = new Set<number>();
  return rows
    .filter(({ value }) => seen.size === seen.add(value).size)
    .map(({ position }) => position);
}

test('of spilled rows those that equal an earlier one are found, however few a table holds', () => {
  const row = fc.record({ value: fc.nat({ max: 60 }), gap: fc.integer({ min: 1, max: 2 ** 36 }) });
  const pieces = fc.array(fc.array(row, { maxLength: 60, size: 'max' }), {
    minLength: 1,
    maxLength: 5,
  });
  fc.assert(
    fc.property(pieces, fc.constantFrom(0, 2, 30), (lengths, bits) => {
      fc.pre(lengths.flat().length > 0);
      let position = 0;
      // Positions reach beyond the terabyte that a table knows.
      const all = lengths.map((piece) =>
        piece.map(({ value, gap }) => ({ value, position: (position += gap) })),
      );
      expect(repeatedAmong(all, bits, 0)).toEqual(repeatedRows(all.flat()));
    }),
  );
});

test('rows of more than one run are found too, and in partitions larger than a table', () => {
  const rows = Array.from({ length: 100_000 }, (_, i) => ({
    value: (i * 7919) % 70_000,
    position: i * 100,
  }));
  const pieces = [rows.slice(0, 70_000), rows.slice(70_000)];
  expect(repeatedAmong(pieces, 30, 1 << 10)).toEqual(repeatedRows(rows));
  // Copies of one row are one row for the table.
  const copies = rows.map(({ position }) => ({ position, value: 1 }));
  expect(repeatedAmong([copies], 30, 0)).toHaveLength(copies.length - 1);
});

test('where no row is spilled no file is made, and what an earlier attempt left is not read', () => {
  const none = new SpilledRows(path, 0);
  expect(none.finish()).toBe(0);
  none.close();
  expect(existsSync(path)).toBe(false);
  const rows = Array.from({ length: 50 }, (_, i) => ({ value: i % 40, position: i }));
  expect(repeatedAmong([rows], 30, 0)).toHaveLength(10);
  expect(repeatedAmong([rows.slice(0, 45)], 30, 0)).toHaveLength(5);
});
