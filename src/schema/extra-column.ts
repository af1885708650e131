import { columnNameProblem, normaliseColumnName } from './column-name.ts';
import type { Column } from './column-type.ts';

/** The column that holds, as JSON, the cells of columns that the schema does not know. */
function extraColumn(name: string): Column {
  const type = { length: 0, precision: 0, scale: 0, fraction: 0 };
  return { name, type: { ...type, name: 'JSON' }, nullable: true, gathers: true };
}

/** Its name among the columns of a dataset, where that has one. */
export function extraColumnOf(columns: readonly Column[]): string | undefined {
  return columns.find(({ gathers }) => gathers)?.name;
}

/** The columns with that one behind them; why that cannot be, as it goes on from the name of the setting. */
export function withExtraColumn(columns: Column[], text: string): Column[] | { problem: string } {
  const name = normaliseColumnName(text);
  const problem = columnNameProblem(name);
  if (problem !== null) return { problem: `cannot be a column: ${problem}` };
  if (columns.some((column) => column.name === name)) {
    return { problem: `names ${name}, which is a column of the schema: give it another name` };
  }
  return [...columns, extraColumn(name)];
}
