import { typeText } from '../schema/type-text.ts';
import type { Column } from '../schema/column-type.ts';
import { numberWidth, secondsWidth } from './bar-width.ts';
import { quoteName, quoteText } from './dataset-view.ts';
import type { ParquetDatabase, QueriedDataset } from './parquet-database.ts';
import type { QueryValue } from './query-result.ts';
import type {
  ColumnJson,
  ColumnKind,
  DistributionJson,
  SummaryJson,
} from '../core/explorer-data.ts';

/** Up to so many rows different values are counted, which takes memory for each; of more they are estimated. */
const COUNTED_ROWS_MAX = 200_000;
/** With so many different values all are counted to find the most frequent ones. */
const COUNTED_VALUES_MAX = 2000;
const VALUES_SHOWN = 8;
const VALUE_CHARACTERS = 60;

/** What the first look at a column finds. */
interface Overview {
  column: Column;
  kind: ColumnKind;
  counted: number;
  distinct: number;
  isEstimate: boolean;
  min: string | null;
  max: string | null;
  /** Of what can be put on a line: numbers, or seconds. */
  low: number;
  high: number;
  mean: number | null;
  median: number | null;
  longest: number | null;
}

/**
 * What is in the columns of a dataset: two looks at its files, however many columns there are, and a third where texts are so many that
 * the most frequent have to be found first. Throws what ParquetDatabase.query throws.
 */
export async function summariseDataset(
  database: ParquetDatabase,
  dataset: QueriedDataset,
): Promise<SummaryJson> {
  const { name, columns } = dataset;
  const table = quoteName(name);
  const [[rowCount] = []] = (await database.query(`SELECT COUNT(*) FROM ${table}`)).rows;
  const rows = Number(rowCount);
  const ask = async (expressions: readonly string[]): Promise<readonly QueryValue[]> => {
    if (expressions.length === 0) return [];
    return (await database.query(`SELECT ${expressions.join(', ')} FROM ${table}`)).rows[0] ?? [];
  };
  const overviews = await lookAtColumns(columns, rows, ask);
  const distributions = await countBars(overviews, rows, ask);
  return {
    ...{ dataset: name, rows },
    columns: overviews.map((overview, i) => columnJson(overview, rows, distributions[i] ?? null)),
  };
}

type Ask = (expressions: readonly string[]) => Promise<readonly QueryValue[]>;

function columnJson(
  { column, kind, counted, ...found }: Overview,
  rows: number,
  distribution: DistributionJson | null,
): ColumnJson {
  const { distinct, isEstimate, min, max, mean, median, longest } = found;
  // Values that are cut may be the same in what is left.
  const exact = (longest ?? 0) > VALUE_CHARACTERS ? null : valuesIn(distribution);
  return {
    ...{ name: column.name, type: typeText(column.type), description: column.description ?? null },
    ...{ kind, nulls: rows - counted, min, max, mean, median, longest, distribution },
    ...(exact === null || !isEstimate
      ? { distinct, isEstimate }
      : { distinct: exact, isEstimate: false }),
  };
}

/** How many different values there are, where the distribution has counted all of them. */
function valuesIn(distribution: DistributionJson | null): number | null {
  if (distribution === null) return null;
  if (distribution.kind === 'values') {
    const { values, otherValues } = distribution;
    return otherValues === null ? null : values.length + otherValues;
  }
  const { isExact, bars } = distribution;
  return isExact ? bars.filter(({ count }) => count > 0).length : null;
}

const LOOKS = 7;

async function lookAtColumns(
  columns: readonly Column[],
  rows: number,
  ask: Ask,
): Promise<Overview[]> {
  const found = await ask(columns.flatMap((column) => looksAt(column, rows <= COUNTED_ROWS_MAX)));
  return columns.map((column, i) => {
    const [counted, distinct, min, max, mean, median, longest] = found.slice(
      i * LOOKS,
      (i + 1) * LOOKS,
    );
    const kind = kindOf(column);
    const onLine = lineValues(kind, min ?? null, max ?? null);
    return {
      ...{ column, kind, counted: Number(counted), distinct: Number(distinct), ...onLine },
      isEstimate: rows > COUNTED_ROWS_MAX,
      mean: numberOrNull(mean),
      median: numberOrNull(median),
      longest: numberOrNull(longest),
    };
  });
}

