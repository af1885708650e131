import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { dayAt, instantOf, zonedText } from '../../../src/core/zoned-time.ts';
import {
  type BatchSchedule,
  dueAround,
  firstDay,
  isDue,
  parseSchedule,
  scheduleText,
} from '../../../src/daemon/batch-schedule.ts';
import { isHere } from '../../support/program-here.ts';

const BERLIN = 'Europe/Berlin';
const everySecondDay = parseSchedule('every 2 days at 06:00 from 2026-11-27')!;

test('a schedule is read as it is written', () => {
  expect(scheduleText(everySecondDay)).toBe('every 2 days at 06:00 from 2026-11-27');
  expect(scheduleText(parseSchedule('every 1 week at 23:59 from 2024-02-29')!)).toBe(
    'every 7 days at 23:59 from 2024-02-29',
  );
});

test.each([
  '',
  'every 0 days at 06:00 from 2026-11-27',
  'every 2 days at 24:00 from 2026-11-27',
  'every 2 days at 06:00 from 2026-02-30',
  'every 2 days at 06:00',
  'every 2 months at 06:00 from 2026-11-27',
])('"%s" is none', (text) => {
  expect(parseSchedule(text)).toBeNull();
});

test('the first day is the next one on which that time comes', () => {
  const noon = Date.parse('2026-11-27T11:00:00Z');
  const dayOf = (at: number) =>
    zonedText(instantOf(firstDay(at, noon, BERLIN), at, BERLIN), BERLIN);
  expect(dayOf(6 * 60)).toBe('2026-11-28 06:00');
  expect(dayOf(18 * 60)).toBe('2026-11-27 18:00');
});

/** The runs of a timer that elapses every day at the time, where the machine is on. */
function runs(schedule: BatchSchedule, days: number, isOn: (day: number) => boolean): string[] {
  const done: string[] = [];
  let lastRun: number | null = null;
  for (let day = schedule.from; day < schedule.from + days; day++) {
    // A second after, as systemd may be late, and never early.
    const now = instantOf(day, schedule.at, BERLIN) + 1000;
    if (!isOn(day) || !isDue(schedule, lastRun, now, BERLIN)) continue;
    lastRun = now;
    done.push(zonedText(now, BERLIN));
  }
  return done;
}

test('every two days at six is that over two years: at the ends of months, and where the clocks are changed', () => {
  const done = runs(everySecondDay, 730, () => true);
  expect(done).toHaveLength(365);
  for (const [index, text] of done.entries()) {
    const day = everySecondDay.from + 2 * index;
    expect(text).toBe(`${new Date(day * 86_400_000).toISOString().slice(0, 10)} 06:00`);
  }
  expect(done).toContain('2026-12-31 06:00');
  expect(done).not.toContain('2027-01-01 06:00');
});

test('a run that was missed comes as soon as it can, and those after it do not move', () => {
  const off = everySecondDay.from + 2;
  expect(runs(everySecondDay, 7, (day) => day !== off)).toEqual([
    '2026-11-27 06:00',
    '2026-11-30 06:00',
    '2026-12-01 06:00',
    '2026-12-03 06:00',
  ]);
});

test('a run by a clock that was ahead does not keep others from being due', () => {
  const schedule = { everyDays: 2, at: 360, from: 20_000 };
  const now = Date.UTC(2026, 10, 27, 12);
  expect(isDue(schedule, Date.UTC(2099, 0, 1), now, 'UTC')).toBe(true);
});

test('nothing is due before the first time, nor twice', () => {
  const at = (text: string) => Date.parse(text);
  const before = at('2026-11-27T04:59:59Z');
  expect(isDue(everySecondDay, null, before, BERLIN)).toBe(false);
  const first = at('2026-11-27T05:00:00Z');
  expect(isDue(everySecondDay, null, first, BERLIN)).toBe(true);
  expect(isDue(everySecondDay, first, at('2026-11-29T04:59:59Z'), BERLIN)).toBe(false);
  expect(dueAround(everySecondDay, first, BERLIN).next).toBe(at('2026-11-29T05:00:00Z'));
});

describe.skipIf(!isHere('systemd-analyze', '--version'))('the timer, by systemd-analyze', () => {
  /** When a timer elapses, so many times from an instant on. */
  function elapses(calendar: string, from: string, times: number): string[] {
    const words = ['calendar', `--iterations=${times}`, `--base-time=${from}`, calendar];
    const env = { ...process.env, TZ: BERLIN, LC_ALL: 'C' };
    const said = execFileSync('systemd-analyze', words, { env }).toString();
    // `Next elapse`, or `Iter. #2`, with the time in UTC below where the zone is another.
    return [...said.matchAll(/\(in UTC\): \w+ (\S+) (\S+) UTC/g)].map(
      ([, date, time]) => `${date}T${time}Z`,
    );
  }

  test('the daily timer elapses at each time that is due, across a month and the change of clocks', () => {
    const schedule = parseSchedule('every 2 days at 06:00 from 2027-03-25')!;
    const times = elapses('*-*-* 06:00:00', '2027-03-25 00:00:00', 14).map((text) =>
      Date.parse(text),
    );
    expect(times).toHaveLength(14);
    let lastRun: number | null = null;
    const due = times.filter((now) => {
      const is = isDue(schedule, lastRun, now, BERLIN);
      if (is) lastRun = now;
      return is;
    });
    expect(due.map((ms) => dayAt(ms, BERLIN) - schedule.from)).toEqual([0, 2, 4, 6, 8, 10, 12]);
    // 28 March has 23 hours, and March 31 days.
    expect(new Set(due.map((ms) => zonedText(ms, BERLIN).slice(11)))).toEqual(new Set(['06:00']));
  });

  test('a day field of */2 is what it is said to be: on the 31st, and on the 1st after it', () => {
    const times = elapses('*-*-1/2 06:00:00', '2027-03-28 12:00:00', 3);
    expect(times.map((text) => text.slice(5, 10))).toEqual(['03-29', '03-31', '04-01']);
  });
});
