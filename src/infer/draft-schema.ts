import { groupedDigits } from '../core/grouped-digits.ts';
import type { Column, ColumnType } from '../schema/column-type.ts';
import { chooseType, longTextType, type TypeChoice } from './choose-type.ts';
import type { ColumnProfile } from './column-profile.ts';
import type { FileProfile } from './profile-file.ts';
import { evidence, remarks } from './remarks.ts';
import { yamlText } from '../core/yaml-text.ts';

/** From so many rows on, a column that always has a value is taken for one that must have. */
const ROWS_FOR_NOT_NULL = 100;

/**
 * MySQL's limit for the bytes of a row, four for each character of a VARCHAR; some are left for the load id and for what
 * the other types take.
 */
const ROW_BYTES_MAX = 60_000;

export interface DraftColumn extends Column {
  /** What was counted. */
  evidence: string;
  /** What else there is to know before the type is taken as it stands. */
  remarks: string[];
}

/** A schema, and the cleaning that it needs. */
export interface DraftSchema {
  columns: DraftColumn[];
  trim: boolean;
  nullWords: string[];
  /** What the cleaning does, or might do. */
  remarks: string[];
}

/** Drafts the schema under which the file that was profiled passes. */
export function draftSchema({ names, columns, rows }: FileProfile): DraftSchema {
  const choices = columns.map(chooseType);
  const typed = columns.filter((_, i) => !choices[i]!.isText);
  const trim = typed.some(({ spaced }) => spaced.count > 0);
  const nullWords = [...new Set(typed.flatMap((profile) => [...profile.nullWords.keys()]))].sort();
  const types = fitRow(choices, columns);
  const isText = (_: unknown, i: number): boolean => choices[i]!.isText;
  return {
    columns: columns.map((profile, i) => {
      const choice = { ...choices[i]!, type: types[i]! };
      const nulls = countNulls(profile, nullWords, trim);
      const said = remarks(profile, choice, nullWords);
      if (choice.type !== choices[i]!.type) {
        said.push('not VARCHAR, because a row of MySQL has 65,535 bytes for all columns together');
      }
      return {
        name: names[i]!,
        type: choice.type,
        nullable: nulls > 0 || rows < ROWS_FOR_NOT_NULL,
        evidence: evidence(profile, choice, nulls, nullWords),
        remarks: said,
      };
    }),
    trim,
    nullWords,
    remarks: cleaningRemarks(columns.filter(isText), names.filter(isText), trim, nullWords),
  };
}

/** Cells that the drafted cleaning makes nulls. Null words with spaces around count also where nothing trims them. */
function countNulls(
  { empty, blank, nullWords: found }: ColumnProfile,
  nullWords: readonly string[],
  trim: boolean,
): number {
  let nulls = empty + (trim ? blank.count : 0);
  for (const word of nullWords) nulls += found.get(word)?.count ?? 0;
  return nulls;
}

/** The types, the longest VARCHARs as TEXT where a row of MySQL would be too long. */
function fitRow(choices: readonly TypeChoice[], profiles: readonly ColumnProfile[]): ColumnType[] {
  const types = choices.map(({ type }) => type);
  let bytes = types.reduce((sum, { length }) => sum + 4 * length, 0) + 16 * types.length;
  const longestFirst = types.map((_, i) => i).sort((a, b) => types[b]!.length - types[a]!.length);
  for (const i of longestFirst) {
    if (bytes <= ROW_BYTES_MAX) break;
    bytes -= 4 * types[i]!.length;
    types[i] = longTextType(profiles[i]!.bytesMax);
  }
  return types;
}

function cleaningRemarks(
  texts: readonly ColumnProfile[],
  names: readonly string[],
  trim: boolean,
  nullWords: readonly string[],
): string[] {
  const said: string[] = [];
  for (const [i, { spaced, nullWords: found }] of texts.entries()) {
    const name = yamlText(names[i]!);
    if (spaced.count > 0) {
      const where = `${name} (${groupedDigits(spaced.count)}, first on line ${spaced.firstLine})`;
      said.push(
        trim
          ? `trim takes the spaces at the ends of texts too: ${where}`
          : `some texts have spaces at their ends, which trim: true takes off: ${where}`,
      );
    }
    for (const [word, { count, firstLine }] of found) {
      const where = `${word} stands in ${name} (${groupedDigits(count)}, first on line ${firstLine})`;
      said.push(
        nullWords.includes(word)
          ? `${where}: with null_words it means "no value" there too`
          : `${where}: does it mean "no value"? Then null_words should have it`,
      );
    }
  }
  return said;
}
