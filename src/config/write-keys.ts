import * as z from 'zod';
import { oneOf, text } from './setting.ts';

/** The keys of a dataset that say what becomes of the rows that are there. */
export const writeKeys = {
  write: oneOf(['append', 'upsert', 'replace'])
    .default('append')
    .describe(
      'What a file does with the rows that are there: add to them; give those with its keys its values; take out those of the former file of its name. See WRITE-MODES.md.',
    ),
  key: z
    .array(text())
    .min(1, 'must name a column')
    .optional()
    .meta({ type: 'list of columns', default: 'required for `upsert`, else left out' })
    .describe(
      'The columns by which `upsert` finds a row; with `append` a row whose key the table has already is refused, for which a database is needed. Each row needs a value in each of them.',
    ),
  redrop: oneOf(['skip', 'load'])
    .default('skip')
    .describe(
      'A file that was loaded before, with the same name and content: skip it, or load it once more.',
    ),
};

type WriteValues = z.output<z.ZodObject<typeof writeKeys>> & {
  on_invalid_rows: 'fail_file' | 'divert';
  missing_columns: 'fail' | 'as_null';
};

/** Refuses what does not go together. */
export function checkWriteKeys(values: WriteValues, context: z.RefinementCtx): void {
  const { write, key, redrop, on_invalid_rows: onInvalidRows, missing_columns: missing } = values;
  const refuse = (name: keyof WriteValues, message: string): void => {
    context.addIssue({ code: 'custom', path: [name], message });
  };
  if (write === 'upsert' && key === undefined) refuse('key', 'is missing: write: upsert needs it');
  if (write === 'replace' && key !== undefined)
    refuse('key', 'is for write: upsert or append, not replace');
  if (write === 'append' && key !== undefined && redrop === 'load')
    refuse('redrop', 'must be skip with a key, which each row of a repeated load would have again');
  if (write === 'replace' && redrop === 'load')
    refuse(
      'redrop',
      'must be skip with write: replace, by which the rows would take their own place',
    );
  // A file that leaves a column out would take its values out of each row that it changes.
  if (write === 'upsert' && missing === 'as_null')
    refuse(
      'missing_columns',
      'must be fail with write: upsert, by which rows would lose the values that they have in columns a file leaves out',
    );
  // The reject file of a repaired reject file has its name, and would take its rows out.
  if (write === 'replace' && onInvalidRows === 'divert')
    refuse(
      'on_invalid_rows',
      'must be fail_file with write: replace, by which a file repaired in two steps would lose its rows of the first',
    );
}
