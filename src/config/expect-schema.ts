import * as z from 'zod';
import type { ColumnExpectations, Expectations } from '../schema/expectations.ts';
import { integer, number, oneOf, text } from './setting.ts';

/** A journal is read back so far at each start. */
const LAST_MAX = 100;
const LAST = 10;

const actions = ['warn', 'fail'] as const;

function action() {
  return oneOf(actions)
    .default('warn')
    .describe(
      'What happens otherwise: the file is loaded and the log and `status` tell of it, or it fails.',
    );
}

function last() {
  return integer(2, LAST_MAX)
    .default(LAST)
    .describe('How many loads before this one it is held against.');
}

function deviations(what: string) {
  return number(0, 1000).optional().describe(`The most standard deviations that ${what}.`);
}

const rows = z
  .strictObject({
    min: integer(0, 999_999_999_999).optional().describe('The fewest rows that a file has.'),
    max: integer(0, 999_999_999_999).optional().describe('The most rows.'),
    deviations: deviations('the number of rows may lie from the mean of those of the last loads'),
    last: last(),
    action: action(),
  })
  .refine(
    (given) => given.min !== undefined || given.max !== undefined || given.deviations !== undefined,
    'needs min, max or deviations',
  );

const column = z.strictObject({
  nulls: z
    .strictObject({
      max: number(0, 1).describe('The greatest share of rows without a value, 0 to 1.'),
      action: action(),
    })
    .optional(),
  categories: oneOf(actions)
    .optional()
    .describe(
      'What happens where a value comes that none of the last 10 loads had, or one is missing that each of them had.',
    ),
  mean: z
    .strictObject({
      deviations: number(0, 1000).describe(
        'The most standard deviations that its mean may lie from the mean of those of the last loads.',
      ),
      last: last(),
      action: action(),
    })
    .optional(),
  outliers: z
    .strictObject({
      deviations: deviations('a value may lie from the mean of all values of the last loads'),
      quartiles: number(0, 1000)
        .optional()
        .describe(
          'Or: the most times the distance between the quartiles of the last loads that a value may lie outside of them.',
        ),
      max: integer(0, 999_999_999)
        .optional()
        .meta({ default: '`0`' })
        .describe('How many such values a file may have. Not with `action: divert`.'),
      last: last(),
      action: oneOf([...actions, 'divert'])
        .default('warn')
        .describe(
          'What happens otherwise; with `on_invalid_rows: divert` the rows that have such values may be diverted, each by itself.',
        ),
    })
    .refine(
      (given) => (given.deviations === undefined) !== (given.quartiles === undefined),
      'needs deviations or quartiles, and not both',
    )
    .refine((given) => given.action !== 'divert' || given.max === undefined, {
      path: ['max'],
      message: 'has no effect with action: divert; max_invalid_rows of the dataset limits them',
    })
    .optional(),
});

/** What a dataset expects of each file as a whole, and when it expects one. */
export const expectations = z
  .strictObject({
    rows: rows.optional(),
    columns: z.record(z.string(), column).default({}),
    every: z
      .string()
      .regex(/^[1-9]\d{0,2} (day|week)s?$/, 'must be a number of days or weeks, such as "2 days"')
      .meta({ type: 'such as 1 day or 2 weeks' })
      .optional()
      .describe('How often a file is due; an alarm tells of one that did not come.'),
    by: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as "06:00"')
      .meta({ type: 'HH:MM' })
      .optional()
      .describe('The time of day by which it is due.'),
    timezone: text()
      .refine(isZone, 'must be the name of a time zone, such as Europe/Berlin')
      .default('UTC')
      .describe('The time zone of `by`.'),
  })
  .refine((given) => (given.every === undefined) === (given.by === undefined), {
    message: 'needs both every and by, or neither',
  });

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

export function readExpectations(values: z.output<typeof expectations>): Expectations {
  const { rows: ofRows, columns, every, by, timezone } = values;
  return {
    rows: ofRows
      ? {
          ...ofRows,
          min: ofRows.min ?? null,
          max: ofRows.max ?? null,
          deviations: ofRows.deviations ?? null,
        }
      : null,
    columns: byName(columns),
    arrival:
      every === undefined || by === undefined
        ? null
        : { everyDays: daysOf(every), by: minutesOf(by), timezone },
  };
}

/** Without a prototype: of an object that has one, a column called `constructor` would be expected something of. */
function byName(
  columns: z.output<typeof expectations>['columns'],
): Record<string, ColumnExpectations> {
  const read = Object.create(null) as Record<string, ColumnExpectations>;
  for (const [name, given] of Object.entries(columns))
    read[name.trim().toLowerCase()] = ofColumn(given);
  return read;
}

function ofColumn(given: z.output<typeof column>): ColumnExpectations {
  const { nulls, categories, mean, outliers } = given;
  return {
    nulls: nulls ?? null,
    categories: categories === undefined ? null : { last: LAST, action: categories },
    mean: mean ?? null,
    outliers: outliers
      ? {
          ...outliers,
          deviations: outliers.deviations ?? null,
          quartiles: outliers.quartiles ?? null,
          max: outliers.max ?? 0,
        }
      : null,
  };
}

function daysOf(every: string): number {
  const [count, unit = ''] = every.split(' ');
  return Number(count) * (unit.startsWith('week') ? 7 : 1);
}

function minutesOf(by: string): number {
  const [hours, minutes] = by.split(':');
  return Number(hours) * 60 + Number(minutes);
}
