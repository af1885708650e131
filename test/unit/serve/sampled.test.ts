import { expect, test } from 'vitest';
import { Sampled } from '../../../src/serve/sampled.ts';

test('it is asked for once at a time, and not again while it is fresh', async () => {
  let reads = 0;
  const sampled = new Sampled(() => Promise.resolve(++reads), 60_000);
  const values = await Promise.all([sampled.value(1000), sampled.value(1000)]);
  expect([...values, await sampled.value(1000)]).toEqual([1, 1, 1]);
});

test('nobody waits for what hangs, and it is not asked again meanwhile', async () => {
  let reads = 0;
  const answers: ((value: number) => void)[] = [];
  const sampled = new Sampled(() => {
    reads++;
    return new Promise<number>((resolve) => answers.push(resolve));
  }, 60_000);
  expect([await sampled.value(1), await sampled.value(1)]).toEqual([null, null]);
  answers[0]?.(7);
  expect([await sampled.value(1000), reads]).toEqual([7, 1]);
});

test('a failure leaves the last value', async () => {
  let reads = 0;
  const sampled = new Sampled(
    () => (++reads === 1 ? Promise.resolve(1) : Promise.reject(new Error())),
    -1,
  );
  expect([await sampled.value(1000), await sampled.value(1000), reads]).toEqual([1, 1, 2]);
});
