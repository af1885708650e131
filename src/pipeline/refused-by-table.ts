import { rmSync } from 'node:fs';
import type { RejectedRow } from '../columns/rejected-rows.ts';
import type { ProblemList } from '../core/problem-list.ts';
import { WorkLines } from '../core/work-lines.ts';
import { LineCounter } from '../csv/line-counter.ts';
import type { OpenSource } from './compare-rows.ts';
import { pieceFilePath } from './piece-files.ts';
import type { PieceResult } from './piece-result.ts';
import { readPositions, type RefusedPosition } from './refused-places.ts';

/** Adds what a table has against rows of the source to the problems, with their lines, and writes the list of these rows. */
export function reportRefused(
  source: OpenSource,
  pieces: readonly PieceResult[],
  problems: ProblemList,
): void {
  const list = source.refused?.list ?? null;
  const lines = list === null ? null : new WorkLines(list);
  try {
    const counter = lineCounter(source);
    for (const row of refusedIn(pieces)) {
      lines?.add(row);
      for (const problem of row.problems) {
        const { rule, column } = problem;
        if (problems.wants(rule, column))
          problems.add({ ...problem, line: counter.lineAt(row.position) });
        else problems.count(rule, column);
      }
    }
    lines?.finish();
  } finally {
    lines?.close();
  }
}

/** The rows of a piece that a table refuses, as rows of the reject file. */
export function* rejectedByTable(path: string, counter: LineCounter): Generator<RejectedRow> {
  for (const { position, bytes, problems } of readPositions(path)) {
    const line = counter.lineAt(position);
    const placed = problems.map((problem) => ({ ...problem, line }));
    yield { position, bytes, line, problems: placed, problemsTotal: problems.length };
  }
}

export function lineCounter({ fd, plan }: OpenSource): LineCounter {
  return new LineCounter(fd, plan.rowsStart, plan.header.nextLine);
}

/** Removes the transient files that a conversion made of such rows. */
export function removeRefused({ refused }: Pick<OpenSource, 'refused'>, pieceCount: number): void {
  if (refused === undefined) return;
  for (let piece = 0; piece < pieceCount; piece++)
    rmSync(pieceFilePath(refused.scratch, piece), { force: true });
}

function* refusedIn(pieces: readonly PieceResult[]): Generator<RefusedPosition> {
  for (const { refusedFile } of pieces) if (refusedFile !== null) yield* readPositions(refusedFile);
}
