import { access } from 'node:fs/promises';

import { HopperError } from '../errors/hopper-error.ts';

/** The error of a query that DuckDB refuses before it has seen a row; `tables` are those it may name. */
export function planFailure(error: unknown, tables: readonly string[]): HopperError {
  return new HopperError('query_invalid', {
    message: `The query cannot be run: ${firstParagraph(error)}${placeIn(textOf(error))}`,
    hint: `Correct the SQL; the tables are: ${tables.join(', ')}.`,
    cause: error,
  });
}

/** The error of a query that DuckDB gives up. Has no cause: DuckDB's own text holds the value it could not convert or add. */
export function runFailure(error: unknown): HopperError {
  return new HopperError('query_invalid', {
    message: `The query failed while it ran: ${withoutValues(textOf(error))}`,
    hint: 'Correct the SQL: TRY_CAST gives NULL where a value cannot be converted, a smaller result needs less memory.',
  });
}

/** The error of a dataset whose Parquet files DuckDB cannot open: its text names the file, and holds no values. */
export function viewFailure(dataset: string, error: unknown): HopperError {
  return new HopperError('parquet_unreadable', {
    message: `The Parquet files of ${dataset} cannot be read: ${firstParagraph(error)}`,
    details: { dataset },
    cause: error,
  });
}

/** The error of a query whose files are gone since they were listed; null when all are there. */
export async function withdrawnFailure(files: readonly string[]): Promise<HopperError | null> {
  for (const file of files) {
    try {
      await access(file);
    } catch {
      return new HopperError('query_files_changed', {
        message: `The file ${file} was withdrawn while the query ran.`,
        details: { file },
      });
    }
  }
  return null;
}

/** DuckDB's message as one line, without the excerpt of the SQL below it, which may list a thousand files. */
function firstParagraph(error: unknown): string {
  return (textOf(error).split('\n\n')[0] ?? '').replaceAll(/\s*\n\s*/g, ' ');
}

/** " (line 2, column 5)" where DuckDB shows the line with a mark below the place; a long line is shown in part, and has no column. */
function placeIn(text: string): string {
  const [, head = '', line = '', shown = '', mark = ''] =
    /\n\n(LINE (\d+): )(.*)\n( *)\^/.exec(text) ?? [];
  if (line === '') return '';
  const column = shown.startsWith('...') ? '' : `, column ${mark.length - head.length + 1}`;
  return ` (line ${line}${column})`;
}

/** The first line of the message without quoted texts, which may hold line breaks and quotes, and without numbers. */
function withoutValues(text: string): string {
  const [message = ''] = text.split(/\n\nLINE \d+:/);
  const [line = ''] = message.replaceAll(/'.*'|".*"/gs, "'…'").split('\n');
  return line.replaceAll(/(?<!\w)-?\d[\d.:e+-]*/g, '…');
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
