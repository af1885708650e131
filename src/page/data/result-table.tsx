import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { TableJson } from '../../core/explorer-data.ts';
import { count, formatNumber } from '../format.ts';
import { meaningOf } from './chart.ts';

/** So many rows are drawn at once: a browser takes its time for thousands. */
const PAGE_ROWS = 200;

interface ResultTableProps {
  table: TableJson;
  /** What the answer is of. */
  name: string;
  /** Whether all of it can be had as CSV. */
  canDownload: boolean;
}

/** The answer of a query, row by row. */
export function ResultTable({ table, name, canDownload }: ResultTableProps): JSX.Element {
  const [shown, setShown] = useState(PAGE_ROWS);
  const { columns, rows, isWhole, cellsCut } = table;
  const isNumber = columns.map(({ type }) => meaningOf(type) === 'number');
  return (
    <div class="result">
      {/* A region that can be scrolled has to be reached by the keyboard. */}
      <div class="table scroll" tabIndex={0} role="region" aria-label={name}>
        <table>
          <thead>
            <tr>
              {columns.map((column, i) => (
                <th key={i} scope="col" class={isNumber[i] === true ? 'number' : ''}>
                  {column.name}
                  <span class="type">{column.type}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, shown).map((row, i) => (
              <tr key={i}>
                {row.map((value, column) => (
                  <Cell key={column} value={value} isNumber={isNumber[column] === true} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="soft small">
        {isWhole
          ? count(rows.length, 'row')
          : `The first ${count(rows.length, 'row')}; there are more.`}
        {cellsCut === 0 ? null : ` ${count(cellsCut, 'long text is', 'long texts are')} cut.`}
        {canDownload && (!isWhole || cellsCut > 0) ? ' The CSV file has everything.' : null}{' '}
        {rows.length <= shown ? null : (
          <button
            type="button"
            class="small"
            onClick={() => {
              setShown(shown + 5 * PAGE_ROWS);
            }}
          >
            Show more than {formatNumber(shown)}
          </button>
        )}
      </p>
    </div>
  );
}

function Cell({
  value,
  isNumber,
}: {
  value: TableJson['rows'][number][number];
  isNumber: boolean;
}): JSX.Element {
  if (value === null) return <td class={isNumber ? 'number null' : 'null'}>NULL</td>;
  if (isNumber) return <td class="number">{String(value)}</td>;
  return <td class="text">{String(value)}</td>;
}
