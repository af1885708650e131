import { type Receipt, readReceipts, receiptsPath } from '../pipeline/receipt-book.ts';
import type { HistoryJson } from '../core/explorer-data.ts';

type Step = HistoryJson['step'];
type Counts = Omit<HistoryJson['steps'][number], 'start'>;

const HOUR_MS = 3_600_000;
/** More steps than these are drawn as longer ones; of months there may be any number, which years limit. */
const STEPS_MAX = 120;

/** When a dataset was loaded, by the receipts that stand. Its memory grows with the hours in which there were loads, not with the loads. */
export async function readHistory(outputFolder: string, dataset: string): Promise<HistoryJson> {
  const hours = new Map<number, Counts>();
  let last: string | null = null;
  for await (const receipt of readReceipts(receiptsPath(outputFolder, dataset))) {
    add(hours, Math.floor(Date.parse(receipt.time) / HOUR_MS) * HOUR_MS, countsOf(receipt));
    if (last === null || receipt.time > last) last = receipt.time;
  }
  const step = stepOf([...hours.keys()]);
  const steps = withoutGaps(hours, step);
  const sum = (key: keyof Counts): number => steps.reduce((all, counts) => all + counts[key], 0);
  return { dataset, step, loads: sum('loads'), rows: sum('rows'), last, steps };
}

function countsOf({ rowsAccepted, rowsRejected }: Receipt): Counts {
  return { loads: 1, rows: rowsAccepted, rejected: rowsRejected };
}

function add(sums: Map<number, Counts>, startMs: number, more: Counts): void {
  const sum = sums.get(startMs);
  if (sum === undefined) {
    sums.set(startMs, { ...more });
    return;
  }
  sum.loads += more.loads;
  sum.rows += more.rows;
  sum.rejected += more.rejected;
}

/** The shortest step of which there are not too many between the first and the last hour. */
function stepOf(hours: readonly number[]): Step {
  const [first, last] = [hours.reduce(least, Infinity), hours.reduce(greatest, -Infinity)];
  const spanHours = Math.max(0, (last - first) / HOUR_MS);
  if (spanHours <= 48) return 'hour';
  if (spanHours <= STEPS_MAX * 24) return 'day';
  return spanHours <= STEPS_MAX * 24 * 7 ? 'week' : 'month';
}

function least(a: number, b: number): number {
  return Math.min(a, b);
}

function greatest(a: number, b: number): number {
  return Math.max(a, b);
}

function withoutGaps(hours: ReadonlyMap<number, Counts>, step: Step): HistoryJson['steps'] {
  const sums = new Map<number, Counts>();
  for (const [hour, counts] of hours) add(sums, startOf(hour, step), counts);
  const starts = [...sums.keys()];
  const last = starts.reduce(greatest, -Infinity);
  const steps: HistoryJson['steps'] = [];
  for (let at = starts.reduce(least, Infinity); at <= last; at = nextOf(at, step)) {
    const counts = sums.get(at) ?? { loads: 0, rows: 0, rejected: 0 };
    steps.push({ start: new Date(at).toISOString(), ...counts });
  }
  return steps;
}

/** In UTC; a week begins on Monday. */
function startOf(ms: number, step: Step): number {
  const date = new Date(ms);
  if (step === 'hour') return ms;
  date.setUTCHours(0, 0, 0, 0);
  if (step === 'week') date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  if (step === 'month') date.setUTCDate(1);
  return date.getTime();
}

function nextOf(ms: number, step: Step): number {
  const date = new Date(ms);
  if (step === 'hour') return ms + HOUR_MS;
  if (step === 'month') date.setUTCMonth(date.getUTCMonth() + 1);
  else date.setUTCDate(date.getUTCDate() + (step === 'week' ? 7 : 1));
  return date.getTime();
}
