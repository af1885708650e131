import { ColumnBuilder } from '../columns/column-builder.ts';
import { BlockPlacer } from '../columns/placed-block.ts';
import type { Header } from '../csv/read-header.ts';
import type { RowBlock } from '../csv/row-block.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { columnTypes } from '../schema/column-types.ts';
import type { Dataset } from '../schema/dataset.ts';
import { I64_MIN } from './piece-board.ts';

/** Fewer rows may ascend by chance. */
const ROWS_MIN = 16;

/**
 * The columns of which one that ascends would be of use, as numbers of the schema's: in order, those of unique keys first, and
 * others only where all rows are compared.
 */
function candidates({ columns, clean, uniqueKeys = [] }: Dataset): number[] {
  const inKeys = new Set(uniqueKeys.flat());
  const all = columns.map((_, i) => i);
  const [first, others] = [true, false].map((wanted) =>
    all.filter((i) => inKeys.has(columns[i]!.name) === wanted),
  ) as [number[], number[]];
  return clean.duplicateRows === 'drop' ? [...first, ...others] : first;
}

/**
 * The column that looks like a key of the file, as a number counted on, or the time of an event: its values ascend through the
 * first rows, those of the block. Null: none.
 */
export function findKey(
  block: RowBlock,
  { fieldOf }: Header,
  dataset: Dataset,
  kernel: Kernel,
): number | null {
  const { columns, clean } = dataset;
  const wanted = candidates(dataset);
  if (block.rowCount < ROWS_MIN || wanted.length === 0) return null;
  const placer = new BlockPlacer(kernel);
  try {
    const placed = placer.place(block);
    const key = wanted.find((i) => {
      const column = columns[i]!;
      const storage = columnTypes[column.type.name].storage(column.type);
      if (storage !== 'int32' && storage !== 'int64') return false;
      const builder = new ColumnBuilder(column, { clean, renders: false }, kernel);
      try {
        builder.append(placed, fieldOf[i]!, 0, block.rowCount, 0);
        return builder.ascend(block.rowCount, I64_MIN) !== null;
      } finally {
        builder.close();
      }
    });
    return key ?? null;
  } finally {
    placer.close();
  }
}
