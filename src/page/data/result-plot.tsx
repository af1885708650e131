import * as Plot from '@observablehq/plot';
import type { JSX } from 'preact';
import { useCallback } from 'preact/hooks';
import type { PlotJson, TableJson } from '../../core/explorer-data.ts';
import { count, formatNumber } from '../format.ts';
import { compact } from './compact.ts';
import { BARS_MAX, type Meaning, meaningOf } from './chart.ts';
import { PlotFigure } from './plot-figure.tsx';

interface Point {
  x: string | number | Date;
  y: number;
  facet: string;
  label: string;
}

interface ResultPlotProps {
  table: TableJson;
  plot: PlotJson;
  /** What the answer is of. */
  title: string;
}

/** The answer of a query as a chart. */
export function ResultPlot({ table, plot, title }: ResultPlotProps): JSX.Element {
  const draw = useCallback((width: number) => options(table, plot, width), [table, plot]);
  const points = pointsOf(table, plot);
  const left = table.rows.length - points.length;
  return (
    <>
      <PlotFigure label={title} description={describe(points, plot)} plot={draw} />
      {left === 0 ? null : (
        <p class="soft small">
          {formatNumber(left)} of {count(table.rows.length, 'row')} {left === 1 ? 'is' : 'are'} not
          in the chart:{' '}
          {plot.kind === 'bar' || plot.kind === 'tiles'
            ? `it has the first ${BARS_MAX}.`
            : left === 1
              ? 'it has no value.'
              : 'they have no value.'}
        </p>
      )}
    </>
  );
}

function pointsOf({ columns, rows }: TableJson, { kind, x, y, facet }: PlotJson): Point[] {
  const at = (name: string | null): number => columns.findIndex((column) => column.name === name);
  const [xAt, yAt, facetAt] = [at(x), at(y), at(facet)];
  const meaning = meaningOf(columns[xAt]?.type ?? '');
  const points = rows.flatMap((row): Point[] => {
    const [value, height] = [row[xAt] ?? null, row[yAt] ?? null];
    const text = value === null ? 'NULL' : String(value);
    const isDrawn = kind === 'tiles' || (height !== null && Number.isFinite(Number(height)));
    if (!isDrawn || (kind !== 'bar' && kind !== 'tiles' && value === null)) return [];
    const isPlaced = value !== null && (meaning === 'number' || kind !== 'bar');
    return [
      {
        x: isPlaced ? placeOf(text, meaning) : text,
        y: Number(height),
        facet: String(row[facetAt] ?? 'NULL'),
        label: text,
      },
    ];
  });
  return kind === 'bar' || kind === 'tiles' ? points.slice(0, BARS_MAX) : points;
}

function placeOf(text: string, meaning: Meaning): Point['x'] {
  if (meaning === 'word') return text;
  return meaning === 'number' ? Number(text) : timeOf(text);
}

/** Instants are in UTC, and so is drawn whatever has no zone. */
function timeOf(text: string): Date {
  const iso = text.replace(' ', 'T').replace(/\+00$/, '');
  return new Date(iso.includes('T') ? `${iso}Z` : iso);
}

function options(table: TableJson, plot: PlotJson, width: number): Plot.PlotOptions {
  const points = pointsOf(table, plot);
  if (plot.kind === 'tiles') return tiles(points, width);
  if (plot.kind === 'bar') return bars(points, plot, width);
  return curve(points, plot, table, width);
}

const frame = { marginTop: 24, marginRight: 16, marginBottom: 40, marginLeft: 60 } as const;

const valueAxis = { grid: true, ticks: 5, tickSize: 0, nice: true, tickFormat: compact } as const;

/** Wider bars look like a wall. */
const BAR_WIDTH_MAX = 72;

/** The part of a step between two bars that is left free, so that no bar is too wide. */
function paddingFor(bars: number, width: number): number {
  const room = (width - BAR_WIDTH_MAX * bars) / (width + BAR_WIDTH_MAX);
  return Math.min(0.98, Math.max(0.2, room));
}

function bars(
  points: readonly Point[],
  { x, y, facet }: PlotJson,
  width: number,
): Plot.PlotOptions {
  const longest = Math.max(...points.map(({ label }) => label.length));
  const isNumeric = points.every((point) => typeof point.x === 'number');
  const facets = facet === null ? 1 : new Set(points.map((point) => point.facet)).size;
  const each = Math.max(1, new Set(points.map((point) => point.label)).size);
  const inner = (width - 76) / facets;
  const room = inner / each;
  if (!isNumeric && longest * 7 > room && facet === null) return rows(points, x, y);
  const turned = longest * 7 > room;
  return {
    ...{ ...frame, width, height: 280 + (turned ? 40 : 0) },
    ...{ marginTop: facet === null ? 24 : 40, insetTop: 14, marginBottom: turned ? 84 : 40 },
    x: {
      ...{ label: x, type: 'band', padding: paddingFor(each, inner), tickSize: 0 },
      ...(turned && { tickRotate: -40 }),
      domain: isNumeric
        ? [...new Set(points.map((point) => point.x))].sort((a, b) => Number(a) - Number(b))
        : [...new Set(points.map((point) => point.x))],
    },
    y: { ...valueAxis, label: y, zero: true },
    ...(facet !== null && { fx: { label: facet, padding: 0.08 } }),
    marks: [
      Plot.barY(points, {
        ...{ x: 'x', y: 'y', fill: 'var(--bar)', ry2: 2, title: titleOf },
        ...(facet !== null && { fx: 'facet' }),
      }),
      ...(points.length <= 24
        ? [
            Plot.text(points, {
              ...{ x: 'x', y: 'y', dy: -8, fill: 'var(--soft)' },
              text: ({ y: value }: Point) => compact(value),
              ...(facet !== null && { fx: 'facet' }),
            }),
          ]
        : []),
      Plot.ruleY([0], { stroke: 'var(--edge)' }),
    ],
  };
}

