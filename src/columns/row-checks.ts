import type { Column } from '../schema/column-type.ts';
import type { CleanOptions } from '../schema/dataset.ts';
import type { CellSlot } from '../schema/expression/cell-slot.ts';
import {
  type CompiledExpression,
  compileExpression,
} from '../schema/expression/compile-expression.ts';
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

/** Holds rows against the checks of a dataset, whose values it reads where the columns have them: as ids and entries. */
export class RowChecks {
  readonly asked: readonly AskedCheck[];

  constructor(checks: readonly RowCheck[], columns: readonly Column[], clean: CleanOptions) {
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
      for (const slot of asked.slots) fill(slot, columns[slot.index]!, base + length);
      const { truth } = asked;
      for (let row = 0; row < length; row++) {
        if (isSound(row) && truth(base + row) === FALSE) found.push({ row, asked });
      }
    }
    // Stable, so that a row's checks stay in their order.
    return found.sort((a, b) => a.row - b.row);
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
