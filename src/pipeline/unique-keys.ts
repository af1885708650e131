// The unique keys of a dataset: rows are told apart by them piece by piece, as by all their values, and what repeats is described
// when all pieces are there, because lines of earlier rows are known only then.
import { rmSync } from 'node:fs';
import { FingerprintTable } from '../columns/fingerprint-table.ts';
import { KeyRows, type RepeatedKey } from '../columns/key-rows.ts';
import { markRepeated } from '../columns/mark-repeated.ts';
import { RepeatedRows } from '../columns/repeated-rows.ts';
import { SourceRows } from '../columns/source-rows.ts';
import { SpilledRows } from '../columns/spilled-rows.ts';
import type { ProblemList } from '../core/problem-list.ts';
import { LineCounter } from '../csv/line-counter.ts';
import { UNIQUE_KEYS_MAX, type Dataset } from '../schema/dataset.ts';
import { sourceReading, sourceRows, type OpenSource } from './compare-rows.ts';
import type { ConversionPlan } from './conversion-plan.ts';
import { PieceBoard } from './piece-board.ts';
import type { PieceResult } from './piece-result.ts';
import { kindOfKey, RepeatedKeyProblems } from './repeated-key-problems.ts';

/** So many repeated keys are remembered, for the lines of the earlier rows; the others are counted. */
export const REPEATED_KEYS_MAX = 10_000;

/** In the order of the source. */
export function byPlace(a: RepeatedKey, b: RepeatedKey): number {
  return a.position - b.position || a.key - b.key;
}

/**
 * The unique keys by which the rows of a source are compared, with their columns. Those with the column whose values ascend are
 * not among them: it tells all rows apart.
 */
export function comparedKeys(
  { columns, uniqueKeys = [] }: Dataset,
  { key }: Pick<ConversionPlan, 'key'>,
): { key: number; columns: number[] }[] {
  return uniqueKeys
    .map((names, i) => ({
      key: i,
      columns: names.map((name) => columns.findIndex((column) => column.name === name)),
    }))
    .filter(({ columns: places }) => key === null || !places.includes(key));
}

/** The transient file of rows of a key that are compared late. */
function keyScratch(scratch: string, key: number): string {
  return `${scratch}-${key}`;
}

/** Removes the transient files of a conversion's rows, by the path of its scratch file. */
export function removeScratch(scratch: string): void {
  for (const key of Array(UNIQUE_KEYS_MAX).keys())
    rmSync(keyScratch(scratch, key), { force: true });
  rmSync(scratch, { force: true });
}

/** What a piece whose turn it is compares the keys of its rows with. */
export function keyRows(source: OpenSource, board: PieceBoard): KeyRows[] {
  const { dataset, plan, memory, outputs, settled } = source;
  const isKnown = settled && dataset.diversion !== null;
  return comparedKeys(dataset, plan).map(({ key, columns }, i) => {
    const table = new FingerprintTable(memory.keys[i]!);
    const [path, at] = [keyScratch(outputs.scratch, key), board.keySpilledTo(i)];
    const beyond = isKnown ? new RepeatedRows(path, at) : new SpilledRows(path, at);
    return new KeyRows(key, table, keySource(source, columns), beyond);
  });
}

/** Compares the values of a key's columns. */
function keySource(source: OpenSource, places: readonly number[]): SourceRows {
  const reading = sourceReading(source);
  return new SourceRows({
    ...reading,
    columns: places.map((place) => reading.columns[place]!),
    fieldOf: places.map((place) => reading.fieldOf[place]!),
  });
}

/**
 * Marks in the transient files of the keys which rows repeat one, of those for which their tables had no room, so that they can
 * be diverted when all is converted once more. Returns how many there are. What the tables hold is lost.
 */
