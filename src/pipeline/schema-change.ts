import type { Problem, ProblemGroup } from '../core/problem.ts';
import { yamlText } from '../core/yaml-text.ts';
import { columnEntry, isSoundEntry } from '../schema/column-entry.ts';
import type { Column, ColumnType } from '../schema/column-type.ts';
import { type Dataset, keyOf } from '../schema/dataset.ts';
import { parseColumnType } from '../schema/parse-column-type.ts';
import { widest } from '../schema/wider-type.ts';

/** A snippet of more columns would be a new schema. */
const COLUMNS_MAX = 50;

/** What the schema of a dataset says of its columns, and which of them need a value for another reason. */
export type SchemaOfReport = Pick<Dataset, 'columns' | 'uniqueKeys' | 'write'>;

/**
 * Lines for schema.yaml, each with what it was: what its owner might change, where the values are right and the schema is too narrow; null where no change is the
 * obvious one. A column is named only if each of its problems that is listed would be gone.
 */
export function schemaChange(
  { columns, uniqueKeys = [], write }: SchemaOfReport,
  problems: readonly Problem[],
  groups: readonly ProblemGroup[],
  rowsRead: number,
): string | null {
  const listed = new Map<string | null, Problem[]>();
  for (const problem of [...problems, ...groups.map(({ first }) => first)]) {
    const ofColumn = listed.get(problem.column);
    if (ofColumn === undefined) listed.set(problem.column, [problem]);
    else ofColumn.push(problem);
  }
  const lines = columns.flatMap((column) => {
    const ofColumn = listed.get(column.name);
    if (ofColumn === undefined) return [];
    const count = groups
      .filter((group) => group.column === column.name)
      .reduce((sum, group) => sum + group.count, 0);
    // By a null no row of a key is found again, so the schema cannot allow one.
    const needsValue = keyOf(write).includes(column.name);
    const changed = changeOf(column, ofColumn, count === rowsRead, needsValue);
    const unique = uniqueKeys.some((key) => key.length === 1 && key[0] === column.name);
    if (changed === null || !isSoundEntry(changed, unique)) return [];
    const [was, now] = [column, changed].map((one) => columnEntry(one, unique));
    return [`${yamlText(column.name)}: ${now!}   # was ${was!}`];
  });
  lines.push(...newColumns(problems));
  return lines.length === 0 ? null : lines.slice(0, COLUMNS_MAX).join('\n');
}

/** `all`: whether every row has a problem here, so that the type need not take what it took before. */
function changeOf(
  column: Column,
  problems: readonly Problem[],
  all: boolean,
  needsValue: boolean,
): Column | null {
  let type: ColumnType | null = null;
  let { nullable } = column;
  for (const { rule, fits } of problems) {
    if (rule === 'nullable') {
      if (needsValue) return null;
      nullable = true;
      continue;
    }
    const parsed = fits === undefined ? null : parseColumnType(fits);
    if (parsed === null || 'problem' in parsed) return null;
    type = type === null ? parsed.type : widest(type, parsed.type);
    if (type === null) return null;
  }
  if (type !== null && !all && widest(column.type, type) === null) return null;
  return { ...column, type: type ?? column.type, nullable };
}

/** Columns that a file has besides all those of the schema, and that rows have values for. */
function newColumns(problems: readonly Problem[]): string[] {
  if (problems.some(({ rule }) => rule !== 'header_extra_column')) return [];
  return problems.flatMap(({ column, valueless = false }) =>
    column === null || valueless
      ? []
      : [`${yamlText(column)}: VARCHAR(255)   # new: choose its type`],
  );
}
