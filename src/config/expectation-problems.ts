import type { YamlFile, YamlProblem } from '../core/yaml-file.ts';
import { nearest } from '../core/nearest.ts';
import { columnTypes } from '../schema/column-types.ts';
import type { ColumnType } from '../schema/column-type.ts';
import type { Dataset } from '../schema/dataset.ts';
import type { Expectations } from '../schema/expectations.ts';

/** Whether files have to be looked at, and not only waited for. */
export function needsProfile({ rows, columns }: Expectations): boolean {
  return rows !== null || Object.keys(columns).length > 0;
}

/** Expectations of columns that the schema does not have, or of means where there are no numbers. */
export function expectationProblems(
  { columns, expect, diversion }: Dataset,
  index: number,
): YamlProblem[] {
  if (expect === undefined) return [];
  const at = ['datasets', index, 'expect'];
  return Object.entries(expect.columns).flatMap(([name, { mean, outliers }]) => {
    const path = [...at, 'columns', name];
    const column = columns.find((one) => one.name === name);
    if (column === undefined) {
      const names = columns.map((one) => one.name);
      const [close] = nearest(name, names, 1);
      const hint = close === undefined ? '' : `; did you mean ${close}?`;
      return [{ path, message: `the schema has no column ${JSON.stringify(name)}${hint}` }];
    }
    if (outliers?.action === 'divert' && diversion === null) {
      const message = 'divert needs on_invalid_rows: divert';
      return [{ path: [...path, 'outliers', 'action'], message }];
    }
    if (isNumber(column.type) || (mean === null && outliers === null)) return [];
    const key = mean === null ? 'outliers' : 'mean';
    return [
      {
        path: [...path, key],
        message: `${key} is for columns of numbers, not of ${column.type.name}`,
      },
    ];
  });
}

/** zod leaves a key of this name out of a mapping without a word. Names are compared in lower case, so there is another way to write it. */
export function unreadExpectations({ keysOf }: YamlFile, index: number): YamlProblem[] {
  const path = ['datasets', index, 'expect', 'columns'];
  return keysOf(path)
    .filter((name) => name === '__proto__')
    .map((name) => ({
      path: [...path, name],
      message: `datasets[${index}].expect.columns.${name} cannot be read: write it as ${name.toUpperCase()}, which is the same column`,
    }));
}

function isNumber(type: ColumnType): boolean {
  const { kind } = columnTypes[type.name].logicalType(type);
  return kind === 'integer' || kind === 'decimal' || (kind === 'none' && type.name !== 'BOOLEAN');
}
