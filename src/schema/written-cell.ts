// Writes values as the cells of a column have them: the way back from what cell-parser.ts makes of a cell.
import { acceptsCell } from './accepts.ts';
import { usualFormat } from './cell-format.ts';
import { booleanWords } from './cell-parser.ts';
import type { Column } from './column-type.ts';
import { writeTemporal } from './parsers/temporal-format.ts';

/** Values in the type's own writing, as the cells of a column have them; those that it does not take are left out. */
export function writtenCells(values: readonly string[], column: Column): string[] {
  return values.flatMap((value) => {
    const cell = writtenCell(value, column);
    return cell !== null && acceptsCell(column, cell) ? [cell] : [];
  });
}

/** Null where the column's format cannot hold all of the value. */
function writtenCell(value: string, { type, format = usualFormat }: Column): string | null {
  const { temporal, decimalChar } = format;
  if (temporal !== null) return writeTemporal(temporal, value);
  if (decimalChar !== null) return value.replace('.', decimalChar);
  if (type.name !== 'BOOLEAN') return value;
  const [truths, falsehoods] = booleanWords(format);
  return (value === 'true' ? truths : falsehoods)[0] ?? null;
}
