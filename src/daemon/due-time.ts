import { dayAt, instantOf } from '../core/zoned-time.ts';
import type { ArrivalExpectation } from '../schema/expectations.ts';

/** Instants in milliseconds since 1970. */
export interface DueTimes {
  /** The first that no file has met. */
  first: number;
  /** The last of them that has passed; null where even the first has not. */
  missed: number | null;
  /** The next one to come. */
  next: number;
}

/**
 * When files of a dataset are due. A file meets the due time nearest to it, be it early or late, and the next is due so many days
 * after that; where none has come yet, so many days after csv-hopper has begun to wait.
 */
export function dueTimes(
  expected: ArrivalExpectation,
  lastArrival: number | null,
  waitingSince: number,
  now: number,
): DueTimes {
  const { everyDays } = expected;
  const dueOn = (day: number): number => instantOf(day, expected.by, expected.timezone);
  let day =
    lastArrival === null
      ? dayBefore(expected, waitingSince) + everyDays
      : nearestDay(expected, lastArrival) + everyDays;
  const first = dueOn(day);
  let missed: number | null = null;
  // Years without a file are not gone through day by day.
  const behind = Math.floor((dayAt(now, expected.timezone) - day) / everyDays) - 1;
  if (behind > 0) day += behind * everyDays;
  while (dueOn(day) <= now) {
    missed = dueOn(day);
    day += everyDays;
  }
  return { first, missed, next: dueOn(day) };
}

/** The day whose due time is the last that is not after an instant. */
function dayBefore({ by, timezone }: ArrivalExpectation, ms: number): number {
  const day = dayAt(ms, timezone);
  return instantOf(day, by, timezone) <= ms ? day : day - 1;
}

/** The day whose due time is nearest to an instant. */
function nearestDay(expected: ArrivalExpectation, ms: number): number {
  const { by, timezone } = expected;
  const before = dayBefore(expected, ms);
  const early = instantOf(before + 1, by, timezone) - ms;
  const late = ms - instantOf(before, by, timezone);
  return late < early ? before : before + 1;
}
