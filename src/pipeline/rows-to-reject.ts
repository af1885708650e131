import type { RepeatedKey } from '../columns/key-rows.ts';
import type { RejectedRow } from '../columns/rejected-rows.ts';
import { readWorkLines } from '../core/work-lines.ts';
import type { LineCounter } from '../csv/line-counter.ts';
import type { OpenSource } from './compare-rows.ts';
import type { PieceResult } from './piece-result.ts';
import { lineCounter, rejectedByTable } from './refused-by-table.ts';
import type { RepeatedKeyProblems } from './repeated-key-problems.ts';
import { keyProblems } from './unique-keys.ts';

/** The rejected rows of all pieces, one by one in the order of the source and with their lines in it. */
export function* rowsToReject(
  source: OpenSource,
  pieces: readonly PieceResult[],
): Generator<RejectedRow> {
  const { header } = source.plan;
  const kept = pieces.flatMap(({ repeatedKeys }) => repeatedKeys);
  const problems = keyProblems(source, kept);
  const counter = lineCounter(source);
  const refusedCounter = lineCounter(source);
  let line = header.nextLine;
  for (const { rejectedFile, rejectedKeysFile, refusedFile, lines } of pieces) {
    const broken = rejectedFile === null ? [] : brokenRows(rejectedFile, line);
    const late = rejectedKeysFile === null ? [] : repeatedRows(rejectedKeysFile, problems, counter);
    const refused = refusedFile === null ? [] : rejectedByTable(refusedFile, refusedCounter);
    yield* merged(merged(broken, late), refused);
    line += lines;
  }
}

/** Rows that broke a rule when they were read. */
function* brokenRows(path: string, firstLine: number): Generator<RejectedRow> {
  for (const row of readWorkLines(path) as Iterable<RejectedRow>) {
    yield { ...row, line: row.line + firstLine };
  }
}

/** Rows that repeat unique keys, each with a problem for each of its keys. */
function* repeatedRows(
  path: string,
  problems: RepeatedKeyProblems,
  counter: LineCounter,
): Generator<RejectedRow> {
  let row: RejectedRow | null = null;
  for (const repeated of readWorkLines(path) as Iterable<RepeatedKey>) {
    const { position, bytes } = repeated;
    if (row !== null && row.position !== position) {
      yield row;
      row = null;
    }
    const line = counter.lineAt(position);
    row ??= { position, bytes, line, problems: [], problemsTotal: 0 };
    row.problems.push(problems.describe(repeated, line));
    row.problemsTotal++;
  }
  if (row !== null) yield row;
}

/** Brings two kinds of rows, each in the order of the source, into that order together. */
function* merged(
  rows: Iterable<RejectedRow>,
  others: Iterable<RejectedRow>,
): Generator<RejectedRow> {
  const waiting = others[Symbol.iterator]();
  let other = waiting.next();
  for (const row of rows) {
    for (; other.done !== true && other.value.position < row.position; other = waiting.next()) {
      yield other.value;
    }
    yield row;
  }
  for (; other.done !== true; other = waiting.next()) yield other.value;
}
