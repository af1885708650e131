// The files in which rows are kept that a table has refused. A list by places in the source outlives the process, because these do
// not depend on how the source is cut into pieces; one by places among the accepted rows is what comes from the table.
import type { Problem } from '../core/problem.ts';
import { readWorkLines } from '../core/work-lines.ts';

/** A row that a table has refused, by its place among the accepted rows of a piece, from 0 on. */
export interface RefusedPlace {
  row: number;
  problems: Problem[];
}

/** One that is found in the source. Its problems have no line. */
export interface RefusedPosition {
  position: number;
  /** With its line end. */
  bytes: number;
  problems: Problem[];
}

export function readPlaces(path: string): Generator<RefusedPlace> {
  return readWorkLines(path) as Generator<RefusedPlace>;
}

/** In the order of the source. `from`: rows before this position may be left out, and most are. */
export function readPositions(path: string, from = 0): Generator<RefusedPosition> {
  const isBefore = (row: unknown): boolean => (row as RefusedPosition).position < from;
  return readWorkLines(path, from === 0 ? undefined : isBefore) as Generator<RefusedPosition>;
}
