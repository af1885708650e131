import type { RejectedRows } from '../columns/rejected-rows.ts';
import type { Problem } from '../core/problem.ts';
import type { ProblemList } from '../core/problem-list.ts';
import { describeFault, faultColumn, type RowForm } from '../csv/describe-fault.ts';
import type { Header } from '../csv/read-header.ts';
import { openRows } from '../csv/open-rows.ts';
import { describeUnmarked, isRejectColumn, marksAtEnd } from '../csv/reject-columns.ts';
import { RestoredRows } from '../csv/restored-rows.ts';
import type { RowFault, RowSource } from '../csv/row-source.ts';
import { type SourcePart, SourceReader } from '../csv/source-reader.ts';
import { nullWordsOf, usualFormat } from '../schema/cell-format.ts';
import type { Column } from '../schema/column-type.ts';
import type { Dataset } from '../schema/dataset.ts';
import type { OpenSource } from './compare-rows.ts';

/** Rows that the scanner hands to the columns at a time: enough to amortise the calls, few enough to stay in the cache. */
const BLOCK_ROWS = 512;

/** A column that the schema does not know: it may hold anything. */
const ignored: Omit<Column, 'name'> = {
  type: { name: 'LONGTEXT', length: 0, precision: 0, scale: 0, fraction: 0 },
  nullable: true,
};

/** Where the malformed rows of a piece go. */
export interface PieceFindings {
  problems: ProblemList;
  /** Null where rows are not diverted. */
  rejected: RejectedRows | null;
  /** Called for a quote that is never closed: what it has swallowed are other rows. */
  onUnclosed: () => void;
}

/** Opens a part of a source for reading and scanning. The caller closes both. */
export function openPiece(
  { fd, expected, settings, plan, dataset, kernel }: OpenSource,
  part: SourcePart,
  rowsMax: number,
  { problems, rejected, onUnclosed }: PieceFindings,
): { reader: SourceReader; scanner: RowSource } {
  const { header } = plan;
  const reader = new SourceReader(fd, expected.bytes, settings.lineBytesMax, part, kernel);
  let form: RowForm | null = null;
  const rows = openRows(dataset.dialect, header.delimiter, {
    fieldCount: header.fieldCount,
    rowsMax: Math.min(BLOCK_ROWS, rowsMax),
    line: 0,
    onFault: (fault, fields, { start, end, line }) => {
      form ??= rowFormOf(header, dataset);
      const column = faultColumn(fault, form.columns);
      const isWanted = problems.wants(fault.rule, column);
      if (!isWanted) problems.count(fault.rule, column);
      if (fault.rule === 'quote' && fault.detail === 'unclosed') onUnclosed();
      if (!isWanted && rejected === null) return;
      const problem = describeSent(fault, fields(), header, form);
      if (isWanted) problems.add(problem);
      rejected?.add(reader.base + start, end - start, line, problem);
    },
    kernel,
  });
  const { reject } = header;
  const scanner = reject === null ? rows : new RestoredRows(rows, reject.marks);
  return { reader, scanner };
}

function rowFormOf(header: Header, dataset: Dataset): RowForm {
  const columnOf = new Map(dataset.columns.map((column) => [column.name, asRead(column, dataset)]));
  return {
    columns: header.names.flatMap((name) => {
      const isOurs = header.reject !== null && isRejectColumn(name);
      return columnOf.get(name) ?? (isOurs ? [] : { ...ignored, name });
    }),
    delimiter: header.delimiter.text,
    dialect: dataset.dialect,
  };
}

/** With the dataset's null words among the column's own. */
function asRead(column: Column, { clean }: Dataset): Column {
  if (clean.nullWords.length === 0) return column;
  const { format = usualFormat } = column;
  return { ...column, format: { ...format, missingValues: nullWordsOf(clean.nullWords, format) } };
}

/** Of a row of a reject file without what csv-hopper wrote at its end, as the sender knows it. */
function describeSent(
  fault: RowFault,
  fields: string[],
  { reject, fieldCount: ofHeader }: Header,
  form: RowForm,
): Problem {
  if (reject === null || fault.rule !== 'field_count') return describeFault(fault, form, fields);
  // Of a row that is too long to be told of there are no fields.
  const isKnown = fields.length === fault.fieldCount;
  if (isKnown && marksAtEnd(fields, { fieldCount: ofHeader, reject }) === null)
    return describeUnmarked(fault.line, fault.fieldCount, ofHeader);
  const fieldCount = Math.max(0, fault.fieldCount - reject.fieldCount);
  return describeFault({ ...fault, fieldCount }, form, fields.slice(0, fieldCount));
}
