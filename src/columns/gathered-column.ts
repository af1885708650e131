import type { ExtraField } from '../csv/header-reading.ts';
import type { RowBlock } from '../csv/row-block.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { CleanOptions } from '../schema/dataset.ts';
import type { ColumnBuilder } from './column-builder.ts';
import { GatheredCells } from './gathered-cells.ts';
import { BlockPlacer } from './placed-block.ts';

/** Gives the column that gathers the fields of no other its cells. */
export class GatheredColumn {
  readonly #cells: GatheredCells;
  readonly #placer: BlockPlacer;

  constructor(extra: readonly ExtraField[], clean: Pick<CleanOptions, 'trim'>, kernel: Kernel) {
    this.#cells = new GatheredCells(extra, clean);
    this.#placer = new BlockPlacer(kernel);
  }

  /** The most rows of one call. */
  get rowsMax(): number {
    return this.#cells.rowsMax;
  }

  /** Those of rows [from, to) of a block, into ids from `base` on. */
  append(column: ColumnBuilder, block: RowBlock, from: number, to: number, base: number): void {
    const cells = this.#placer.place(this.#cells.gather(block, from, to));
    column.append(cells, 0, 0, to - from, base);
  }

  /** Gives back what it has taken of the kernel's memory. */
  close(): void {
    this.#placer.close();
  }
}
