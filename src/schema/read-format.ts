// Reads how the cells of a column are written: the keys of a column in schema.yaml that are about its cells, not its values.
import type { YamlValue } from '../core/yaml-tree.ts';
import { type CellFormat, usualFormat } from './cell-format.ts';
import { booleanWords } from './cell-parser.ts';
import type { ColumnType, TypeName } from './column-type.ts';
import { temporalFormatProblem } from './parsers/temporal-format.ts';
import type { KeyProblem } from './read-rules.ts';

export const formatKeys = [
  'format',
  'decimalChar',
  'groupChar',
  'trueValues',
  'falseValues',
  'missingValues',
] as const;
type FormatKey = (typeof formatKeys)[number];

type Read<Value> = { value: Value } | { problem: string };

/** Their values may be none in themselves, such as 30 February. */
export const temporals: readonly TypeName[] = ['DATE', 'TIME', 'DATETIME', 'TIMESTAMP'];
/** Numbers that may have a fraction. */
export const fractions: readonly TypeName[] = ['DECIMAL', 'FLOAT', 'DOUBLE'];
const numbers: readonly TypeName[] = ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', ...fractions];

/** The format among the keys of a column's entry; what has a problem is left out. */
export function readFormat(
  entry: Readonly<Record<string, YamlValue>>,
  type: ColumnType,
): { format: CellFormat; problems: KeyProblem[] } {
  const problems: KeyProblem[] = [];
  function take<Value>(
    key: FormatKey,
    types: readonly TypeName[] | null,
    none: Value,
    read: (value: YamlValue) => Read<Value>,
  ): Value {
    const value = entry[key];
    if (value === undefined) return none;
    const fits = types?.includes(type.name) ?? true;
    const result = fits ? read(value) : { problem: `has no meaning for the type ${type.name}` };
    if (!('problem' in result)) return result.value;
    problems.push({ key, message: `${key} ${result.problem}` });
    return none;
  }
  const lower = (value: YamlValue) => readWords(value, (word) => word.toLowerCase());
  const format: CellFormat = {
    temporal: take<string | null>('format', temporals, null, (value) => readPattern(value, type)),
    decimalChar: take<string | null>('decimalChar', fractions, null, readSign),
    groupChar: take<string | null>('groupChar', numbers, null, readSign),
    trueValues: take('trueValues', ['BOOLEAN'], usualFormat.trueValues, lower),
    falseValues: take('falseValues', ['BOOLEAN'], usualFormat.falseValues, lower),
    missingValues: take('missingValues', null, usualFormat.missingValues, readWords),
  };
  if (format.groupChar !== null && format.groupChar === (format.decimalChar ?? '.')) {
    problems.push({ key: 'groupChar', message: 'groupChar must differ from decimalChar' });
  }
  const [truths, falsehoods] = booleanWords(format);
  const both = truths.find((word) => falsehoods.includes(word));
  if (both !== undefined) {
    const key = 'trueValues' in entry ? 'trueValues' : 'falseValues';
    problems.push({
      key,
      message: `${JSON.stringify(both.slice(0, 80))} means both true and false`,
    });
  }
  return { format, problems };
}

function readPattern(value: YamlValue, type: ColumnType): Read<string> {
  if (typeof value !== 'string') return { problem: 'must be a pattern, such as %d.%m.%Y' };
  const problem = temporalFormatProblem(value, type);
  return problem === null ? { value } : { problem };
}

/** One character that cannot be part of a number otherwise. */
function readSign(value: YamlValue): Read<string> {
  return typeof value === 'string' && /^[^\p{L}\p{N}+-]$/u.test(value)
    ? { value }
    : { problem: 'must be one character, and no letter, digit or sign' };
}

function readWords(value: YamlValue, clean = (word: string) => word): Read<string[]> {
  const words = Array.isArray(value) ? value : [];
  const texts = words.flatMap((word) => (typeof word === 'string' ? [clean(word)] : []));
  return texts.length === 0 || texts.length < words.length
    ? { problem: 'must be a list of words in quotes, such as ["yes", "no"]' }
    : { value: [...new Set(texts)] };
}