export function markLateKeys(source: OpenSource): number {
  const { dataset, plan, memory, outputs } = source;
  const board = new PieceBoard(memory.board);
  let marked = 0;
  for (const [i, { key, columns }] of comparedKeys(dataset, plan).entries()) {
    if (board.keySpilledTo(i) === 0) continue;
    const rows = keySource(source, columns);
    try {
      marked += markRepeated(keyScratch(outputs.scratch, key), memory.keys[i]!, rows);
    } finally {
      rows.close();
    }
  }
  return marked;
}

/** What repeats of the rows for which the tables of the keys had no room. */
export function findLateKeys(
  source: OpenSource,
  pieces: readonly PieceResult[],
): { repeated: RepeatedKey[]; perKey: number[] } {
  const { dataset, plan, memory, outputs } = source;
  const repeated: RepeatedKey[] = [];
  const perKey: number[] = [];
  const full = dataset.clean.duplicateRows === 'drop' ? sourceRows(source) : null;
  try {
    for (const [i, { key, columns }] of comparedKeys(dataset, plan).entries()) {
      if (!pieces.some(({ keyRowsBeyond }) => keyRowsBeyond[i]! > 0)) continue;
      const rows = keySource(source, columns);
      const areEqual = (earlier: number, position: number, bytes: number): boolean => {
        if (!rows.areEqual(earlier, position, bytes)) return false;
        if (full?.areEqual(earlier, position, bytes) === true) return true;
        perKey[key] = (perKey[key] ?? 0) + 1;
        if (repeated.length < REPEATED_KEYS_MAX) repeated.push({ key, position, bytes, earlier });
        return true;
      };
      try {
        // The table has served, so its memory does for the partitions.
        markRepeated(keyScratch(outputs.scratch, key), memory.keys[i]!, { areEqual });
      } finally {
        rows.close();
      }
    }
  } finally {
    full?.close();
  }
  return { repeated, perKey };
}

/** Adds a problem for each repeated key, as far as they are wanted. `perKey`: how many there are of each key, listed or not. */
export function reportRepeatedKeys(
  repeated: readonly RepeatedKey[],
  perKey: readonly number[],
  source: OpenSource,
  problems: ProblemList,
): void {
  const { dataset, plan, fd } = source;
  // Of those that no report lists the lines are not looked for, but for the first of each key.
  const { problemsMax } = source.settings;
  const seen = new Set<number>();
  const wanted = repeated
    .toSorted(byPlace)
    .filter(({ key }, i) => i < problemsMax || seen.size < seen.add(key).size);
  const places = wanted.flatMap(({ position, earlier }) => [position, ...placeOf(earlier)]);
  const lines = linesOf(places, plan, fd);
  const describer = new RepeatedKeyProblems(source, lines);
  for (const [key, names] of (dataset.uniqueKeys ?? []).entries()) {
    const [rule, column, check] = kindOfKey(names);
    let rest = perKey[key] ?? 0;
    for (const one of wanted.filter((other) => other.key === key)) {
      if (!problems.wants(rule, column, check)) continue;
      rest--;
      problems.add(describer.describe(one, lines.get(one.position)!));
    }
    if (rest > 0) problems.count(rule, column, rest, check);
  }
}

/** Describes repeated keys of the rows that are diverted: the lines of earlier rows are known for those that are `kept`. */
export function keyProblems(source: OpenSource, kept: readonly RepeatedKey[]): RepeatedKeyProblems {
  const places = kept.flatMap(({ earlier }) => placeOf(earlier));
  return new RepeatedKeyProblems(source, linesOf(places, source.plan, source.fd));
}

function placeOf(earlier: number | null): number[] {
  return earlier === null ? [] : [earlier];
}

/** The lines on which rows at these positions stand, found in one passage through the source up to the last of them. */
function linesOf(
  positions: readonly number[],
  { rowsStart, header }: ConversionPlan,
  fd: number,
): Map<number, number> {
  const counter = new LineCounter(fd, rowsStart, header.nextLine);
  const sorted = positions.toSorted((a, b) => a - b);
  return new Map(sorted.map((position) => [position, counter.lineAt(position)]));
}
