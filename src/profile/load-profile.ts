import type { Column } from '../schema/column-type.ts';
import { columnTypes } from '../schema/column-types.ts';
import { typeText } from '../schema/type-text.ts';
import type { ColumnTally, ProfileRequest, TalliedValues } from './column-tally.ts';
import { estimateDistinct } from './estimate-distinct.ts';
import type { RawValue } from '../columns/raw-value.ts';
import { compareRaw, kindOf, rawText, scaledNumber } from './value-kind.ts';
import {
  firstPlace,
  quantiles,
  sortedCounts,
  weighted,
  type WeightedValues,
} from './value-sample.ts';

/** What is known of the rows of one load. Plain data, which is written to a journal. */
export interface LoadProfile {
  rows: number;
  /** In the order of schema.yaml. */
  columns: ColumnProfile[];
}

export interface ColumnProfile {
  name: string;
  /** As schema.yaml has it. */
  type: string;
  nulls: number;
  /** How many different values there are: exactly, or estimated where they are many. */
  distinct: number;
  distinctIs: 'exact' | 'estimated';
  /** The first 100 characters where it is a text. Null where there is no value, and for texts where values must not be shown. */
  min: string | null;
  max: string | null;
  /** Of numbers, in the unit of the column. */
  mean: number | null;
  /** Standard deviation, with n - 1; null below two values. */
  deviation: number | null;
  /** A quarter, half and three quarters of the values are not greater: exactly where `distinct` is exact, else of a sample. */
  quartiles: [number, number, number] | [string, string, string] | null;
  /** How many values lie in each of so many equal parts from min to max, for numbers and times; as exact as the quartiles. */
  histogram: number[] | null;
  /** The most frequent values; null where `distinct` is estimated, and where values must not be shown. */
  top: { value: string; count: number }[] | null;
  /** Of texts, in characters. */
  lengths: { min: number; max: number; mean: number } | null;
  /** How many numbers lay outside of what earlier loads had; null where nobody asked. */
  outliers: number | null;
  /** All values, where an expectation compares them and they are not too many. */
  categories: string[] | null;
}

const TOP = 5;
const BINS = 16;
const QUARTERS = [0.25, 0.5, 0.75];

export function loadProfile(
  columns: readonly Column[],
  tallies: readonly ColumnTally[],
  rows: number,
  request: ProfileRequest,
): LoadProfile {
  return {
    rows,
    columns: columns.map((column, i) => columnProfile(column, tallies[i]!, request)),
  };
}

function columnProfile(column: Column, tally: ColumnTally, request: ProfileRequest): ColumnProfile {
  const { type, name } = column;
  const { nulls, present, least, greatest, numbers, lengths, values, registers } = tally;
  const { quartiles, histogram } = distribution(column, tally);
  const text = (raw: RawValue | null): string | null => (raw === null ? null : rawText(type, raw));
  const isAsked = Object.hasOwn(request.bounds, name);
  const isUnique = request.unique?.includes(name) === true;
  return {
    name,
    type: typeText(type),
    nulls,
    distinct: values?.raws.length ?? (isUnique ? present : estimateDistinct(registers!, present)),
    distinctIs: values === null && !isUnique ? 'estimated' : 'exact',
    min: text(least),
    max: text(greatest),
    mean: numbers && scaledNumber(type, numbers.mean),
    deviation:
      numbers && present > 1
        ? scaledNumber(type, Math.sqrt(numbers.squares / (present - 1)))
        : null,
    quartiles,
    histogram,
    top:
      values &&
      topOf(values).map((place) => ({
        value: rawText(type, values.raws[place]!),
        count: values.counts[place]!,
      })),
    lengths: lengths && {
      min: lengths.min,
      max: lengths.max,
      mean: lengths.characters / present,
    },
    outliers: isAsked ? (numbers?.outside ?? 0) : null,
    categories:
      values !== null && request.categories.includes(name)
        ? values.raws.map((raw) => rawText(type, raw)).sort()
        : null,
  };
}

/** Places of the most frequent values; of equally frequent ones the least first. */
function topOf({ raws, counts }: TalliedValues): number[] {
  const order = (a: number, b: number): number =>
    counts[b]! - counts[a]! || compareRaw(raws[a]!, raws[b]!);
  const top: number[] = [];
  for (let place = 0; place < raws.length; place++) {
    if (top.length === TOP && order(place, top[TOP - 1]!) > 0) continue;
    if (top.length === TOP) top.pop();
    let at = top.length;
    while (at > 0 && order(place, top[at - 1]!) < 0) at--;
    top.splice(at, 0, place);
  }
  return top;
}

function distribution(
  { type }: Column,
  { values, sample, present, least, greatest }: ColumnTally,
): Pick<ColumnProfile, 'quartiles' | 'histogram'> {
  const kind = kindOf(type);
  const isMeasured = kind === 'number' || kind === 'time';
  const sorted =
    isMeasured && values !== null
      ? sortedCounts(values.raws.map(Number), values.counts)
      : sample && weighted(sample);
  if (sorted === null || sorted.values.length === 0 || least === null || greatest === null)
    return { quartiles: null, histogram: null };
  const [first, second, third] = quantiles(sorted, QUARTERS) as [number, number, number];
  return {
    quartiles:
      kind === 'number'
        ? [scaledNumber(type, first), scaledNumber(type, second), scaledNumber(type, third)]
        : [rawText(type, first), rawText(type, second), rawText(type, third)],
    histogram: histogramOf(sorted, Number(least), Number(greatest), present, isWhole(type)),
  };
}

/** Whether raw values have nothing between them and the next whole number. */
function isWhole(type: Column['type']): boolean {
  const storage = columnTypes[type.name].storage(type);
  return storage === 'int32' || storage === 'int64' || storage === 'fixed';
}

function histogramOf(
  { values, rowsBefore }: WeightedValues,
  min: number,
  max: number,
  present: number,
  whole: boolean,
): number[] {
  const range = max - min;
  // A few whole numbers have a part each, so that no two of them fall together where others do not.
  const steps = whole ? range + 1 : BINS;
  // One part for numbers that are closer together, or further apart, than a double can tell.
  const bins = range / BINS > 0 && range < Infinity ? Math.min(BINS, steps) : 1;
  const width = whole && steps <= BINS ? 1 : range / bins;
  const count = values.length;
  const scale = present / rowsBefore(count);
  const before = Array.from({ length: bins + 1 }, (_, bin) => {
    if (bin === 0 || bin === bins) return rowsBefore(bin === 0 ? 0 : count);
    return rowsBefore(firstPlace(count, (at) => Math.floor((values[at]! - min) / width) >= bin));
  });
  return before.slice(1).map((rows, bin) => Math.round((rows - before[bin]!) * scale));
}
