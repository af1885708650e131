import { hasApostrophe } from './formula-cell.ts';
import { isNeutralised, type RejectMarks } from './reject-columns.ts';
import type { RowBlock } from './row-block.ts';
import type { RowSource } from './row-source.ts';

/**
 * The rows of a reject file without the apostrophes that csv-hopper has put before what a spreadsheet would take for a formula: what
 * their sender wrote.
 */
export class RestoredRows implements RowSource {
  readonly #rows: RowSource;
  readonly #marks: RejectMarks;

  constructor(rows: RowSource, marks: RejectMarks) {
    this.#rows = rows;
    this.#marks = marks;
  }

  get block(): RowBlock {
    return this.#rows.block;
  }

  get line(): number {
    return this.#rows.line;
  }

  get openQuoteLine(): number | null {
    return this.#rows.openQuoteLine;
  }

  get faultyRows(): number {
    return this.#rows.faultyRows;
  }

  get full(): boolean {
    return this.#rows.full;
  }

  scan(bytes: Uint8Array, start: number, end: number, last: boolean, limit?: number): number {
    const next = this.#rows.scan(bytes, start, end, last, limit);
    const { block } = this.#rows;
    for (let row = 0; row < block.rowCount; row++) {
      if (isNeutralised(block, row, this.#marks)) restore(block, row);
    }
    return next;
  }

  close(): void {
    this.#rows.close();
  }
}

function restore({ bytes, starts, ends, fieldCount }: RowBlock, row: number): void {
  const first = row * fieldCount;
  for (let cell = first; cell < first + fieldCount; cell++) {
    if (hasApostrophe(bytes, starts[cell]!, ends[cell]!)) starts[cell]!++;
  }
}
