import { isUtf8 } from 'node:buffer';
import { describeForeign } from '../columns/describe-cell.ts';
import { counted } from '../core/counted.ts';
import { groupedDigits } from '../core/grouped-digits.ts';
import { ProblemList } from '../core/problem-list.ts';
import type { RowBlock } from '../csv/row-block.ts';
import { HopperError } from '../errors/hopper-error.ts';
import type { Column } from '../schema/column-type.ts';
import { ColumnProfile } from './column-profile.ts';
import { COLUMNS_MAX, findReading, refusal } from './find-reading.ts';
import { nameColumns } from './name-columns.ts';
import { describeRow, type OpenFile, type Reading, readRows } from './read-rows.ts';

/** How many distinct values are counted, of one column and of all together. */
const DISTINCT_MAX = 1000;
const DISTINCT_SUM_MAX = 200_000;
const PROBLEMS_KEPT = 1000;

/** What a file holds, as far as a schema can be drawn from it. */
export interface FileProfile {
  reading: Reading;
  /** A name for each column, good for a schema, in the file's order. */
  names: string[];
  columns: ColumnProfile[];
  /** Rows that have a value for each column. */
  rows: number;
  /** For what the intake will refuse the file under any schema. */
  problems: ProblemList;
}

/**
 * Reads a whole file and counts what its columns are like.
 * @param delimiter what stands between values, where the user says so
 * @throws HopperError content_invalid where it is no CSV file, usage_invalid where the delimiter has to be given
 */
export async function profileFile(file: OpenFile, delimiter: string | null): Promise<FileProfile> {
  const reading = await findReading(file, delimiter);
  const problems = new ProblemList(PROBLEMS_KEPT);
  const { fieldCount } = reading.header;
  if (fieldCount > COLUMNS_MAX) {
    throw new HopperError('content_invalid', {
      message: `The header has ${counted(fieldCount, 'column')}.`,
      hint: `A schema is drafted for at most ${groupedDigits(COLUMNS_MAX)}; check the delimiter.`,
    });
  }
  const names = nameColumns(reading.header, problems);
  const distinctMax = Math.min(DISTINCT_MAX, Math.ceil(DISTINCT_SUM_MAX / names.length));
  const columns = names.map(() => new ColumnProfile(distinctMax));
  let rows = 0;
  let faults = 0;
  const end = await readRows(file, reading, {
    take: (block, foreign) => {
      rows += block.rowCount;
      addBlock(block, columns);
      if (foreign) reportForeign(block, names, problems);
      return true;
    },
    onFault: (fault) => {
      faults++;
      problems.add(describeRow(fault, reading));
    },
  });
  if (end !== null) throw refusal(end);
  if (rows === 0 && faults === 0) {
    throw new HopperError('content_invalid', {
      message: 'The file has a header and no rows, so there is nothing to tell the types from.',
      hint: 'Name a file with rows.',
    });
  }
  if (faults > rows) throw noTable(reading, rows, faults, problems);
  for (const column of columns) column.finish();
  return { reading, names, columns, rows, problems };
}

/** One column after the other, so that each has its values and its tables in the processor's cache. */
function addBlock(block: RowBlock, columns: readonly ColumnProfile[]): void {
  const { bytes, starts, ends, lines, rowCount, fieldCount } = block;
  for (let field = 0; field < fieldCount; field++) {
    const column = columns[field]!;
    for (let row = 0, cell = field; row < rowCount; row++, cell += fieldCount) {
      column.add(bytes, starts[cell]!, ends[cell]!, lines[row]!);
    }
  }
}

function reportForeign(block: RowBlock, names: readonly string[], problems: ProblemList): void {
  const type = { name: 'TEXT', length: 0, precision: 0, scale: 0, fraction: 0 } as const;
  const columns = names.map((name): Column => ({ name, type, nullable: true }));
  const fieldOf = names.map((_, field) => field);
  for (let row = 0; row < block.rowCount; row++) {
    if (isUtf8(block.bytes.subarray(block.rowStarts[row], block.rowEnds[row]))) continue;
    for (const problem of describeForeign(block, row, columns, fieldOf)) problems.add(problem);
  }
}

function noTable(
  { header }: Reading,
  rows: number,
  faults: number,
  problems: ProblemList,
): HopperError {
  const [first] = problems.items.filter(({ line }) => line > header.line);
  return new HopperError('content_invalid', {
    message:
      `The file is no table: read with ${header.delimiter.name} as delimiter, ${groupedDigits(faults)} of ` +
      `${counted(rows + faults, 'row')} ${faults === 1 ? 'does' : 'do'} not fit the header.\n` +
      `line ${first?.line ?? header.line}: ${first?.message ?? ''}`,
    hint: first?.hint ?? 'Check the header and the delimiter.',
  });
}