function looksAt(column: Column, isCounted: boolean): string[] {
  const name = valueOf(column);
  const kind = kindOf(column);
  const counted = [
    `COUNT(${name})`,
    isCounted ? `COUNT(DISTINCT ${name})` : `approx_count_distinct(${name})`,
  ];
  if (kind === 'text') return [...counted, ...none(4), `MAX(length(${name}))`];
  if (kind === 'boolean') return [...counted, ...none(5)];
  const place = placeOf(column);
  const ends = [`MIN(${name})::VARCHAR`, `MAX(${name})::VARCHAR`];
  if (kind !== 'number') {
    // Behind the text, for the line; read by lineValues.
    return [
      ...counted,
      `concat(MIN(${place}), ' ', ${ends[0] ?? ''})`,
      `concat(MAX(${place}), ' ', ${ends[1] ?? ''})`,
      ...none(3),
    ];
  }
  const median = isCounted ? `median(${place})` : `approx_quantile(${place}, 0.5)`;
  return [...counted, ...ends, `AVG(${place})`, median, 'NULL'];
}

function none(count: number): string[] {
  return Array<string>(count).fill('NULL');
}

/** The ends of a column as text, and on a line. */
function lineValues(
  kind: ColumnKind,
  min: QueryValue,
  max: QueryValue,
): Pick<Overview, 'min' | 'max' | 'low' | 'high'> {
  const [least, greatest] = [String(min ?? ''), String(max ?? '')];
  if (least.trim() === '') return { min: null, max: null, low: NaN, high: NaN };
  if (kind === 'number') {
    return { min: least, max: greatest, low: Number(least), high: Number(greatest) };
  }
  const [, low = '', first = ''] = /^(\S+) (.*)$/s.exec(least) ?? [];
  const [, high = '', last = ''] = /^(\S+) (.*)$/s.exec(greatest) ?? [];
  return { min: first, max: last, low: Number(low), high: Number(high) };
}

