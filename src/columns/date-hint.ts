import { accepts } from '../schema/accepts.ts';
import { plainCell } from '../schema/cell-parser.ts';
import type { Column, ColumnType } from '../schema/column-type.ts';
import { fullYear } from '../schema/parsers/temporal-format.ts';
import { writtenCells } from '../schema/written-cell.ts';
import type { CellHint } from './cell-hint.ts';

const DAY_MS = 86_400_000;
/** Serial dates of spreadsheets that are taken for one: 1954 to 2119. */
const SERIAL_MIN = 20_000;
const SERIAL_MAX = 80_000;

const dateType: ColumnType = { name: 'DATE', length: 0, precision: 0, scale: 0, fraction: 0 };

/** A day in another writing: what it may mean, as YYYY-MM-DD. */
interface Day {
  days: string[];
  writing: string;
}

/** What a cell looks like that is no date or time of the column. */
export function dateHint(text: string, column: Column): CellHint | null {
  if (text.startsWith('0000-00-00')) {
    return {
      looksLike: 'It looks like the zero date of MySQL: leave the cell empty.',
      repairs: [],
    };
  }
  const pattern = column.format?.temporal ?? null;
  const hint = hintOfText(text, column.type, pattern);
  if (hint === null) return null;
  const repairs = writtenCells(hint.repairs, column);
  // A cell in the column's own writing does not look like one in another.
  const isOwn = pattern !== null && plainCell(column, text) !== null;
  return isOwn && repairs.length === 0 ? null : { ...hint, repairs };
}

/** With repairs as the type has them. */
function hintOfText(text: string, type: ColumnType, pattern: string | null): CellHint | null {
  const serial = type.name === 'TIME' ? null : serialHint(text, type, pattern);
  if (serial !== null) return serial;
  const [, dayText = '', timeText = ''] =
    /^(.*?\d{4}.*?|.*?)(?:(?:[T ]|, )\s*(\d{1,2}[:.h]\d\d.*))?$/.exec(text) ?? [text, text];
  if (type.name === 'TIME') return timeHint(text, timeText);
  const day = readDay(dayText, pattern?.includes('%y') === true);
  if (day === null) return null;
  const time = timeText === '' ? null : readTime(timeText);
  if (timeText !== '' && time === null) return null;
  return type.name === 'DATE' ? forDate(day, time) : forDatetime(day, time);
}

function forDate({ days, writing }: Day, time: string | null): CellHint {
  if (time === null) return { looksLike: `It looks like a date as ${writing}.`, repairs: days };
  const isMidnight = /^00:00:00(\.0+)?$/.test(time);
  return {
    looksLike: `It looks like a date as ${writing} with a time of day behind it.`,
    repairs: isMidnight ? days : [],
  };
}

function forDatetime({ days, writing }: Day, time: string | null): CellHint {
  return {
    looksLike:
      time === null
        ? `It looks like a date as ${writing} without a time of day.`
        : `It looks like a date as ${writing} and a time of day.`,
    repairs: days.map((day) => `${day} ${time ?? '00:00:00'}`),
  };
}

function timeHint(text: string, behindDay: string): CellHint | null {
  const time = readTime(behindDay === '' ? text : behindDay);
  if (time === null) return null;
  return {
    looksLike:
      behindDay === ''
        ? 'It looks like a time of day in another writing.'
        : 'It looks like a time of day behind a date.',
    repairs: [time],
  };
}

/** Days since 1900, as spreadsheets keep dates, or seconds since 1970, as programs do. */
function serialHint(text: string, type: ColumnType, pattern: string | null): CellHint | null {
  const serial = /^(\d{5})(?:[.,](\d+))?$/.exec(text);
  if (serial !== null) {
    const days = Number(serial[1]);
    if (days < SERIAL_MIN || days > SERIAL_MAX) return null;
    const fraction = Number(`0.${serial[2] ?? '0'}`);
    // Day 0 is 1899-12-30, because Lotus 1-2-3 took 1900 for a leap year. Spec: ECMA-376, part 1, 18.17.4.1.
    const time = new Date(Date.UTC(1899, 11, 30) + (days + fraction) * DAY_MS);
    const repair = type.name === 'DATE' ? time.toISOString().slice(0, 10) : datetimeText(time);
    return {
      looksLike: `It looks like the serial number of a spreadsheet for a date: format the column as a date, ${pattern ?? 'YYYY-MM-DD'}, and save it again.`,
      repairs: [repair],
    };
  }
  const unix = /^(\d{10})(\d{3})?$/.exec(text);
  if (unix === null || type.name === 'DATE') return null;
  const time = new Date(Number(unix[1]) * 1000);
  return {
    looksLike: `It looks like ${unix[2] === undefined ? '' : 'milli'}seconds since 1970.`,
    repairs: [datetimeText(time)],
  };
}

function datetimeText(time: Date): string {
  const rounded = new Date(Math.round(time.getTime() / 1000) * 1000);
  return rounded.toISOString().slice(0, 19).replace('T', ' ');
}

const months = new Map(
  ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
    .map((name, i) => [name, i + 1] as const)
    // German, where it differs.
    .concat([
      ['mär', 3],
      ['mrz', 3],
      ['mai', 5],
      ['okt', 10],
      ['dez', 12],
    ]),
);

