import type { Kernel } from '../kernel/kernel.ts';
import type { Column } from '../schema/column-type.ts';
import type { CleanOptions } from '../schema/dataset.ts';
import type { CellComparison } from '../schema/expression/cell-comparison.ts';
import type { CellSlot } from '../schema/expression/cell-slot.ts';
import {
  type CompiledExpression,
  compileExpression,
} from '../schema/expression/compile-expression.ts';
import type { CompareSign } from '../schema/expression/parse-expression.ts';
import { FALSE } from '../schema/expression/value.ts';
import type { RowCheck } from '../schema/row-check.ts';
import type { Entries } from './column-batch.ts';
import type { ColumnBuilder } from './column-builder.ts';

/** A check with what it is asked by. */
export interface AskedCheck extends CompiledExpression {
  check: RowCheck;
}

export interface BrokenCheck {
  row: number;
  asked: AskedCheck;
}

/** The orders in which a comparison is true: bits as findDisordered in the kernel takes them. */
const acceptedOrders: Record<CompareSign, number> = {
  ...{ '<': 1, '=': 2, '<=': 3, '>': 4, '<>': 5, '>=': 6 },
};

/**
 * Holds rows against the checks of a dataset, whose values it reads where the columns have them: as ids and entries. Comparisons of
 * columns are made in the kernel.
 */
export class RowChecks {
  readonly asked: readonly AskedCheck[];
  readonly #kernel: Kernel;

  constructor(
    checks: readonly RowCheck[],
    columns: readonly Column[],
    clean: CleanOptions,
    kernel: Kernel,
  ) {
    this.#kernel = kernel;
    this.asked = checks.map((check) => ({
      check,
      ...compileExpression(check.expression, columns, clean),
    }));
  }

  /** Begins the next batch. */
  clear(): void {
    for (const { slots } of this.asked) for (const slot of slots) slot.clear();
  }

  /**
   * Which of the first `length` rows from `base` on of the batch in `columns` break which checks, row by row. Rows count from
   * `base`; those that are not sound are left out.
   */
  findBroken(
    columns: readonly ColumnBuilder[],
    base: number,
    length: number,
    isSound: (row: number) => boolean,
  ): BrokenCheck[] {
    const found: BrokenCheck[] = [];
    for (const asked of this.asked) {
      const { comparisons, slots, truth } = asked;
      if (comparisons !== null) {
        for (const row of this.#findDisordered(comparisons, columns, base, base + length)) {
          if (isSound(row - base)) found.push({ row: row - base, asked });
        }
        continue;
      }
      for (const slot of slots) fill(slot, columns[slot.index]!, base + length);
      for (let row = 0; row < length; row++) {
        if (isSound(row) && truth(base + row) === FALSE) found.push({ row, asked });
      }
    }
    // Stable, so that a row's checks stay in their order.
    return found.sort((a, b) => a.row - b.row);
  }

  /** The rows of [from, to) of the batch for which one of the comparisons is false. */
  #findDisordered(
    comparisons: readonly CellComparison[],
    columns: readonly ColumnBuilder[],
    from: number,
    to: number,
  ): Set<number> {
    const { functions } = this.#kernel;
    const found = new Set<number>();
    for (const { sign, left, right } of comparisons) {
      const [x, y] = [columns[left.slot.index]!.address, columns[right.slot.index]!.address];
      const accepted = acceptedOrders[sign];
      for (let row = from; row < to; row++) {
        row = functions.findDisordered(x, left.factor, y, right.factor, accepted, row, to);
        if (row < to) found.add(row);
      }
    }
    return found;
  }
}

/** Puts the first `rows` rows of a column where an expression reads them. */
function fill(slot: CellSlot, column: ColumnBuilder, rows: number): void {
  slot.ids = column.ids(rows);
  const entries: Entries = column.entries();
  slot.count = entries.count;
  switch (entries.storage) {
    case 'boolean':
    case 'int32':
    case 'float':
    case 'double':
      slot.numbers = entries.values;
      break;
    case 'int64': {
      const { buffer, byteOffset, length } = entries.values;
      slot.longs = entries.values;
      slot.words = new Int32Array(buffer, byteOffset, 2 * length);
      break;
    }
    case 'bytes':
      slot.bytes = entries.bytes;
      slot.offsets = entries.offsets;
      break;
    case 'fixed':
      slot.bytes = entries.bytes;
      slot.width = entries.width;
  }
}
