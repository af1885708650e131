import type { Config } from '../config/config.ts';
import { zonedText } from '../core/zoned-time.ts';
import { dueAround, isDue, parseSchedule, readLastRun } from '../daemon/batch-schedule.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { localZone } from './local-zone.ts';

/** Whether a run of ingest is due by a schedule, and a line that says so. Throws usage_invalid. */
export async function askSchedule(
  text: string,
  hasOtherOrders: boolean,
  { folders }: Config,
  now: number,
): Promise<{ due: boolean; said: string }> {
  const schedule = parseSchedule(text);
  if (schedule === null || hasOtherOrders) {
    throw new HopperError('usage_invalid', {
      message: hasOtherOrders
        ? 'ingest --when-due takes neither files nor --lost.'
        : `${text} is no schedule.`,
      hint: 'Write --when-due "every 2 days at 06:00 from 2026-11-27", and nothing else.',
    });
  }
  const zone = localZone();
  const lastRun = await readLastRun(folders.output);
  const { last, next } = dueAround(schedule, now, zone);
  const former = lastRun === null ? 'never run' : `last run ${zonedText(lastRun, zone)}`;
  const following = `next due ${zonedText(next, zone)} (${zone})`;
  if (last === null || !isDue(schedule, lastRun, now, zone)) {
    return { due: false, said: `not due: ${former}, ${following}` };
  }
  return { due: true, said: `due ${zonedText(last, zone)}: ${former}, ${following}` };
}
