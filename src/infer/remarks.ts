import { counted } from '../core/counted.ts';
import { groupedDigits } from '../core/grouped-digits.ts';
import { type TypeChoice, valuesOf } from './choose-type.ts';
import type { ColumnProfile, Tally } from './column-profile.ts';
import type { Form } from './value-form.ts';
import { yamlText } from '../core/yaml-text.ts';

/** From fewer values no type is sure. */
const FEW_VALUES = 20;
/** A list of values is suggested for so few values that repeat so often. */
const ENUM_MAX = 20;
const ENUM_REPEATS = 10;
const ENUM_LENGTH_MAX = 40;

/** What was counted of a column, on one line: "12,000 values, 3 nulls, 5 distinct, 1 to 93". */
export function evidence(
  profile: ColumnProfile,
  choice: TypeChoice,
  nulls: number,
  nullWords: readonly string[],
): string {
  const values = profile.rows - nulls;
  if (values === 0) return `no values in ${counted(profile.rows, 'row')}: the type is a guess`;
  const { distinct, least, greatest } = profile;
  const said = [
    `${values < FEW_VALUES ? 'only ' : ''}${counted(values, 'value')}`,
    nulls === 0 ? 'no nulls' : counted(nulls, 'null'),
    distinctText(distinctTexts(profile, nullWords).length, distinct.isOver, values),
  ];
  if (choice.type.name === 'INTEGER' || choice.type.name === 'BIGINT') {
    said.push(least === greatest ? `all ${least}` : `${least} to ${greatest}`);
  }
  if (choice.isText) said.push(`up to ${counted(profile.lengthMax, 'character')}`);
  return said.join(', ');
}

function distinctText(distinct: number, isOver: boolean, values: number): string {
  if (isOver) return `more than ${groupedDigits(distinct)} distinct`;
  return distinct === values && values > 1 ? 'all distinct' : `${groupedDigits(distinct)} distinct`;
}

/** What nearly fitted, what speaks against a number, and which values might be a list. */
export function remarks(
  profile: ColumnProfile,
  { type, isText, nearMiss }: TypeChoice,
  nullWords: readonly string[],
): string[] {
  const { forms } = profile;
  const values = valuesOf(profile);
  const said: string[] = [];
  const isMost = (...names: Form[]): boolean =>
    10 * names.reduce((sum, name) => sum + forms[name].count, 0) >= 9 * values;
  const tell = ({ count, firstLine }: Tally, what: string): void => {
    if (count > 0) said.push(`${ofAll(count, values)} ${what}, first on line ${firstLine}`);
  };
  if (isText && isMost(...numeric, ...codes)) {
    tell(forms.leading_zero, 'with leading zeros, which a number would lose');
    tell(forms.plus_sign, 'with a plus sign, which a number would lose');
    tell(forms.long_digits, 'of 16 digits or more, so rather ids than numbers');
  }
  if (isText && isMost(...numeric, 'decimal_comma')) {
    tell(forms.decimal_comma, 'with a comma; DECIMAL takes a decimal point only');
  }
  if (isText && isMost('date', 'datetime', 'foreign_date')) {
    tell(forms.foreign_date, 'like a date; DATE takes YYYY-MM-DD only');
  }
  if (nearMiss !== null) {
    const { misfits, firstLine, one, many } = nearMiss;
    const others = misfits === 1 ? `is not ${one}` : `are not ${many}`;
    said.push(`${ofAll(misfits, values)} ${others}, first on line ${firstLine}`);
  }
  if (type.name === 'TIMESTAMP') tell(forms.datetime, 'without a zone, read as UTC');
  if (type.name === 'DOUBLE' && !profile.isExactDouble) {
    said.push('some values have more digits than a DOUBLE keeps');
  }
  const words = [...profile.nullWords].map(([word, { count, firstLine }]) => {
    return `${yamlText(word)} ${counted(count, 'time')}, first on line ${firstLine}`;
  });
  if (!isText && words.length > 0) said.push(`read as "no value": ${words.join('; ')}`);
  if (isText) said.push(...enumSuggestion(profile, nullWords));
  return said;
}

const numeric: Form[] = ['bit', 'whole', 'large_whole', 'decimal', 'exponent'];
const codes: Form[] = ['leading_zero', 'plus_sign', 'long_digits'];

/** The distinct values that were counted, without those that are nulls. */
function distinctTexts({ distinct }: ColumnProfile, nullWords: readonly string[]): string[] {
  return distinct.values
    .map((value) => Buffer.from(value).toString('utf8'))
    .filter((text) => !nullWords.includes(text.trim()));
}

function enumSuggestion(profile: ColumnProfile, nullWords: readonly string[]): string[] {
  const { distinct, rows, empty } = profile;
  if (distinct.isOver || distinct.values.length > 2 * ENUM_MAX) return [];
  const texts = distinctTexts(profile, nullWords).sort();
  const isList = texts.length <= ENUM_MAX && texts.length * ENUM_REPEATS <= rows - empty;
  if (!isList || texts.length === 0) return [];
  if (texts.some((text) => text.length > ENUM_LENGTH_MAX)) return [];
  return [`few values, perhaps enum: [${texts.map(yamlText).join(', ')}]`];
}

function ofAll(count: number, values: number): string {
  return `${groupedDigits(count)} of ${counted(values, 'value')}`;
}
