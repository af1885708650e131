import type { LoadData, ThroughputData } from './page-data.ts';

const MINUTE_MS = 60_000;

/** How long the whole is, and each period. */
export const spans = {
  hour: { wholeMs: 60 * MINUTE_MS, periodMs: MINUTE_MS },
  day: { wholeMs: 24 * 60 * MINUTE_MS, periodMs: 30 * MINUTE_MS },
  week: { wholeMs: 7 * 24 * 60 * MINUTE_MS, periodMs: 4 * 60 * MINUTE_MS },
} as const;

export type Span = keyof typeof spans;

/** When the first period of a span begins: periods begin at whole minutes or hours, the last is the one of now. */
export function spanStart(span: Span, nowMs: number): number {
  const { wholeMs, periodMs } = spans[span];
  return (Math.floor(nowMs / periodMs) + 1) * periodMs - wholeMs;
}

/** Counts loads by when they were finished; what was taken back since was loaded then all the same. */
export function throughput(loads: readonly LoadData[], span: Span, nowMs: number): ThroughputData {
  const { wholeMs, periodMs } = spans[span];
  const fromMs = spanStart(span, nowMs);
  const periods = Array.from({ length: wholeMs / periodMs }, () => ({
    files: 0,
    rows: 0,
    bytes: 0,
  }));
  for (const { time, rowsAccepted, bytes } of loads) {
    const period = periods[Math.floor((Date.parse(time) - fromMs) / periodMs)];
    if (period === undefined) continue;
    period.files++;
    period.rows += rowsAccepted;
    period.bytes += bytes;
  }
  return { from: new Date(fromMs).toISOString(), periodMs, periods };
}