function numberOrNull(value: QueryValue | undefined): number | null {
  if (value === null || value === undefined) return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/** The column itself; of JSON its text, which can be compared, and of floating point what is a number and no infinity. */
function valueOf({ name, type }: Column): string {
  const quoted = quoteName(name);
  if (type.name === 'JSON') return `${quoted}::VARCHAR`;
  const isFloating = type.name === 'FLOAT' || type.name === 'DOUBLE';
  return isFloating ? `CASE WHEN isfinite(${quoted}) THEN ${quoted} END` : quoted;
}

/** SQL of where on a line a value is. */
function placeOf(column: Column): string {
  const value = valueOf(column);
  return kindOf(column) === 'number' ? `(${value})::DOUBLE` : `epoch(${value})`;
}

const kinds = {
  ...{ TINYINT: 'number', SMALLINT: 'number', INTEGER: 'number', BIGINT: 'number' },
  ...{ DECIMAL: 'number', FLOAT: 'number', DOUBLE: 'number', BOOLEAN: 'boolean' },
  ...{ CHAR: 'text', VARCHAR: 'text', TEXT: 'text', MEDIUMTEXT: 'text', LONGTEXT: 'text' },
  ...{ JSON: 'text', DATE: 'date', TIME: 'time', DATETIME: 'instant', TIMESTAMP: 'instant' },
} as const satisfies Record<Column['type']['name'], ColumnKind>;

function kindOf({ type }: Column): ColumnKind {
  return kinds[type.name];
}

const wholeTypes: ReadonlySet<string> = new Set(['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT']);

function isWhole({ type }: Column): boolean {
  return wholeTypes.has(type.name) || (type.name === 'DECIMAL' && type.scale === 0);
}

/** How the values of a column are counted, and what is made of the counts. */
interface Count {
  sql: string;
  read: (counts: Map<string, number>) => DistributionJson;
}

async function countBars(
  overviews: readonly Overview[],
  rows: number,
  ask: Ask,
): Promise<(DistributionJson | null)[]> {
  const frequent = await findFrequent(overviews, rows, ask);
  const counts = overviews.map((overview, i) => countOf(overview, frequent[i] ?? null));
  const asked = counts.filter((count) => count !== null);
  const answers = [...(await ask(asked.map(({ sql }) => sql)))];
  return counts.map((count) =>
    count === null ? null : count.read(countsIn(answers.shift() ?? null)),
  );
}

/** The most frequent values of texts that are too many to be counted; null where all can be, or where hardly any repeats. */
async function findFrequent(
  overviews: readonly Overview[],
  rows: number,
  ask: Ask,
): Promise<(string[] | null)[]> {
  const isMeant = ({ kind, distinct, counted }: Overview): boolean =>
    kind === 'text' && distinct > COUNTED_VALUES_MAX && distinct * 2 < Math.min(rows, counted);
  const meant = overviews.filter(isMeant);
  const answers = await ask(
    meant.map(
      ({ column }) => `to_json(approx_top_k(${shortOf(column)}, ${VALUES_SHOWN}))::VARCHAR`,
    ),
  );
  const found = new Map(meant.map((overview, i) => [overview, answers[i] ?? '[]']));
  return overviews.map((overview) => {
    const list = found.get(overview);
    return list === undefined ? null : (JSON.parse(String(list)) as string[]);
  });
}

function shortOf(column: Column): string {
  return `left(${valueOf(column)}, ${VALUE_CHARACTERS})`;
}

function countOf(overview: Overview, frequent: string[] | null): Count | null {
  const { column, kind, counted, distinct } = overview;
  if (counted === 0) return null;
  if (kind === 'boolean') return countValues(`${valueOf(column)}::VARCHAR`, counted);
  if (kind !== 'text') return countOnLine(overview);
  const short = shortOf(column);
  if (frequent !== null) {
    const list = frequent.map(quoteText).join(', ');
    return countValues(`CASE WHEN ${short} IN (${list}) THEN ${short} END`, counted, false);
  }
  if (distinct > COUNTED_VALUES_MAX) return null;
  return distinct === counted && counted > VALUES_SHOWN ? null : countValues(short, counted);
}

/** `isAll`: whether each value has its count, and not only some of them. */
function countValues(value: string, counted: number, isAll = true): Count {
  return {
    sql: `to_json(map_entries(histogram(${value})))::VARCHAR`,
    read: (counts) => {
      const all = [...counts].map(([text, count]) => ({ value: text, count }));
      const values = all.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
      // One more than is shown would be no more than "others" with one value.
      const shown = values.length <= VALUES_SHOWN + 1 ? values : values.slice(0, VALUES_SHOWN);
      return {
        ...{ kind: 'values', values: shown },
        otherValues: isAll ? values.length - shown.length : null,
        others: counted - shown.reduce((sum, { count }) => sum + count, 0),
      };
    },
  };
}

function countOnLine({ column, kind, low, high }: Overview): Count | null {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return null;
  const isNumber = kind === 'number';
  const width = isNumber
    ? numberWidth(low, high, isWhole(column))
    : secondsWidth(low, high, kind === 'date');
  const first = Math.floor(low / width);
  const unit = isNumber ? 1 : 1000;
  return {
    sql: `to_json(map_entries(histogram((floor(${placeOf(column)} / ${width}) - ${first})::INTEGER)))::VARCHAR`,
    read: (counts) => ({
      ...{ kind: 'histogram', width: width * unit },
      // Beyond 2^53 several values are the same number.
      isExact:
        isNumber && isWhole(column) && width === 1 && [low, high].every(Number.isSafeInteger),
      bars: Array.from({ length: Math.floor(high / width) - first + 1 }, (_, i) => ({
        from: rounded((first + i) * width * unit),
        count: counts.get(String(i)) ?? 0,
      })),
    }),
  };
}

/** 0.3 for three times 0.1. A bar may begin below the least double. */
function rounded(value: number): number {
  const bounded = Math.max(-Number.MAX_VALUE, value);
  return Number.isInteger(bounded) ? bounded : Number(bounded.toPrecision(15));
}

/** What histogram gives, as JSON of a list of entries. */
function countsIn(answer: QueryValue): Map<string, number> {
  if (answer === null) return new Map();
  const entries = JSON.parse(String(answer)) as { key: string | number; value: number }[];
  return new Map(entries.map(({ key, value }) => [String(key), value]));
}
