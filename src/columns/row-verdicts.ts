import type { Problem } from '../core/problem.ts';
import type { ProblemList } from '../core/problem-list.ts';
import { describeShifted, type RejectMarks } from '../csv/reject-columns.ts';
import type { RowBlock } from '../csv/row-block.ts';
import type { BatchSource } from './batch-source.ts';
import type { ColumnBuilder } from './column-builder.ts';
import { NULL_ID } from './column-batch.ts';
import { type CellFault, describeCell, describeForeign, ruleOf } from './describe-cell.ts';
import { describeCheck, kindOfCheck } from './describe-check.ts';
import type { RowChecks } from './row-checks.ts';

const ACCEPTED_ROW = 0;
const REJECTED_ROW = 1;
const NULL_ROW = 2;

/** Rows of a block whose cells have been read into columns. */
export interface BlockPart {
  block: RowBlock;
  /** Its first row, and how many. */
  from: number;
  length: number;
  /** Position in the source of the block's bytes. */
  base: number;
  /** Where the ids of its rows begin in the columns. */
  at: number;
}

/** The number of rows of each verdict. */
interface VerdictCounts {
  accepted: number;
  rejected: number;
  nulls: number;
}

/** Gives each row of a part of a block its verdict, tells what is wrong, and hands rejected rows over where somebody wants to see them. */
export class RowVerdicts {
  readonly #columns: readonly ColumnBuilder[];
  /** Null where there are none. */
  readonly #checks: RowChecks | null;
  readonly #dropsNulls: boolean;
  #states = new Uint8Array(0);

  constructor(columns: readonly ColumnBuilder[], checks: RowChecks | null, dropsNulls: boolean) {
    this.#columns = columns;
    this.#checks = checks;
    this.#dropsNulls = dropsNulls;
  }

  /** `foreign`: the rows may not be UTF-8, so each cell is looked at. */
  judge(part: BlockPart, source: BatchSource, foreign: boolean, problems: ProblemList): void {
    const { length } = part;
    if (this.#states.length < length) this.#states = new Uint8Array(length);
    this.#states.fill(ACCEPTED_ROW, 0, length);
    if (foreign) this.#rejectForeign(part, source, problems);
    if (source.marks !== null) this.#rejectShifted(part, source, source.marks, problems);
    if (this.#dropsNulls) this.#dropNulls(part);
    this.#rejectBroken(part, source, problems);
    if (this.#checks !== null) this.#rejectByChecks(this.#checks, part, source, problems);
  }

  /** Whether a row of the part that was judged last is accepted. */
  accepts(row: number): boolean {
    return this.#states[row] === ACCEPTED_ROW;
  }

  /** Of the first rows of the part that was judged last. */
  count(length: number): VerdictCounts {
    const counts = [0, 0, 0];
    for (let row = 0; row < length; row++) counts[this.#states[row]!]!++;
    const [accepted, rejected, nulls] = counts as [number, number, number];
    return { accepted, rejected, nulls };
  }

  #rejectForeign(part: BlockPart, source: BatchSource, problems: ProblemList): void {
    const columns = this.#columns.map(({ column }) => column);
    const { fieldOf, extra } = source;
    for (let row = 0; row < part.length; row++) {
      for (const problem of describeForeign(part.block, part.from + row, columns, fieldOf, extra)) {
        this.#reject(part, source, row, problem, problems);
      }
    }
  }

  #rejectShifted(
    part: BlockPart,
    source: BatchSource,
    marks: RejectMarks,
    problems: ProblemList,
  ): void {
    for (let row = 0; row < part.length; row++) {
      const problem = describeShifted(part.block, part.from + row, marks);
      if (problem !== null) this.#reject(part, source, row, problem, problems);
    }
  }

  #reject(
    part: BlockPart,
    source: BatchSource,
    row: number,
    problem: Problem,
    problems: ProblemList,
  ): void {
    this.#states[row] = REJECTED_ROW;
    problems.add(problem);
    divert(part, source, row, problem);
  }

  #dropNulls({ length, at }: BlockPart): void {
    for (const column of this.#columns) {
      // That a file has nothing beside its columns is no missing value.
      if (column.nulls === 0 || column.column.gathers) continue;
      const ids = column.ids(at + length);
      for (let row = 0; row < length; row++) {
        if (ids[at + row] === NULL_ID && this.#states[row] === ACCEPTED_ROW) {
          this.#states[row] = NULL_ROW;
        }
      }
    }
  }

