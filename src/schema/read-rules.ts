// Reads the rules of a column in schema.yaml: the keys beside its type. What comes out can be held against values as it is.
import type { YamlValue } from '../core/yaml-tree.ts';
import { noRules, type ColumnRules } from './column-rules.ts';
import type { ColumnType } from './column-type.ts';
import { columnTypes } from './column-types.ts';
import type { CleanOptions } from './dataset.ts';
import { patternProblem } from './pattern/pattern.ts';
import { readTypedText, type TypedText } from './typed-text.ts';

/** How the dataset cleans values, as far as the words in a rule have to be cleaned likewise. */
export type WordCleaning = Pick<CleanOptions, 'trim' | 'lowercaseValues'>;

/** What is wrong with a key of a column. */
export interface KeyProblem {
  key: string;
  message: string;
}

export const ruleKeys = ['min', 'max', 'minLength', 'maxLength', 'enum', 'pattern'] as const;
type RuleKey = (typeof ruleKeys)[number];

type Entry = Readonly<Record<string, YamlValue>>;

/** A value of a rule, or what is wrong with it. */
type Read<Value> = { value: Value } | { problem: string };

export const isText = ({ name }: ColumnType): boolean =>
  ['CHAR', 'VARCHAR', 'TEXT', 'MEDIUMTEXT', 'LONGTEXT'].includes(name);
const isOrdered = (type: ColumnType): boolean =>
  !isText(type) && type.name !== 'BOOLEAN' && type.name !== 'JSON';

/** The rules among the keys of a column's entry; those with a problem are left out. */
export function readRules(
  entry: Entry,
  type: ColumnType,
  cleaning: WordCleaning,
): { rules: ColumnRules; problems: KeyProblem[] } {
  const problems: KeyProblem[] = [];
  function take<Value>(
    key: RuleKey,
    fits: boolean,
    none: Value,
    read: (value: YamlValue) => Read<Value>,
  ): Value {
    const value = entry[key];
    if (value === undefined) return none;
    const result = fits ? read(value) : { problem: `has no meaning for the type ${type.name}` };
    if (!('problem' in result)) return result.value;
    problems.push({ key, message: `${key} ${result.problem}` });
    return none;
  }
  const ordered = isOrdered(type);
  const text = isText(type);
  const limit = (value: YamlValue) => readValue(value, type, cleaning);
  const min = take<TypedText | null>('min', ordered, null, limit);
  const max = take<TypedText | null>('max', ordered, null, limit);
  const rules: ColumnRules = {
    ...noRules,
    min: min?.text ?? null,
    max: max?.text ?? null,
    minLength: take<number | null>('minLength', text, null, readCount),
    maxLength: take<number | null>('maxLength', text, null, readCount),
    enum: take('enum', type.name !== 'JSON', [], (value) => readEnum(value, type, cleaning)),
    pattern: take<string | null>('pattern', text, null, readPattern),
  };
  if (min !== null && max !== null && min.value > max.value) {
    problems.push({ key: 'min', message: `min ${min.text} is greater than max ${max.text}` });
  }
  const lengthProblem = lengthsProblem(rules, type);
  if (lengthProblem !== null) problems.push({ key: 'minLength', message: lengthProblem });
  return { rules, problems };
}

/** Reads a value that stands in a schema as a cell of the column would be read, but for the column's format. */
export function readValue(
  value: YamlValue,
  type: ColumnType,
  cleaning: WordCleaning,
): Read<TypedText> {
  if (typeof value !== 'string') return { problem: 'must be one value' };
  const typed = readTypedText(cleanWord(value, type, cleaning), type);
  if (typed !== null) return { value: typed };
  const shown = JSON.stringify(value.slice(0, 80));
  return {
    problem: `${shown} is not of the type: expected ${columnTypes[type.name].expects(type)}`,
  };
}

/** As CellCleaner cleans a cell. */
export function cleanWord(
  word: string,
  type: ColumnType,
  { trim, lowercaseValues }: WordCleaning,
): string {
  const trimmed = trim ? word.trim() : word;
  return lowercaseValues && isText(type) ? trimmed.toLowerCase() : trimmed;
}

function readCount(value: YamlValue): Read<number> {
  return typeof value === 'string' && /^\d{1,9}$/.test(value)
    ? { value: Number(value) }
    : { problem: 'must be a whole number of characters' };
}

function readEnum(value: YamlValue, type: ColumnType, cleaning: WordCleaning): Read<string[]> {
  if (!Array.isArray(value) || value.length === 0) {
    return { problem: 'must be a list of values, such as [f, m]' };
  }
  const words = new Set<string>();
  for (const word of value) {
    const read = readValue(word, type, cleaning);
    if ('problem' in read) {
      return word === null
        ? {
            problem:
              'must not hold null or an empty value: nullable says whether a cell may be empty',
          }
        : read;
    }
    words.add(read.value.text);
  }
  return { value: [...words] };
}

function readPattern(value: YamlValue): Read<string> {
  if (typeof value !== 'string') return { problem: 'must be a regular expression' };
  const problem = patternProblem(value);
  return problem === null ? { value } : { problem };
}

function lengthsProblem({ minLength, maxLength }: ColumnRules, type: ColumnType): string | null {
  if (minLength === null) return null;
  if (maxLength !== null && minLength > maxLength) {
    return `minLength ${minLength} is greater than maxLength ${maxLength}`;
  }
  if (type.length === 0 || minLength <= type.length) return null;
  return `minLength ${minLength} is more than ${type.name}(${type.length}) can hold`;
}

/** Whether there is any rule that a value can break. */
export function hasValueRules(rules: ColumnRules): boolean {
  return JSON.stringify(rules) !== JSON.stringify(noRules);
}
