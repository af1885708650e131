import type { Problem, ProblemGroup } from '../core/problem.ts';
import type { Column, ColumnType } from '../schema/column-type.ts';
import { parseColumnType } from '../schema/parse-column-type.ts';
import { typeText } from '../schema/type-text.ts';
import { widest } from '../schema/wider-type.ts';

/** A snippet of more columns would be a new schema. */
const COLUMNS_MAX = 50;

/**
 * Lines for schema.yaml, each with what it was: what its owner might change, where the values are right and the schema is too narrow; null where no change is the
 * obvious one. A column is named only if each of its problems that is listed would be gone.
 */
export function schemaChange(
  columns: readonly Column[],
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
    const changed = changeOf(column, ofColumn, count === rowsRead);
    return changed === null ? [] : [lineOf(column, changed)];
  });
  lines.push(...newColumns(problems));
  return lines.length === 0 ? null : lines.slice(0, COLUMNS_MAX).join('\n');
}

/** `all`: whether every row has a problem here, so that the type need not take what it took before. */
function changeOf(column: Column, problems: readonly Problem[], all: boolean): Column | null {
  let type: ColumnType | null = null;
  let { nullable } = column;
  for (const { rule, fits } of problems) {
    if (rule === 'nullable') {
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

function lineOf(was: Column, now: Column): string {
  return `${yamlKey(now.name)}: ${entryOf(now)}   # was ${entryOf(was)}`;
}

function entryOf({ type, nullable }: Column): string {
  return nullable ? typeText(type) : `{ type: ${typeText(type)}, nullable: false }`;
}

/** Columns that a file has besides all those of the schema. */
function newColumns(problems: readonly Problem[]): string[] {
  if (problems.some(({ rule }) => rule !== 'header_extra_column')) return [];
  return problems.flatMap(({ column }) =>
    column === null ? [] : [`${yamlKey(column)}: VARCHAR(255)   # new: choose its type`],
  );
}

/** A name as a key of YAML; in quotes unless it can be nothing else than a name. */
function yamlKey(name: string): string {
  const isWord =
    /^[a-z][a-z0-9_]*$/.test(name) && !/^(null|true|false|yes|no|on|off|y|n)$/.test(name);
  return isWord ? name : JSON.stringify(name);
}
