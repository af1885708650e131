// Numbers, times and sizes as the reader is used to them: in the form of their language and in their time zone.

const numbers = new Intl.NumberFormat();

/** A number with its unit: `1,234 rows`, `1 row`. */
export function count(n: number, word: string, plural = `${word}s`): string {
  return `${numbers.format(n)} ${n === 1 ? word : plural}`;
}

export function formatNumber(n: number): string {
  return numbers.format(n);
}

const byteUnits = ['kB', 'MB', 'GB', 'TB'] as const;

/** `512 bytes`, `3.4 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return count(bytes, 'byte');
  let value = bytes;
  let unit = -1;
  while (value >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${numbers.format(Number(value.toPrecision(3)))} ${byteUnits[unit] ?? ''}`;
}

/** `350 ms`, `2.4 s`, `3 min 5 s`, `2 h 10 min`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${numbers.format(Math.round(ms))} ms`;
  if (ms < 59_950) return `${numbers.format(Math.round(ms / 100) / 10)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const dayAndClock = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });

/** ISO 8601 in UTC as a time of the reader's zone: with the day, unless that is today. */
export function formatTime(iso: string, now = new Date()): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  const isToday = time.toDateString() === now.toDateString();
  return (isToday ? clock : dayAndClock).format(time);
}

/** The same with day, seconds and time zone. */
export function formatWholeTime(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : whole.format(time);
}
