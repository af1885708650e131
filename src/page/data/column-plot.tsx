import * as Plot from '@observablehq/plot';
import type { JSX } from 'preact';
import { useCallback } from 'preact/hooks';
import type { ColumnJson, DistributionJson } from '../../core/explorer-data.ts';
import { count as counted, formatNumber } from '../format.ts';
import { PlotFigure } from './plot-figure.tsx';

const WIDTH = 320;
const BAR_HEIGHT = 20;

type Histogram = DistributionJson & { kind: 'histogram' };
type Values = DistributionJson & { kind: 'values' };

/** How often which values are in a column. */
export function ColumnPlot({ column }: { column: ColumnJson }): JSX.Element | null {
  const { distribution } = column;
  const plot = useCallback(
    (): Plot.PlotOptions =>
      distribution?.kind === 'values'
        ? valuesPlot(distribution)
        : histogramPlot(distribution, column.kind),
    [distribution, column.kind],
  );
  if (distribution === null) return null;
  return (
    <PlotFigure
      width={WIDTH}
      label={`How often which values are in ${column.name}`}
      description={describe(distribution)}
      plot={plot}
    />
  );
}

function valuesPlot({ values, others, otherValues }: Values): Plot.PlotOptions {
  const bars = values.map(({ value, count }, i) => ({ key: String(i), value, count }));
  if (others > 0) {
    const named = otherValues === null ? 'others' : counted(otherValues, 'other');
    bars.push({ key: 'others', value: named, count: others });
  }
  const labels = new Map(bars.map(({ key, value }) => [key, short(value)]));
  return {
    ...{ width: WIDTH, height: bars.length * BAR_HEIGHT + 4 },
    ...{ marginLeft: 112, marginRight: 56, marginTop: 2, marginBottom: 2 },
    x: { axis: null, domain: [0, Math.max(...bars.map(({ count }) => count))] },
    y: { axis: null, domain: bars.map(({ key }) => key), padding: 0.22 },
    marks: [
      Plot.barX(bars, {
        ...{ y: 'key', x: 'count', rx: 2 },
        fill: ({ key }: { key: string }) => (key === 'others' ? 'others' : 'value'),
        title: ({ value, count }: { value: string; count: number }) =>
          `${value}: ${formatNumber(count)}`,
      }),
      Plot.text(bars, {
        ...{ y: 'key', x: 0, dx: -8, textAnchor: 'end', fill: 'var(--ink)' },
        text: ({ key }: { key: string }) => labels.get(key) ?? '',
      }),
      Plot.text(bars, {
        ...{ y: 'key', x: 'count', dx: 6, textAnchor: 'start', fill: 'var(--soft)' },
        text: ({ count }: { count: number }) => formatNumber(count),
      }),
    ],
    color: { domain: ['value', 'others'], range: ['var(--bar)', 'var(--bar-soft)'] },
  };
}

function histogramPlot(
  distribution: DistributionJson | null,
  kind: ColumnJson['kind'],
): Plot.PlotOptions {
  const { bars, width, isExact } = distribution as Histogram;
  const common: Plot.PlotOptions = {
    ...{ width: WIDTH, height: 76, marginLeft: 8, marginRight: 8, marginTop: 6, marginBottom: 22 },
    // Ticks of times have two lines.
    ...(kind !== 'number' && { height: 88, marginBottom: 34 }),
    y: { axis: null },
  };
  const title = ({ from, count }: Histogram['bars'][number]): string =>
    `${rangeText(from, width, kind, isExact)}: ${formatNumber(count)}`;
  if (isExact) {
    const isCrowded = bars.length > 12;
    return {
      ...common,
      x: {
        ...{ label: null, tickSize: 0, type: 'band', padding: 0.15 },
        tickFormat: (value: number) => (isCrowded && value % 5 !== 0 ? '' : String(value)),
      },
      marks: [
        Plot.barY(bars, { x: 'from', y: 'count', fill: 'var(--bar)', title }),
        Plot.ruleY([0], { stroke: 'var(--line)' }),
      ],
    };
  }
  const isTime = kind !== 'number';
  const place = (at: number): number | Date => (isTime ? new Date(at) : at);
  return {
    ...common,
    x: {
      ...{ label: null, tickSize: 0, ticks: 4, type: isTime ? 'utc' : 'linear' },
      ...(kind === 'time' && { tickFormat: '%H:%M' }),
    },
    marks: [
      Plot.rectY(bars, {
        x1: ({ from }: { from: number }) => place(from),
        x2: ({ from }: { from: number }) => place(from + width),
        ...{ y: 'count', insetLeft: 0.5, insetRight: 0.5, fill: 'var(--bar)', title },
      }),
      Plot.ruleY([0], { stroke: 'var(--line)' }),
    ],
  };
}

function rangeText(
  from: number,
  width: number,
  kind: ColumnJson['kind'],
  isExact: boolean,
): string {
  if (isExact) return String(from);
  if (kind === 'number') return `${formatNumber(from)} to ${formatNumber(from + width)}`;
  const text = (at: number): string => {
    const iso = new Date(at).toISOString();
    if (kind === 'date') return iso.slice(0, 10);
    return kind === 'time' ? iso.slice(11, 19) : iso.slice(0, 16).replace('T', ' ');
  };
  return `${text(from)} to ${text(from + width)}`;
}

function describe(distribution: DistributionJson): string {
  if (distribution.kind === 'values') {
    const most = distribution.values.slice(0, 3);
    return most.map(({ value, count }) => `${value} ${formatNumber(count)}`).join(', ');
  }
  const { bars } = distribution;
  const highest = bars.reduce((best, bar) => (bar.count > best.count ? bar : best), {
    ...{ from: 0, count: -1 },
  });
  return `${counted(bars.length, 'bar')}, the highest with ${counted(Math.max(0, highest.count), 'row')}`;
}

const CHARACTERS = 16;

function short(value: string): string {
  if (value === '') return '(empty)';
  const characters = Array.from(value);
  if (characters.length <= CHARACTERS) return value;
  return `${characters.slice(0, CHARACTERS - 1).join('')}…`;
}
