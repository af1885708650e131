// The tables, in Markdown, so that they can be put into docs/PERFORMANCE.md as they are. MB are millions of bytes.
import { type Bar, isMet, type Line, medianIn, medianOf, type Section } from './section.ts';

const MB = 1_000_000;

interface Column {
  title: string;
  cell: (line: Line, section: Section) => string | null;
}

const columns: readonly Column[] = [
  { title: '', cell: ({ name }) => name },
  { title: 'wall, s', cell: (line) => fixed(medianOf(line, 'wallMs'), 1000, 3) },
  { title: 'from-to', cell: wallRange },
  { title: 'MB/s', cell: (line, { bytes }) => fixed(rate(line, bytes), 1000, 1) },
  { title: 'ms a file', cell: msPerFile },
  { title: 'speed', cell: speed },
  { title: 'CPU, s', cell: (line) => fixed(medianOf(line, 'cpuMs'), 1000, 2) },
  { title: 'server CPU, s', cell: (line) => fixed(medianOf(line, 'serverCpuMs'), 1000, 2) },
  { title: 'peak MB', cell: (line) => fixed(medianOf(line, 'rssBytes'), MB, 0) },
  {
    title: 'Parquet MB',
    cell: (line, { rows }) =>
      rows === undefined ? fixed(medianOf(line, 'parquetBytes'), MB, 2) : null,
  },
  {
    title: 'thousand rows/s',
    cell: (line, { rows }) => forRows(line, rows, (ms, count) => fixed(count, ms, 0)),
  },
  {
    title: 'CSV MB, a million rows',
    cell: (_, { bytes, rows }) => (rows === undefined ? null : fixed(bytes, rows, 0)),
  },
  { title: 'Parquet MB, a million rows', cell: millionRows('parquetBytes') },
  { title: 'table MB, a million rows', cell: millionRows('tableBytes') },
  {
    title: 'log KB, a file',
    cell: (line, { rows }) =>
      rows === undefined ? null : fixed(medianOf(line, 'logBytes'), 1000, 1),
  },
  { title: 'runs', cell: ({ samples }) => String(samples.length) },
];

/** A table of medians; a column that no line has anything for is left out. */
export function sectionTable(section: Section): string {
  const shown = columns.flatMap(({ title, cell }) => {
    const cells = section.lines.map((line) => cell(line, section));
    return cells.every((text) => text === null)
      ? []
      : [[title, ...cells.map((text) => text ?? '')]];
  });
  const rows = ['', ...section.lines].map((_, row) => shown.map((column) => column[row] ?? ''));
  const [head = [], ...body] = rows;
  const rule = head.map((_, index) => (index === 0 ? '---' : '---:'));
  return `### ${section.title}\n\n${alignedTable([head, rule, ...body])}`;
}

export function barLines(bars: readonly Bar[]): string {
  const rows = bars.map((bar) => [
    bar.claim,
    `${bar.rule} ${bar.limit}${bar.unit}`,
    `${bar.measured.toFixed(bar.measured < 10 ? 3 : 0)}${bar.unit}`,
    isMet(bar) ? 'yes' : 'NO',
  ]);
  const head = ['bar', 'wanted', 'measured', 'met'];
  return `### The bar\n\n${alignedTable([head, head.map(() => '---'), ...rows])}`;
}

export function alignedTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => pad(cell, widths[column] ?? 0)).join(' | ')} |`;
  return rows.map(line).join('\n');
}

function pad(cell: string, width: number): string {
  if (/^-+:?$/.test(cell))
    return cell.replace(/^-+/, (dashes) => dashes.padEnd(width - cell.length + dashes.length, '-'));
  return cell.padEnd(width);
}

/** Bytes per millisecond. */
function rate(line: Line, bytes: number): number | null {
  const wallMs = medianOf(line, 'wallMs');
  return bytes === 0 || wallMs === null ? null : bytes / wallMs;
}

function forRows(
  line: Line,
  rows: number | undefined,
  tell: (wallMs: number, rows: number) => string | null,
): string | null {
  const wallMs = medianOf(line, 'wallMs');
  return rows === undefined || wallMs === null ? null : tell(wallMs, rows);
}

/** MB are millions of bytes, so bytes a row. */
function millionRows(measure: 'parquetBytes' | 'tableBytes'): Column['cell'] {
  return (line, { rows }) => (rows === undefined ? null : fixed(medianOf(line, measure), rows, 0));
}

function msPerFile(line: Line, { files }: Section): string | null {
  return files === 1 ? null : fixed(medianOf(line, 'wallMs'), files, 2);
}

function wallRange({ samples }: Line): string {
  const walls = samples.map(({ wallMs }) => wallMs / 1000);
  return `${Math.min(...walls).toFixed(3)}-${Math.max(...walls).toFixed(3)}`;
}

/** Against that of the section's base, whose own is 1. */
function speed(line: Line, { base, lines }: Section): string | null {
  if (base === null) return null;
  return fixed(medianIn(lines, base, 'wallMs'), medianOf(line, 'wallMs') ?? NaN, 2);
}

function fixed(value: number | null, unit: number, digits: number): string | null {
  return value === null ? null : (value / unit).toFixed(digits);
}
