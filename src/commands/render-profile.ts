import { counted } from '../core/counted.ts';
import { groupedDigits } from '../core/grouped-digits.ts';
import type { ColumnProfile, LoadProfile } from '../profile/load-profile.ts';

const BLOCKS = Array.from('▁▂▃▄▅▆▇█');
/** A value of a file is shown so far. */
const VALUE_CHARACTERS = 24;

/** A profile as lines for people: a block for each column. */
export function renderProfile({ rows, columns }: LoadProfile): string[] {
  const count = counted(rows, 'row');
  return [
    `${count}, ${counted(columns.length, 'column')}`,
    ...columns.flatMap((column) => ['', ...renderColumn(column, rows)]),
  ];
}

function renderColumn(column: ColumnProfile, rows: number): string[] {
  const { name, type, min, max, mean, deviation, quartiles, histogram, lengths, top } = column;
  const lines: [string, string | null][] = [
    ['values', `${distinct(column)}, ${nulls(column, rows)}`],
    ['range', min === null || max === null ? null : `${cut(min)} to ${cut(max)}`],
    ['mean', meanText(mean, deviation)],
    ['quartiles', quartiles?.map((value) => shortOrText(value)).join(', ') ?? null],
    ['spread', bars(histogram ?? [])],
    [
      'length',
      lengths &&
        (lengths.min === lengths.max
          ? groupedDigits(lengths.min)
          : `${groupedDigits(lengths.min)} to ${groupedDigits(lengths.max)}, mean ${short(lengths.mean)}`),
    ],
    ...shares(top ?? [], rows),
  ];
  const shown = lines.flatMap(([title, text]) =>
    text === null ? [] : [`  ${title.padEnd(9)}  ${text}`],
  );
  return [`${name}  ${type}`, ...shown];
}

function meanText(mean: number | null, deviation: number | null): string | null {
  if (mean === null) return null;
  return `${short(mean)}${deviation === null ? '' : `, deviation ${short(deviation)}`}`;
}

function distinct({ distinct: count, distinctIs }: ColumnProfile): string {
  return `${distinctIs === 'exact' ? '' : 'about '}${groupedDigits(count)} different`;
}

function nulls({ nulls: count }: ColumnProfile, rows: number): string {
  if (count === 0) return 'none missing';
  return `${groupedDigits(count)} missing (${percent(count / rows)})`;
}

/** Each of the most frequent values with a bar, where any comes more than once. */
function shares(
  top: readonly { value: string; count: number }[],
  rows: number,
): [string, string][] {
  const most = top[0]?.count ?? 0;
  if (most < 2) return [];
  const width = Math.max(...top.map(({ value }) => Array.from(cut(value)).length));
  return top.map(({ value, count }, i) => {
    const bar = '█'.repeat(Math.max(1, Math.round((count / most) * 12)));
    const share = `${groupedDigits(count)} (${percent(count / rows)})`;
    return [i === 0 ? 'frequent' : '', `${cut(value).padEnd(width)}  ${bar.padEnd(12)}  ${share}`];
  });
}

/** A value that is there at all has the lowest block; none is a blank. */
function bars(counts: readonly number[]): string | null {
  if (counts.length < 2) return null;
  const most = Math.max(...counts);
  const blocks = counts.map((count) =>
    count === 0 ? ' ' : BLOCKS[Math.ceil((count / most) * BLOCKS.length) - 1]!,
  );
  return `|${blocks.join('')}|`;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}

function shortOrText(value: number | string): string {
  return typeof value === 'number' ? short(value) : value;
}

function cut(value: string): string {
  const characters = Array.from(value);
  if (characters.length <= VALUE_CHARACTERS) return value;
  return `${characters.slice(0, VALUE_CHARACTERS - 1).join('')}…`;
}
