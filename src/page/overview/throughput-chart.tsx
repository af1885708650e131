import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ThroughputData } from '../../serve/page-data.ts';
import { ErrorNote } from '../error-note.tsx';
import { count, formatTime } from '../format.ts';
import { useFetched } from '../use-fetched.ts';

const spans = { hour: 'Hour', day: 'Day', week: 'Week' } as const;
type Span = keyof typeof spans;

const HEIGHT = 96;
const BAR = 10;
const GAP = 2;

/** How many rows were loaded over time. `changes`: another number as soon as there may be more. */
export function ThroughputChart({ changes }: { changes: number }): JSX.Element {
  const [span, setSpan] = useState<Span>('day');
  const { data, error, again } = useFetched<ThroughputData>('/api/throughput', { span, changes });
  return (
    <section class="panel grow" aria-labelledby="throughput-title">
      <div class="panel-head">
        <h2 id="throughput-title">Rows loaded</h2>
        <div class="choice" role="group" aria-label="Period">
          {Object.entries(spans).map(([name, title]) => (
            <button
              key={name}
              type="button"
              aria-pressed={name === span}
              onClick={() => {
                setSpan(name as Span);
              }}
            >
              {title}
            </button>
          ))}
        </div>
      </div>
      {error === null ? null : <ErrorNote error={error} again={again} />}
      {data === null ? <div class="chart-room" /> : <Chart data={data} />}
    </section>
  );
}

function Chart({ data: { from, periodMs, periods } }: { data: ThroughputData }): JSX.Element {
  const most = Math.max(...periods.map(({ rows }) => rows));
  const rows = periods.reduce((sum, period) => sum + period.rows, 0);
  const files = periods.reduce((sum, period) => sum + period.files, 0);
  const timeOf = (index: number): string =>
    formatTime(new Date(Date.parse(from) + index * periodMs).toISOString());
  const total = `${count(rows, 'row')} of ${count(files, 'file')}`;
  const width = periods.length * (BAR + GAP) - GAP;
  return (
    <>
      <p class="soft">
        {total}
        {most > 0 ? `; the most at a time: ${count(most, 'row')}` : ''}
      </p>
      <svg
        class="chart"
        viewBox={`0 0 ${width} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${total} since ${timeOf(0)}`}
      >
        {periods.map((period, index) => {
          const height = period.rows === 0 ? 0 : Math.max(2, (period.rows / most) * HEIGHT);
          const x = index * (BAR + GAP);
          return (
            <g key={index}>
              <title>
                {timeOf(index)}: {count(period.rows, 'row')} of {count(period.files, 'file')}
              </title>
              <rect class="room" x={x} y={0} width={BAR} height={HEIGHT} />
              <rect class="bar" x={x} y={HEIGHT - height} width={BAR} height={height} />
            </g>
          );
        })}
      </svg>
      <p class="axis soft">
        <span>{timeOf(0)}</span>
        <span>now</span>
      </p>
    </>
  );
}
