import { counted } from '../core/counted.ts';
import { needsApostrophe } from '../csv/formula-cell.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { csvField, isNumeric } from './format-result.ts';
import type { ParquetDatabase } from './parquet-database.ts';
import type { Formulas, QueryAnswer } from './query-job.ts';
import type { QueryResult, QueryValue } from './query-result.ts';

/** A part is sent when it has so many characters. */
const PART_CHARACTERS = 256 * 1024;

/** Types whose texts are made by us of numbers and times: none of them is a formula to anybody. */
const harmlessType =
  /^(BOOLEAN|DATE|TIME|TIMESTAMP|TIMESTAMP WITH TIME ZONE|TIME WITH TIME ZONE|INTERVAL|UUID)$/;

/**
 * The answer of a query as CSV (RFC 4180, UTF-8, with a header), in parts of bounded size; `send` resolves when a part is taken.
 * Where formulas are neutralised, an apostrophe stands before each text that a spreadsheet would take for one, as in a reject file.
 *
 * @throws what ParquetDatabase.query throws, and query_too_large behind the last row that may be sent: what is sent by then is not whole
 */
export function sendCsv(
  database: ParquetDatabase,
  { sql, rowsMax, formulas }: { sql: string; rowsMax: number; formulas: Formulas },
  send: (bytes: Uint8Array) => Promise<void>,
): Promise<QueryAnswer> {
  return database.stream(sql, async (rows) => {
    const field = fieldMaker(rows.columns, formulas);
    let text = `${rows.columns.map(({ name }) => csvField(harmless(name, formulas))).join(',')}\r\n`;
    let count = 0;
    for (let part = await rows.next(); part !== null; part = await rows.next()) {
      count += part.length;
      if (count > rowsMax) throw tooManyRows(rowsMax);
      for (const row of part) {
        text += `${row.map(field).join(',')}\r\n`;
        if (text.length < PART_CHARACTERS) continue;
        await send(Buffer.from(text));
        text = '';
      }
    }
    if (text !== '') await send(Buffer.from(text));
    return { body: '', datasets: [], isStable: true };
  });
}

function tooManyRows(rowsMax: number): HopperError {
  return new HopperError('query_too_large', {
    message: `The answer has more than ${counted(rowsMax, 'row')}.`,
    hint: 'Choose fewer rows, or raise serve.data.download_rows_max; csv-hopper query has no limit.',
  });
}

function fieldMaker(
  columns: QueryResult['columns'],
  formulas: Formulas,
): (value: QueryValue, column: number) => string {
  const isText = columns.map(({ type }) => !isNumeric(type) && !harmlessType.test(type));
  return (value, column) => {
    if (value === null) return '';
    const text = String(value);
    return csvField(isText[column] === true ? harmless(text, formulas) : text);
  };
}

/** Most values begin with a letter or a digit, and are not looked at any closer. */
const plainBeginning = /^[A-Za-z0-9_]/;

function harmless(text: string, formulas: Formulas): string {
  if (formulas === 'raw' || plainBeginning.test(text)) return text;
  const bytes = Buffer.from(text);
  return needsApostrophe(bytes, 0, bytes.length) ? `'${text}` : text;
}
