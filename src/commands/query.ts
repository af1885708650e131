import { readFile } from 'node:fs/promises';
import { systemCode } from '../core/environment-error.ts';
import { refuseNewerState } from '../core/state-format.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { formatResult, type ResultFormat } from '../query/format-result.ts';
import { ParquetDatabase } from '../query/parquet-database.ts';
import { type CommonOptions, DONE, openConfig } from './command.ts';
import { showProgress } from './progress-line.ts';

export interface QueryOptions extends CommonOptions {
  file?: string;
  format: ResultFormat;
}

/** `csv-hopper query "<sql>"`: SQL over the Parquet files, each dataset a table. */
export async function query(sql: string | undefined, options: QueryOptions): Promise<number> {
  const config = openConfig(options);
  const text = await sqlText(sql, options.file);
  await refuseNewerState([config.folders.output]);
  const database = await ParquetDatabase.open({
    outputFolder: config.folders.output,
    datasets: config.datasets,
  });
  const progress = showProgress((seconds) => `querying, ${seconds} s`);
  try {
    const result = await database.query(text);
    progress.end();
    process.stdout.write(formatResult(result, options.format));
  } finally {
    progress.end();
    database.close();
  }
  return DONE;
}

async function sqlText(sql: string | undefined, file: string | undefined): Promise<string> {
  if ((sql === undefined) === (file === undefined)) {
    throw new HopperError('usage_invalid', {
      message: 'query takes either SQL or --file.',
      hint: 'csv-hopper query "SELECT COUNT(*) FROM student_data", or csv-hopper query --file queries/1-mothers-jobs.sql',
    });
  }
  if (file === undefined) return sql ?? '';
  try {
    // Windows' editors put a byte order mark first, which is no SQL.
    return (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    throw new HopperError('usage_invalid', {
      message: `The file ${file} cannot be read: ${systemCode(error) ?? String(error)}.`,
      hint: 'Name a file with SQL.',
      cause: error,
    });
  }
}
