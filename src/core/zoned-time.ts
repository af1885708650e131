const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  });
  formats.set(zone, made);
  return made;
}

/** What the clocks of a zone show at an instant, as if they showed UTC: milliseconds since 1970. */
function shownAt(ms: number, zone: string): number {
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** The day in a zone, counted from 1970-01-01. */
export function dayAt(ms: number, zone: string): number {
  return Math.floor(shownAt(ms, zone) / DAY_MS);
}

/**
 * The instant at which the clocks of a zone show so many minutes of a day, in milliseconds since 1970: the first where they show
 * it twice, and where they pass it over as much later as they are put forward.
 */
export function instantOf(day: number, minutes: number, zone: string): number {
  const wanted = day * DAY_MS + minutes * MINUTE_MS;
  const before = shownAt(wanted - DAY_MS, zone) - (wanted - DAY_MS);
  const after = shownAt(wanted + DAY_MS, zone) - (wanted + DAY_MS);
  const found = [wanted - before, wanted - after].filter((ms) => shownAt(ms, zone) === wanted);
  return found.length === 0 ? wanted - before : Math.min(...found);
}

/** `2024-05-01 06:00` as the clocks of a zone show it. */
export function zonedText(ms: number, zone: string): string {
  return new Date(shownAt(ms, zone)).toISOString().slice(0, 16).replace('T', ' ');
}