  #rejectBroken(part: BlockPart, source: BatchSource, problems: ProblemList): void {
    const { length, at } = part;
    const describesAll = source.rejected !== null;
    const faults: CellFault[] = [];
    for (const [column, builder] of this.#columns.entries()) {
      const { column: of, nulls, broken } = builder;
      if (broken === 0 && (nulls === 0 || of.nullable)) continue;
      const ids = builder.ids(at + length);
      // Of ten million broken rows, those that no report lists took most of the time: they are counted by their verdict.
      const counted = new Map<number, number>();
      for (let row = 0; row < length; row++) {
        const id = ids[at + row]!;
        if (id >= 0 || (id === NULL_ID && of.nullable)) continue;
        const state = this.#states[row];
        if (state === NULL_ROW) continue;
        this.#states[row] = REJECTED_ROW;
        const fault = { row, column, verdict: -id };
        const more = counted.get(fault.verdict);
        if (more !== undefined) counted.set(fault.verdict, more + 1);
        else if (describesAll || problems.wants(ruleOf(fault), of.name)) faults.push(fault);
        else counted.set(fault.verdict, 1);
      }
      for (const [verdict, count] of counted) {
        problems.count(ruleOf({ verdict }), of.name, count);
      }
    }
    if (faults.length > 0) this.#report(faults, part, source, problems);
  }

  #report(faults: CellFault[], part: BlockPart, source: BatchSource, problems: ProblemList): void {
    const columns = this.#columns.map(({ column }) => column);
    const { fieldOf, rejected, bounds } = source;
    // Found column by column, read line by line.
    faults.sort((a, b) => a.row - b.row || a.column - b.column);
    for (const fault of faults) {
      const rule = ruleOf(fault);
      const { name } = columns[fault.column]!;
      const isWanted = problems.wants(rule, name);
      if (!isWanted) problems.count(rule, name);
      if (!isWanted && rejected === null) continue;
      const problem = describeCell(fault, part.block, part.from, columns, fieldOf, bounds);
      if (isWanted) problems.add(problem);
      divert(part, source, fault.row, problem);
    }
  }

  /** Of the rows that are sound so far. */
  #rejectByChecks(
    checks: RowChecks,
    part: BlockPart,
    source: BatchSource,
    problems: ProblemList,
  ): void {
    const { block, from, length, at } = part;
    const { fieldOf, rejected } = source;
    const states = this.#states;
    const isSound = (row: number): boolean => states[row] === ACCEPTED_ROW;
    for (const { row, asked } of checks.findBroken(this.#columns, at, length, isSound)) {
      states[row] = REJECTED_ROW;
      const [rule, column, name] = kindOfCheck(asked);
      const isWanted = problems.wants(rule, column, name);
      if (!isWanted) problems.count(rule, column, 1, name);
      if (!isWanted && rejected === null) continue;
      const problem = describeCheck(asked, block, from + row, fieldOf);
      if (isWanted) problems.add(problem);
      divert(part, source, row, problem);
    }
  }
}

function divert(
  { block, from, base }: BlockPart,
  { rejected }: BatchSource,
  row: number,
  problem: Problem,
): void {
  const start = block.rowStarts[from + row]!;
  const bytes = block.rowEnds[from + row]! - start;
  rejected?.add(base + start, bytes, block.lines[from + row]!, problem);
}
