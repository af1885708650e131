import { setTimeout as delay } from 'node:timers/promises';

const LOOK_EVERY_MS = 20;

/**
 * Waits for a condition, and gives what it gave: any value but undefined, null and false. Fails after `limitMs`, which is
 * far beyond what it takes on a slow machine, with `describe` telling how things stand.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  describe: () => string,
  limitMs = 40_000,
): Promise<Exclude<T, undefined | null | false>> {
  const startedMs = performance.now();
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== null && value !== false) {
      return value as Exclude<T, undefined | null | false>;
    }
    if (performance.now() - startedMs > limitMs) throw new Error(`Waited in vain. ${describe()}`);
    await delay(LOOK_EVERY_MS);
  }
}
