import type { Problem } from './problem.ts';

/** Takes the rows of a load that its table refuses. */
export interface Refusals {
  /** When so many have been taken, nobody wants to know of more. */
  rowsMax: number;
  /** Begins anew: what was taken so far does not count. */
  begin(): void;
  /** Takes a row by its place among those of the load files, from 0 on, with what the table has against it. In their order. */
  add(row: number, problems: Problem[]): void;
}