/** Bars that lie, because their names are long. */
function rows(points: readonly Point[], x: string, y: string | null): Plot.PlotOptions {
  const longest = Math.min(28, Math.max(...points.map(({ label }) => label.length)));
  return {
    ...{ height: points.length * 24 + 48, marginLeft: longest * 6.6 + 20, marginRight: 64 },
    ...{ marginTop: 24, marginBottom: 24 },
    x: { ...valueAxis, label: y, axis: 'top', zero: true },
    y: {
      ...{ label: null, tickSize: 0, padding: 0.2, domain: points.map((point) => point.x) },
      ariaLabel: x,
      tickFormat: (value: string | number) => short(String(value)),
    },
    marks: [
      Plot.barX(points, { x: 'y', y: 'x', fill: 'var(--bar)', rx2: 2, title: titleOf }),
      Plot.text(points, {
        ...{ x: 'y', y: 'x', dx: 6, textAnchor: 'start', fill: 'var(--soft)' },
        text: ({ y: value }: Point) => compact(value),
      }),
      Plot.ruleX([0], { stroke: 'var(--edge)' }),
    ],
  };
}

function curve(
  points: readonly Point[],
  { kind, x, y, facet }: PlotJson,
  table: TableJson,
  width: number,
): Plot.PlotOptions {
  const meaning = meaningOf(table.columns.find(({ name }) => name === x)?.type ?? '');
  const channels = {
    ...{ x: 'x', y: 'y', stroke: 'var(--bar)' },
    ...(facet !== null && { fx: 'facet' }),
  };
  return {
    ...{ ...frame, width, height: 300 },
    x: {
      ...{ label: x, tickSize: 0 },
      ...(meaning === 'time' && { type: 'utc' as const }),
      ...(meaning === 'word' && { type: 'point' as const }),
    },
    y: { ...valueAxis, label: y },
    ...(facet !== null && { fx: { label: facet } }),
    marks:
      kind === 'line'
        ? [
            Plot.lineY(points, { ...channels, strokeWidth: 1.75, tip: true }),
            ...(points.length <= 40
              ? [Plot.dot(points, { ...channels, fill: 'var(--bar)', r: 2.5 })]
              : []),
          ]
        : [Plot.dot(points, { ...channels, strokeOpacity: 0.7, r: 3, tip: true })],
  };
}

/** The values alone, each on a tile, for an answer that has no numbers. */
function tiles(points: readonly Point[], width: number): Plot.PlotOptions {
  const longest = Math.max(6, ...points.map(({ label }) => Math.min(28, label.length)));
  const inRow = Math.max(1, Math.min(points.length, Math.floor(width / (longest * 9 + 24))));
  const placed = points.map((point, i) => ({
    ...{ label: short(point.label), column: i % inRow, row: Math.floor(i / inRow) },
  }));
  const lines = Math.ceil(points.length / inRow);
  const shown = Math.min(width, inRow * (longest * 9 + 40));
  return {
    ...{ width: shown, height: lines * 56, margin: 0 },
    x: { axis: null, type: 'band', padding: 0.06 },
    y: { axis: null, type: 'band', padding: 0.14 },
    marks: [
      Plot.cell(placed, {
        ...{ x: 'column', y: 'row', fill: 'var(--accent-ground)', rx: 6 },
      }),
      Plot.text(placed, {
        ...{ x: 'column', y: 'row', text: 'label', fill: 'var(--accent)', fontSize: 14 },
      }),
    ],
  };
}

function titleOf({ label, y }: Point): string {
  return `${label}: ${formatNumber(y)}`;
}

function describe(points: readonly Point[], { kind, x, y, facet }: PlotJson): string {
  const few = points.slice(0, 12);
  if (kind === 'tiles') return `${x}: ${few.map(({ label }) => label).join(', ')}`;
  const list = few.map((point) =>
    [facet === null ? '' : `${point.facet} `, `${point.label} ${formatNumber(point.y)}`].join(''),
  );
  const more = points.length > few.length ? ` and ${points.length - few.length} more` : '';
  return `${y ?? ''} by ${x}: ${list.join(', ')}${more}`;
}

function short(text: string): string {
  const characters = Array.from(text);
  return characters.length <= 28 ? text : `${characters.slice(0, 27).join('')}…`;
}
