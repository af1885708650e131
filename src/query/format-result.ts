import { counted } from '../core/counted.ts';
import { visibleText } from '../core/visible-text.ts';
import type { QueryResult, QueryValue } from './query-result.ts';

export type ResultFormat = 'table' | 'csv' | 'json';

/**
 * Renders a result as text that ends with a line break.
 *
 * - table: aligned for a terminal, with a line that counts the rows
 * - csv: RFC 4180, with a header; NULL is an empty field, the empty string a quoted one
 * - json: an array of objects; a number that a double would change is a string, dates and times are ISO 8601
 */
export function formatResult(result: QueryResult, format: ResultFormat): string {
  switch (format) {
    case 'table':
      return formatTable(result);
    case 'csv':
      return formatCsv(result);
    case 'json':
      return formatJson(result);
  }
}

function formatTable({ columns, rows }: QueryResult): string {
  const header = columns.map(({ name }) => visibleText(name));
  const cells = rows.map((row) => row.map(tableCell));
  const widths = header.map((name, i) =>
    cells.reduce((width, row) => Math.max(width, widthOf(row[i] ?? '')), widthOf(name)),
  );
  const right = columns.map(({ type }) => isNumeric(type));
  const line = (row: string[]): string =>
    row
      .map((cell, i) => {
        const padding = ' '.repeat((widths[i] ?? 0) - widthOf(cell));
        return right[i] === true ? padding + cell : cell + padding;
      })
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  const count = `(${counted(rows.length, 'row')})`;
  return [line(header), rule, ...cells.map(line), count, ''].join('\n');
}

function tableCell(value: QueryValue): string {
  return value === null ? 'NULL' : visibleText(String(value));
}

const graphemes = new Intl.Segmenter();

function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += isWide(segment) ? 2 : 1;
  return width;
}

/** East Asian scripts and emoji take two cells of a terminal. */
function isWide(grapheme: string): boolean {
  return /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}]/u.test(
    grapheme,
  );
}

function formatCsv({ columns, rows }: QueryResult): string {
  const lines = [
    columns.map(({ name }) => csvField(name)),
    ...rows.map((row) => row.map((value) => (value === null ? '' : csvField(String(value))))),
  ];
  return lines.map((fields) => `${fields.join(',')}\r\n`).join('');
}

/** A value as a field of RFC 4180; the empty string is quoted, because a field without anything is NULL. */
export function csvField(text: string): string {
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function formatJson({ columns, rows }: QueryResult): string {
  if (rows.length === 0) return '[]\n';
  const names = columns.map(({ name }) => JSON.stringify(name));
  const objects = rows.map((row) => {
    const members = columns.map(
      ({ type }, i) => `${names[i] ?? ''}:${jsonValue(row[i] ?? null, type)}`,
    );
    return `{${members.join(',')}}`;
  });
  return `[\n${objects.join(',\n')}\n]\n`;
}

function jsonValue(value: QueryValue, type: string): string {
  if (typeof value === 'bigint') {
    return Number.isSafeInteger(Number(value)) ? String(value) : `"${value}"`;
  }
  if (typeof value === 'number' && !Number.isFinite(value)) return `"${value}"`;
  if (typeof value !== 'string') return JSON.stringify(value);
  if (type.startsWith('DECIMAL(')) return isExactDouble(value) ? value : `"${value}"`;
  if (type === 'TIMESTAMP') return JSON.stringify(value.replace(' ', 'T'));
  if (type === 'TIMESTAMP WITH TIME ZONE') {
    return JSON.stringify(value.replace(' ', 'T').replace(/\+00$/, 'Z'));
  }
  return JSON.stringify(value);
}

/** A double gives back every decimal of up to 15 digits. */
function isExactDouble(decimal: string): boolean {
  return decimal.replaceAll(/\D/g, '').length <= 15;
}

/** Whether values of a type, in SQL's words, are numbers. */
export function isNumeric(type: string): boolean {
  return /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(.*\))$/.test(type);
}
