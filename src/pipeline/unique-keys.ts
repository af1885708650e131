// The unique keys of a dataset: rows are told apart by them piece by piece, as by all their values, and what repeats is described
// when all pieces are there, because lines of earlier rows are known only then.
import { rmSync } from 'node:fs';
import { FingerprintTable } from '../columns/fingerprint-table.ts';
import { KeyRows, type RepeatedKey } from '../columns/key-rows.ts';
import { markRepeated } from '../columns/mark-repeated.ts';
import { RowReader } from '../columns/row-reader.ts';
import { SourceRows } from '../columns/source-rows.ts';
import { SpilledRows } from '../columns/spilled-rows.ts';
import { cellText } from '../columns/describe-cell.ts';
import type { Problem } from '../core/problem.ts';
import type { ProblemList } from '../core/problem-list.ts';
import { lineAtPosition } from '../csv/source-reader.ts';
import { UNIQUE_KEYS_MAX, type Dataset } from '../schema/dataset.ts';
import { sourceReading, sourceRows, type OpenSource } from './compare-rows.ts';
import type { ConversionPlan } from './conversion-plan.ts';
import type { PieceBoard } from './piece-board.ts';
import type { PieceResult } from './piece-result.ts';

/** So many repeated keys are remembered; the others are counted. */
export const REPEATED_KEYS_MAX = 10_000;

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
  const { dataset, plan, memory, outputs } = source;
  return comparedKeys(dataset, plan).map(({ key, columns }, i) => {
    const table = new FingerprintTable(memory.keys[i]!);
    const beyond = new SpilledRows(keyScratch(outputs.scratch, key), board.keySpilledTo(i));
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
        if (repeated.length < REPEATED_KEYS_MAX) repeated.push({ key, position, earlier });
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
  const sorted = repeated.toSorted((a, b) => a.position - b.position || a.key - b.key);
  // Of those that no report lists the lines are not looked for, but for the first of each key.
  const { problemsMax } = source.settings;
  const seen = new Set<number>();
  const wanted = sorted.filter(({ key }, i) => i < problemsMax || seen.size < seen.add(key).size);
  const places = wanted.flatMap(({ position, earlier }) => [position, earlier]);
  const lines = linesOf(places, plan, fd);
  const reader = new RowReader(sourceReading(source));
  for (const [key, names] of (dataset.uniqueKeys ?? []).entries()) {
    const column = names.length === 1 ? names[0]! : null;
    const check = column === null ? names.join(', ') : undefined;
    let rest = perKey[key] ?? 0;
    for (const one of wanted.filter((other) => other.key === key)) {
      if (!problems.wants('unique', column, check)) continue;
      rest--;
      problems.add({
        line: lines.get(one.position)!,
        column,
        rule: 'unique',
        ...(check !== undefined && { check }),
        ...describeKey(names, reader, one.position, lines.get(one.earlier)!, source),
      });
    }
    if (rest > 0) problems.count('unique', column, rest, check);
  }
}

function describeKey(
  key: readonly string[],
  reader: RowReader,
  position: number,
  earlierLine: number,
  { dataset, plan }: Pick<OpenSource, 'dataset' | 'plan'>,
): Pick<Problem, 'value' | 'message' | 'hint' | 'cells'> {
  const block = reader.rowAt(position);
  const cells = key.map((name) => {
    const place = dataset.columns.findIndex((column) => column.name === name);
    const value = block.rowCount === 0 ? '' : cellText(block, 0, plan.header.fieldOf[place]!);
    return { column: name, value };
  });
  const isOne = cells.length === 1;
  const hint = 'Take out one of the two rows, or correct it.';
  return {
    value: isOne ? cells[0]!.value : null,
    message: isOne
      ? `${key[0]!} has a value that line ${earlierLine} has already.`
      : `${key.slice(0, -1).join(', ')} and ${key.at(-1)!} have the values together that line ${earlierLine} has already.`,
    hint,
    ...(!isOne && { cells }),
  };
}

/** The lines on which rows at these positions stand, found in one passage through the source up to the last of them. */
function linesOf(
  positions: readonly number[],
  plan: ConversionPlan,
  fd: number,
): Map<number, number> {
  const lines = new Map<number, number>();
  let at = plan.rowsStart;
  let line = plan.header.nextLine;
  for (const position of positions.toSorted((a, b) => a - b)) {
    line += lineAtPosition(fd, position, at) - 1;
    at = position;
    lines.set(position, line);
  }
  return lines;
}
