import type { JSX } from 'preact';
import type { ColumnJson, HistoryJson, SummaryJson } from '../../core/explorer-data.ts';
import { count, formatNumber } from '../format.ts';
import { TimeText } from '../time-text.tsx';
import { ColumnPlot } from './column-plot.tsx';
import { HistoryPlot } from './history-plot.tsx';

/** When a dataset was loaded. */
export function HistoryPanel({ history }: { history: HistoryJson }): JSX.Element {
  const { loads, rows, last, step } = history;
  return (
    <section class="panel" aria-label="Loads over time">
      <h2>Loads over time</h2>
      {last === null ? (
        <p class="soft">Nothing was loaded yet.</p>
      ) : (
        <>
          <p class="soft">
            {count(rows, 'row')} in {count(loads, 'load')}, the last <TimeText iso={last} />. Rows
            by {step}, in UTC; loads that were taken back or replaced are left out.
          </p>
          <HistoryPlot history={history} />
        </>
      )}
    </section>
  );
}

/** What is in each column. */
export function ColumnsPanel({ summary }: { summary: SummaryJson }): JSX.Element {
  const { columns, rows } = summary;
  return (
    <section class="panel" aria-label="Columns">
      <h2>
        {count(columns.length, 'column')}, {count(rows, 'row')}
      </h2>
      <div class="table">
        <table class="column-table">
          <thead>
            <tr>
              <th scope="col">Column</th>
              <th scope="col" class="number">
                Missing
              </th>
              <th scope="col" class="number">
                Different
              </th>
              <th scope="col">Range</th>
              <th scope="col">Distribution</th>
            </tr>
          </thead>
          <tbody>
            {columns.map((column) => (
              <ColumnRow key={column.name} column={column} rows={rows} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function ColumnRow({ column, rows }: { column: ColumnJson; rows: number }): JSX.Element {
  const { name, type, description, nulls, distinct, isEstimate } = column;
  return (
    <tr>
      <th scope="row">
        <span class="name">{name}</span>
        <span class="type">{type}</span>
        {description === null ? null : <span class="soft about">{description}</span>}
      </th>
      <td class="number">
        {nulls === 0 ? (
          <span class="soft">none</span>
        ) : (
          <>
            {formatNumber(nulls)}
            <span class="soft share">{percent(nulls / rows)}</span>
          </>
        )}
      </td>
      <td class="number">
        {isEstimate ? <abbr title="Estimated, within some percent">≈ </abbr> : null}
        {formatNumber(distinct)}
      </td>
      <td>
        <Range column={column} />
      </td>
      <td class="distribution">
        {column.distribution === null ? (
          <span class="soft">{whyNone(column, rows)}</span>
        ) : (
          <ColumnPlot column={column} />
        )}
      </td>
    </tr>
  );
}

function Range({ column }: { column: ColumnJson }): JSX.Element | null {
  const { min, max, mean, median, longest } = column;
  if (longest !== null) return <span class="soft">up to {count(longest, 'character')}</span>;
  if (min === null || max === null) return null;
  return (
    <>
      {min === max ? end(min) : `${end(min)} to ${end(max)}`}
      {mean === null || median === null ? null : (
        <span class="soft share">
          median {brief(median)}, mean {brief(mean)}
        </span>
      )}
    </>
  );
}

/** Whole numbers are easier to read in groups of digits. */
function end(text: string): string {
  return /^-?\d{4,15}$/.test(text) ? formatNumber(Number(text)) : text;
}

function whyNone({ nulls, distinct }: ColumnJson, rows: number): string {
  if (nulls === rows) return 'no values';
  return distinct >= (rows - nulls) / 2 ? 'hardly any value repeats' : 'too many values';
}

function brief(value: number): string {
  return formatNumber(Number(value.toPrecision(4)));
}

function percent(share: number): string {
  const text = (share * 100).toFixed(1);
  return text === '0.0' ? '< 0.1 %' : `${formatNumber(Number(text))} %`;
}
