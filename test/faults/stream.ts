import { setTimeout as delay } from 'node:timers/promises';
import type { Delivery } from './producer.ts';
import type { SeededRandom } from './seeded-random.ts';

const PAUSE_MS_MAX = 60;
const ROWS_MAX = 200;
/** One of so many is at fault. */
const FAULTY = 12;

/** Hands over files of all sizes, one every few moments, for so long. */
export async function streamFor(
  durationMs: number,
  random: SeededRandom,
  handOver: (rows: number, end: Delivery['end']) => unknown,
): Promise<void> {
  const endMs = performance.now() + durationMs;
  for (let leftMs = durationMs; leftMs > 0; leftMs = endMs - performance.now()) {
    handOver(1 + random.below(ROWS_MAX), random.below(FAULTY) === 0 ? 'failed' : 'loaded');
    await delay(Math.min(leftMs, random.below(PAUSE_MS_MAX)));
  }
}