/** `hasShortYears`: whether two digits may be a year, as they are for strptime. */
function readDay(text: string, hasShortYears: boolean): Day | null {
  const yearFirst = /^(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})$/.exec(text);
  if (yearFirst !== null) return readYearFirst(yearFirst);
  const yearLast = /^(\d{1,2})([./-])\s?(\d{1,2})\2\s?(\d{4}|\d{2})$/.exec(text);
  if (yearLast !== null) {
    const isShort = hasShortYears && yearLast[4]?.length === 2;
    return isShort ? readShortYear(yearLast) : readYearLast(yearLast);
  }
  const named =
    /^(?<day>\d{1,2})[. -]*(?<month>\p{L}{3,9})[. -]*(?<year>\d{4})$/u.exec(text) ??
    /^(?<month>\p{L}{3,9})[. -]*(?<day>\d{1,2})(?:st|nd|rd|th)?[, -]+(?<year>\d{4})$/u.exec(text);
  if (named === null) return null;
  const { day, month, year } = named.groups as { day: string; month: string; year: string };
  const number = months.get(month.toLowerCase().slice(0, 3));
  if (number === undefined) return null;
  const days = valid([year, String(number), day]);
  return days.length === 0 ? null : { days, writing: 'a day, the name of a month and a year' };
}

function readYearFirst([
  ,
  year = '',
  sign = '',
  second = '',
  third = '',
]: RegExpExecArray): Day | null {
  if (sign === '' && second.length + third.length !== 4) return null;
  const days = valid([year, second, third]);
  const writing = ['year', 'month', 'day'].join(sign);
  if (days.length > 0) {
    return { days, writing: sign === '' ? 'year, month and day without a sign between' : writing };
  }
  const swapped = valid([year, third, second]);
  return swapped.length === 0
    ? null
    : { days: swapped, writing: ['year', 'day', 'month'].join(sign) };
}

function readYearLast([
  ,
  first = '',
  sign = '',
  second = '',
  year = '',
]: RegExpExecArray): Day | null {
  const dayFirst = ['day', 'month', 'year'].join(sign);
  const monthFirst = ['month', 'day', 'year'].join(sign);
  if (year.length === 2) {
    const writing = `${dayFirst} or ${monthFirst} with two digits for the year: write all four`;
    return { days: [], writing: sign === '.' ? writing.replace(` or ${monthFirst}`, '') : writing };
  }
  const asDayFirst = valid([year, second, first]);
  // With points it is the order of Europe, which has the day first.
  const asMonthFirst = sign === '.' ? [] : valid([year, first, second]);
  const days = [...new Set([...asDayFirst, ...asMonthFirst])];
  if (days.length === 0) return null;
  if (days.length === 2) {
    return { days, writing: `${dayFirst} or ${monthFirst}, and only the sender knows which` };
  }
  return { days, writing: asDayFirst.length > 0 ? dayFirst : monthFirst };
}

/** Three numbers of two digits, any of which may be the year, but for those with points: these have the day first. */
function readShortYear([
  ,
  first = '',
  sign = '',
  second = '',
  third = '',
]: RegExpExecArray): Day | null {
  const orders: { order: string[]; days: string[] }[] = [
    { order: ['day', 'month', 'year'], days: valid([fullYear(third), second, first]) },
  ];
  if (sign !== '.') {
    const yearFirst = valid([fullYear(first.padStart(2, '0')), second, third]);
    orders.push(
      { order: ['month', 'day', 'year'], days: valid([fullYear(third), first, second]) },
      { order: ['year', 'month', 'day'], days: yearFirst },
    );
  }
  const possible = orders.filter(({ days }) => days.length > 0);
  const days = [...new Set(possible.flatMap((each) => each.days))];
  if (days.length === 0) return null;
  const names = possible.map(({ order }) => order.join(sign)).join(' or ');
  const doubt = days.length === 1 ? '' : ', and only the sender knows which';
  return { days, writing: `${names} with two digits for the year${doubt}` };
}

/** The day as YYYY-MM-DD, where the calendar has it. */
function valid([year, month, day]: [string, string, string]): string[] {
  const text = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  return accepts(dateType, text) ? [text] : [];
}

/** A time of day as HH:MM:SS, with fraction and zone where it has them; null where it is none. */
function readTime(text: string): string | null {
  const match =
    /^(\d{1,2})[:.h](\d\d)(?:[:.](\d\d)(?:[.,](\d{1,6}))?)?\s*([ap]\.?m\.?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?$/i.exec(
      text,
    );
  if (match === null) return null;
  const [, hourText, minute, second = '00', fraction, half, zone = ''] = match;
  let hour = Number(hourText);
  if (half !== undefined) {
    if (hour < 1 || hour > 12) return null;
    hour = (hour % 12) + (/^p/i.test(half) ? 12 : 0);
  }
  if (hour > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  const offset = /^(Z|UTC)$/i.test(zone) ? 'Z' : zone.replace(/^(...)(\d\d)$/, '$1:$2');
  const exact = fraction === undefined ? '' : `.${fraction}`;
  return `${String(hour).padStart(2, '0')}:${minute}:${second}${exact}${offset}`;
}
