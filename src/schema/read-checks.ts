// Reads the rules across columns in schema.yaml: a list under a key that stands among the columns.
import type { YamlProblem } from '../core/yaml-file.ts';
import type { YamlValue } from '../core/yaml-tree.ts';
import { visibleText } from '../core/visible-text.ts';
import { unknownKeys } from './column-keys.ts';
import type { Column } from './column-type.ts';
import { compileExpression } from './expression/compile-expression.ts';
import { ExpressionMistake } from './expression/tokens.ts';
import type { WordCleaning } from './read-rules.ts';
import type { RowCheck } from './row-check.ts';

/** A list, which no column is, so that a column of this name stays possible. */
export const CHECKS_KEY = '$checks';

export const checkKeys: readonly string[] = ['check', 'name', 'message', 'hint'];
const CHECKS_MAX = 100;
const WORDS_MAX = 500;

/** Whether a key at the top of schema.yaml is about rows, and not a column. */
export function isOfRows(key: string, ours: string, value: YamlValue): boolean {
  if (key !== ours) return false;
  return (
    Array.isArray(value) || value === null || (typeof value !== 'string' && !('type' in value))
  );
}

/** Reads the checks of a schema with these columns. Each is compiled, so that what comes out can be. */
export function readChecks(
  value: YamlValue | undefined,
  columns: readonly Column[],
  cleaning: WordCleaning,
): { checks: RowCheck[]; problems: YamlProblem[] } {
  if (value === undefined) return { checks: [], problems: [] };
  if (!Array.isArray(value) || value.length === 0 || value.length > CHECKS_MAX) {
    const message = `${CHECKS_KEY} must be a list of at most ${CHECKS_MAX} checks, such as \`- check: paid <= price\``;
    return { checks: [], problems: [{ path: [CHECKS_KEY], message }] };
  }
  const checks: RowCheck[] = [];
  const problems: YamlProblem[] = [];
  for (const [i, entry] of value.entries()) {
    const refuse = (message: string, key: string | null = null): void => {
      const path = key === null ? [CHECKS_KEY, i] : [CHECKS_KEY, i, key];
      const place = `${CHECKS_KEY}[${i}]${key === null ? '' : `.${key}`}`;
      problems.push({ path, message: `${place}: ${message}` });
    };
    const check = readCheck(entry, refuse);
    if (check === null) continue;
    if (check.name !== null && checks.some(({ name }) => name === check.name)) {
      refuse('another check has this name', 'name');
    }
    const isShort = typeof entry === 'string';
    const mistake = mistakeIn(check.expression, columns, cleaning);
    if (mistake !== null) refuse(mistake, isShort ? null : 'check');
    checks.push(check);
  }
  return { checks, problems };
}

function readCheck(
  entry: YamlValue,
  refuse: (message: string, key?: string) => void,
): RowCheck | null {
  const declared = typeof entry === 'string' ? { check: entry } : entry;
  if (declared === null || Array.isArray(declared)) {
    refuse('must be a condition such as `paid <= price`, or have it as its key check');
    return null;
  }
  for (const { key, message } of unknownKeys(declared, checkKeys)) refuse(message, key);
  const words = (key: string, max: number): string | null => {
    const value = declared[key];
    if (value === undefined) return null;
    // Reports and logs have each on one line.
    if (typeof value === 'string' && value.length <= max && visibleText(value) === value) {
      return value;
    }
    refuse(`must be text of one line and at most ${max} characters`, key);
    return null;
  };
  const rest = {
    name: words('name', 64),
    message: words('message', WORDS_MAX),
    hint: words('hint', WORDS_MAX),
  };
  if (typeof declared['check'] === 'string') {
    // A condition may be written on several lines.
    return { expression: declared['check'].trim().replaceAll(/[ \t\r\n]*\n[ \t]*/g, ' '), ...rest };
  }
  refuse('the key check is missing: the condition that each row has to fulfil');
  return null;
}

function mistakeIn(
  expression: string,
  columns: readonly Column[],
  cleaning: WordCleaning,
): string | null {
  try {
    compileExpression(expression, columns, cleaning);
    return null;
  } catch (error) {
    if (error instanceof ExpressionMistake) return error.message;
    throw error;
  }
}
