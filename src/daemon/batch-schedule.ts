import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { counted } from '../core/counted.ts';
import { writeFileDurably } from '../core/durable-file.ts';
import { systemCode } from '../core/environment-error.ts';
import { dayAt, instantOf } from '../core/zoned-time.ts';

const DAY_MS = 86_400_000;

/** Every so many days at a time of day, counted from a day on: months have no part in it. */
export interface BatchSchedule {
  everyDays: number;
  /** Minutes of the day. */
  at: number;
  /** The first day, counted from 1970-01-01. */
  from: number;
}

const form =
  /^every ([1-9]\d{0,2}) (day|week)s? at (([01]\d|2[0-3]):[0-5]\d) from (\d{4}-\d{2}-\d{2})$/;

/** `every 2 days at 06:00 from 2026-11-27`; null where it is not of this form, or the date is none. */
export function parseSchedule(text: string): BatchSchedule | null {
  const [, count, unit, time = '', , date = ''] = form.exec(text) ?? [];
  const from = Date.parse(`${date}T00:00:00Z`) / DAY_MS;
  if (Number.isNaN(from) || dateText(from) !== date) return null;
  const [hours, minutes] = time.split(':').map(Number);
  return {
    everyDays: Number(count) * (unit === 'week' ? 7 : 1),
    at: (hours ?? 0) * 60 + (minutes ?? 0),
    from,
  };
}

export function scheduleText({ everyDays, at, from }: BatchSchedule): string {
  const days = counted(everyDays, 'day');
  return `every ${days} at ${timeText(at)} from ${dateText(from)}`;
}

/** `06:00` */
export function timeText(minutes: number): string {
  const digits = (n: number): string => String(n).padStart(2, '0');
  return `${digits(Math.floor(minutes / 60))}:${digits(minutes % 60)}`;
}

/** The first day, from now on, whose time of day has not passed. */
export function firstDay(at: number, now: number, zone: string): number {
  const today = dayAt(now, zone);
  return instantOf(today, at, zone) > now ? today : today + 1;
}

/** The due times around an instant, in milliseconds since 1970: the last one that is not after it, and the next. */
export function dueAround(
  { everyDays, at, from }: BatchSchedule,
  now: number,
  zone: string,
): { last: number | null; next: number } {
  const instant = (turn: number): number => instantOf(from + turn * everyDays, at, zone);
  let turn = Math.floor((dayAt(now, zone) - from) / everyDays);
  // On the day itself, before the time of day.
  if (turn >= 0 && instant(turn) > now) turn--;
  return turn < 0
    ? { last: null, next: instant(0) }
    : { last: instant(turn), next: instant(turn + 1) };
}

/**
 * Whether a run is due: a due time has come that no run has met. A run that was missed, or that had to leave files behind, stays
 * due until one is done; the times after it do not move.
 */
export function isDue(
  schedule: BatchSchedule,
  lastRun: number | null,
  now: number,
  zone: string,
): boolean {
  const { last } = dueAround(schedule, now, zone);
  // A run in the future was one by a clock that was wrong.
  return last !== null && (lastRun === null || lastRun > now || lastRun < last);
}

/** When the last run began that was done, in milliseconds since 1970; null where there was none. */
export async function readLastRun(outputFolder: string): Promise<number | null> {
  try {
    const note = JSON.parse(await readFile(notePath(outputFolder), 'utf8')) as {
      begun?: unknown;
    } | null;
    const ms = typeof note?.begun === 'string' ? Date.parse(note.begun) : NaN;
    return Number.isNaN(ms) ? null : ms;
  } catch (error) {
    // Torn or not there: a run too many does nothing twice.
    if (error instanceof SyntaxError || systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

export async function writeLastRun(outputFolder: string, begun: number): Promise<void> {
  await mkdir(outputFolder, { recursive: true });
  const note = { begun: new Date(begun).toISOString() };
  await writeFileDurably(notePath(outputFolder), `${JSON.stringify(note)}\n`);
}

function notePath(outputFolder: string): string {
  return join(outputFolder, '.last-run.json');
}

function dateText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
