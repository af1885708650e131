import * as z from 'zod';
import { encodingNames } from '../core/encoding-name.ts';
import { dialect } from './dialect-schema.ts';
import { expectations } from './expect-schema.ts';
import { flag, integer, oneOf, path, share, text } from './setting.ts';
import { writeKeys } from './write-keys.ts';

const clean = z
  .strictObject({
    trim: flag().default(false).describe('Take white space off both ends of every value.'),
    lowercase_values: flag()
      .default(false)
      .describe('Lower-case the values of CHAR, VARCHAR and TEXT columns.'),
    null_words: z
      .array(z.string())
      .meta({ type: 'list of text' })
      .default([])
      .describe('Cells that mean "no value", besides the empty cell. Letter case counts.'),
    null_rows: oneOf(['keep', 'drop_any'])
      .default('keep')
      .describe('Keep rows with nulls, or drop those that have any.'),
    duplicate_rows: oneOf(['keep', 'drop'])
      .default('keep')
      .describe('Keep or drop rows that equal an earlier row of the file after cleaning.'),
  })
  .prefault({});

/** One entry of `datasets`. */
export const datasetSchema = z
  .strictObject({
    name: z
      .string()
      .regex(
        /^[a-z_][a-z0-9_]{0,63}$/i,
        'must be 1 to 64 letters, digits and underscores and not begin with a digit',
      )
      .meta({ type: 'text' })
      .describe('Name of the dataset, of its table and of its folder.'),
    match: text()
      .refine((value) => !value.includes('/'), 'must match file names only, without a folder')
      .default('*.csv')
      .describe(
        'Glob over the names of its files; letter case is ignored. A packed file may match without `.gz`, `.zst` or `.zip`, and `a.zip` as `a.csv`.',
      ),
    schema: path().describe('The columns and their types, see README.md.'),
    table_schema: path()
      .optional()
      .meta({ default: 'derived from the schema' })
      .describe('The columns of the MySQL table and their types, see README.md.'),
    encoding: oneOf(encodingNames)
      .default('utf-8')
      .describe(
        'How its files are written. One that begins with the byte order mark of UTF-8 or UTF-16 is read as that. Nothing is guessed: what is no text in the encoding fails the file.',
      ),
    dialect: dialect.optional().meta({ default: 'files are as RFC 4180 has them' }),
    missing_columns: oneOf(['fail', 'as_null'])
      .default('fail')
      .describe(
        'Columns of the schema that a header does not have: they fail the file, or each row has no value there, or the `default` of the column. Columns that are `required` always have to be there.',
      ),
    extra_columns: oneOf(['fail', 'ignore', 'json'])
      .default('fail')
      .describe(
        'Columns of a header that the schema does not know: they fail the file, or are left out, or kept as one JSON object for each row. See SCHEMA.md.',
      ),
    extra_json_column: text()
      .optional()
      .meta({ default: '`"extra_columns"`' })
      .describe(
        'With `extra_columns: json`: the column that has them, in the Parquet files and the table. Not one of the schema.',
      ),
    clean,
    profile: flag()
      .default(false)
      .describe(
        'Keep a profile of each load, which `csv-hopper profile` prints; kept too where `expect` needs it.',
      ),
    expect: expectations.optional().meta({ default: 'nothing is expected of a file as a whole' }),
    on_invalid_rows: oneOf(['fail_file', 'divert'])
      .default('fail_file')
      .describe(
        'What rows do that break the schema, or that the table refuses: `fail_file` fails the whole file, with a report; `divert` puts them into a reject file, with a report, and loads the others.',
      ),
    max_invalid_rows: integer(0, Number.MAX_SAFE_INTEGER)
      .optional()
      .meta({ default: 'no limit' })
      .describe(
        'With `divert`: a file with more rows that break the schema, or that the table refuses, fails as a whole.',
      ),
    max_invalid_ratio: share()
      .optional()
      .meta({ default: 'no limit' })
      .describe(
        'With `divert`: a file of whose rows a larger part breaks the schema, or is refused by the table, fails as a whole; 0.01 is one in a hundred.',
      ),
    reject_formulas: oneOf(['raw', 'neutralised'])
      .default('raw')
      .describe(
        'With `divert`: rows stand in a reject file byte for byte; or with an apostrophe before each value that a spreadsheet would take for a formula, which is taken off again when the file is dropped. See SECURITY.md.',
      ),
    ...writeKeys,
  })
  .superRefine((value, context) => {
    if (value.missing_columns === 'as_null' && value.clean.null_rows === 'drop_any') {
      const message =
        'must be fail with clean.null_rows: drop_any, by which all rows would be dropped';
      context.addIssue({ code: 'custom', path: ['missing_columns'], message });
    }
    if (value.extra_json_column !== undefined && value.extra_columns !== 'json') {
      const message = 'has no effect without extra_columns: json';
      context.addIssue({ code: 'custom', path: ['extra_json_column'], message });
    }
    if (value.on_invalid_rows === 'divert') return;
    const isGiven = {
      max_invalid_rows: value.max_invalid_rows !== undefined,
      max_invalid_ratio: value.max_invalid_ratio !== undefined,
      reject_formulas: value.reject_formulas !== 'raw',
    };
    for (const [key, given] of Object.entries(isGiven)) {
      if (!given) continue;
      const message = 'has no effect without on_invalid_rows: divert';
      context.addIssue({ code: 'custom', path: [key], message });
    }
  });
