import { setTimeout as delay } from 'node:timers/promises';
import type { Delivery } from './producer.ts';
import type { SeededRandom } from '../support/seeded-random.ts';

const PAUSE_MS_MAX = 60;
const ROWS_MAX = 200;
/** One of so many is at fault, and of one a row is diverted. */
const ENDS = 12;
const ends = ['failed', 'diverted'] as const;

/** Hands over files of all sizes, one every few moments, for so long. */
export async function streamFor(
  durationMs: number,
  random: SeededRandom,
  handOver: (rows: number, end: Delivery['end']) => unknown,
): Promise<void> {
  const endMs = performance.now() + durationMs;
  for (let leftMs = durationMs; leftMs > 0; leftMs = endMs - performance.now()) {
    handOver(3 + random.below(ROWS_MAX), ends[random.below(ENDS)] ?? 'loaded');
    await delay(Math.min(leftMs, random.below(PAUSE_MS_MAX)));
  }
}
