import { acceptsCell } from '../schema/accepts.ts';
import { normaliseColumnName } from '../schema/column-name.ts';
import type { Column } from '../schema/column-type.ts';
import { writtenCells } from '../schema/written-cell.ts';
import { dateHint } from './date-hint.ts';
import { numberHint } from './number-hint.ts';

/** What a refused cell looks like. */
export interface CellHint {
  /** A sentence that promises nothing and does not quote the cell. */
  looksLike: string;
  /** What the cell would have to be; several where it may mean any of them, none where that cannot be told. */
  repairs: string[];
}

/** The errors of formulas, in the languages of spreadsheets that were seen most. */
const formulaError =
  /^#(N\/A|REF!|VALUE!|DIV\/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|NV|BEZUG!|WERT!|ZAHL!|#+|¡?REF!|VALEUR!|NOM\?|NOMBRE!)$/i;
const noValue =
  /^(n\.?\/?a\.?|null|none|nil|nan|\\n|-+|–|—|\?|\.|k\.\s?a\.|unknown|unbekannt|missing)$/i;
const yes = /^(true|1|y|yes|t|on|ja|j|wahr|vrai|oui|si|sí|1\.0)$/i;
const no = /^(false|0|n|no|f|off|nein|falsch|faux|non|0\.0)$/i;

/** What a cell looks like that its column refuses for its type; null where it looks like nothing that is known. */
export function cellHint(text: string, column: Column): CellHint | null {
  const trimmed = text.trim();
  if (trimmed !== text && acceptsCell(column, trimmed)) {
    return {
      looksLike:
        'There is white space around the value: take it off, or have clean.trim do so for every file.',
      repairs: [trimmed],
    };
  }
  if (isColumnName(trimmed, column)) {
    return {
      looksLike:
        'It looks like the header repeated among the rows, as when files are put together: take the line out.',
      repairs: [],
    };
  }
  if (formulaError.test(trimmed)) {
    return {
      looksLike:
        'It looks like the error of a formula in a spreadsheet: correct the formula, or leave the cell empty.',
      repairs: [],
    };
  }
  if (noValue.test(trimmed)) {
    return {
      looksLike:
        'It looks like a word for "no value": leave the cell empty, or have the word added to clean.null_words.',
      repairs: [],
    };
  }
  return hintOfType(trimmed, column);
}

function hintOfType(text: string, column: Column): CellHint | null {
  switch (column.type.name) {
    case 'TINYINT':
    case 'SMALLINT':
    case 'INTEGER':
    case 'BIGINT':
    case 'DECIMAL':
    case 'FLOAT':
    case 'DOUBLE':
      return numberHint(text, column);
    case 'DATE':
    case 'TIME':
    case 'DATETIME':
    case 'TIMESTAMP':
      return dateHint(text, column);
    case 'BOOLEAN':
      if (!yes.test(text) && !no.test(text)) return null;
      return {
        looksLike: 'It looks like a yes or no in other words.',
        repairs: writtenCells([yes.test(text) ? 'true' : 'false'], column),
      };
    case 'JSON':
      if (!/^[[{].*'.*[\]}]$/s.test(text)) return null;
      return {
        looksLike:
          'It looks like a value as Python prints it: JSON has double quotes, true, false and null.',
        repairs: [],
      };
    case 'CHAR':
    case 'VARCHAR':
    case 'TEXT':
    case 'MEDIUMTEXT':
    case 'LONGTEXT':
      return null;
  }
}

function isColumnName(text: string, { name }: Column): boolean {
  return normaliseColumnName(text) === name;
}
