import type { JSX } from 'preact';
import type { RowCounts } from '../../core/load.ts';
import { formatNumber } from '../format.ts';

const parts = [
  ['rowsAccepted', 'loaded', 'good'],
  ['rowsRejected', 'rejected', 'bad'],
  ['rowsDroppedNull', 'dropped with nulls', 'soft'],
  ['rowsDroppedDuplicate', 'dropped as duplicates', 'soft'],
] as const;

/** Where each row of a file went. `held`: of a file that failed, whose good rows are not loaded either. */
export function RowCountsTable({
  counts,
  held,
}: {
  counts: RowCounts;
  held: boolean;
}): JSX.Element {
  return (
    <section class="panel" aria-labelledby="rows-title">
      <h2 id="rows-title">Rows</h2>
      <dl class="counts">
        <div>
          <dt>read</dt>
          <dd>{formatNumber(counts.rowsRead)}</dd>
        </div>
        {parts.map(([key, word, tone]) => (
          <div key={key} class={counts[key] === 0 ? 'none' : tone}>
            <dt>{held && key === 'rowsAccepted' ? 'in order, but not loaded' : word}</dt>
            <dd>{formatNumber(counts[key])}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
