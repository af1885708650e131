import type * as z from 'zod';
import type { datasetSchema } from './dataset-schema.ts';

/**
 * The dataset of a configuration without the key `datasets`, in the words of the file: the one that the replaced system
 * had built in, so that its config.yaml, which holds no more than `database`, keeps working. Its cleaning takes for null
 * what pandas 1.5 reads as NaN.
 */
export const studentData: z.input<typeof datasetSchema> = {
  name: 'student_data',
  match: '*.csv',
  schema: 'schema/schema.yaml',
  table_schema: 'schema/schema_sql.yaml',
  clean: {
    trim: 'true',
    lowercase_values: 'true',
    // prettier-ignore
    null_words: [
      '#N/A', '#N/A N/A', '#NA', '-1.#IND', '-1.#QNAN', '-NaN', '-nan', '1.#IND', '1.#QNAN', '<NA>', 'N/A', 'NA',
      'NULL', 'NaN', 'n/a', 'nan', 'null',
    ],
    null_rows: 'drop_any',
    duplicate_rows: 'drop',
  },
};
