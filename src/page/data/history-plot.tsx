import * as Plot from '@observablehq/plot';
import type { JSX } from 'preact';
import { useCallback } from 'preact/hooks';
import type { HistoryJson } from '../../core/explorer-data.ts';
import { count } from '../format.ts';
import { compact } from './compact.ts';
import { PlotFigure } from './plot-figure.tsx';

const stepMs = { hour: 3_600_000, day: 86_400_000, week: 604_800_000, month: 2_592_000_000 };

/** How many rows were loaded when. */
export function HistoryPlot({ history }: { history: HistoryJson }): JSX.Element {
  const { step, steps, loads, rows } = history;
  const plot = useCallback((width: number) => options(history, width), [history]);
  const description = `${count(loads, 'load')} with ${count(rows, 'row')}, in ${count(steps.length, step)}`;
  return <PlotFigure label={`Rows loaded by ${step}`} description={description} plot={plot} />;
}

function options({ step, steps }: HistoryJson, width: number): Plot.PlotOptions {
  const places = steps.map(({ start, ...counts }) => {
    const from = new Date(start);
    return { ...counts, from, to: endOf(from, step) };
  });
  // A lone bar would be as wide as the plot.
  const room = Math.max(0, 24 - places.length) / 2;
  const [first, last] = [places[0]?.from ?? new Date(0), places.at(-1)?.to ?? new Date(0)];
  return {
    ...{ width, height: 190, marginLeft: 56, marginRight: 12, marginTop: 14, marginBottom: 28 },
    x: {
      ...{ label: null, type: 'utc', tickSize: 0 },
      domain: [
        new Date(first.getTime() - room * stepMs[step]),
        new Date(last.getTime() + room * stepMs[step]),
      ],
    },
    y: { label: null, grid: true, ticks: 4, tickSize: 0, tickFormat: compact, zero: true },
    marks: [
      Plot.rectY(places, {
        ...{ x1: 'from', x2: 'to', y: 'rows', fill: 'var(--bar)', insetLeft: 1, insetRight: 1 },
        rx: 1,
        title: ({ from, rows, loads, rejected }: (typeof places)[number]) =>
          [
            stepText(from, step),
            `${count(rows, 'row')} in ${count(loads, 'load')}`,
            ...(rejected > 0 ? [`${count(rejected, 'row')} rejected`] : []),
          ].join('\n'),
        tip: true,
      }),
      Plot.ruleY([0], { stroke: 'var(--edge)' }),
    ],
  };
}

function endOf(start: Date, step: HistoryJson['step']): Date {
  const end = new Date(start);
  if (step === 'month') end.setUTCMonth(end.getUTCMonth() + 1);
  else end.setTime(end.getTime() + stepMs[step]);
  return end;
}

function stepText(start: Date, step: HistoryJson['step']): string {
  const iso = start.toISOString();
  if (step === 'hour') return `${iso.slice(0, 13).replace('T', ' ')}:00 UTC`;
  return step === 'month' ? iso.slice(0, 7) : iso.slice(0, 10);
}
