import type { PlotJson, TableJson } from '../../core/explorer-data.ts';

type Value = TableJson['rows'][number][number];

/** More bars or tiles than these cannot be told apart. */
export const BARS_MAX = 60;
const FACETS_MAX = 8;

export type Meaning = 'number' | 'time' | 'word';

/** What the values of a type, in SQL's words, are to a chart. */
export function meaningOf(type: string): Meaning {
  if (/^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(.*\))$/.test(type)) {
    return 'number';
  }
  return /^(DATE|TIMESTAMP)/.test(type) ? 'time' : 'word';
}

/** A chart that fits the answer of a query; null where none does. */
export function suggestPlot({ columns, rows }: TableJson): PlotJson | null {
  if (rows.length === 0) return null;
  const [numbers, times, words] = (['number', 'time', 'word'] as const).map((meaning) =>
    columns.flatMap(({ name, type }, i) => (meaningOf(type) === meaning ? [{ name, i }] : [])),
  );
  const [first] = columns;
  if (first === undefined) return null;
  if (columns.length === 1) {
    return meaningOf(first.type) === 'word' && rows.length <= BARS_MAX
      ? { kind: 'tiles', x: first.name, y: null, facet: null }
      : null;
  }
  const y = numbers?.at(-1);
  if (y === undefined) return null;
  const few = (column: number): boolean => distinct(rows, column) <= FACETS_MAX;
  const [time] = times ?? [];
  if (time !== undefined) return { kind: 'line', x: time.name, y: y.name, facet: null };
  const [word, other] = words ?? [];
  if (word !== undefined && other !== undefined) {
    if (few(word.i)) return { kind: 'bar', x: other.name, y: y.name, facet: word.name };
    return { kind: 'bar', x: word.name, y: y.name, facet: few(other.i) ? other.name : null };
  }
  if (word !== undefined) {
    const [group] = numbers ?? [];
    const isGrouped = group !== undefined && group !== y && distinct(rows, word.i) < rows.length;
    return isGrouped && few(word.i)
      ? { kind: 'bar', x: group.name, y: y.name, facet: word.name }
      : { kind: 'bar', x: word.name, y: y.name, facet: null };
  }
  const [x] = numbers ?? [];
  if (x === undefined || x === y) return null;
  const isEach = rows.length <= BARS_MAX && distinct(rows, x.i) === rows.length;
  return { kind: isEach ? 'bar' : 'dot', x: x.name, y: y.name, facet: null };
}

/** Whether the columns that a plot names are there, with numbers where it needs some. */
export function fits({ kind, x, y, facet }: PlotJson, { columns, rows }: TableJson): boolean {
  const has = (name: string | null): boolean => columns.some((column) => column.name === name);
  const isNumber = columns.some(({ name, type }) => name === y && meaningOf(type) === 'number');
  return (
    rows.length > 0 && has(x) && (kind === 'tiles' || isNumber) && (facet === null || has(facet))
  );
}

/** A plot in an address: `bar,city,orders`. */
export function plotText({ kind, x, y, facet }: PlotJson): string {
  return [kind, x, y ?? '', facet ?? ''].map(encodeURIComponent).join(',');
}

export function readPlot(text: string): PlotJson | null {
  const [kind, x = '', y = '', facet = ''] = text.split(',').map(decoded);
  if (kind !== 'bar' && kind !== 'line' && kind !== 'dot' && kind !== 'tiles') return null;
  return { kind, x, y: y === '' ? null : y, facet: facet === '' ? null : facet };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function distinct(rows: readonly (readonly Value[])[], column: number): number {
  return new Set(rows.map((row) => row[column])).size;
}
