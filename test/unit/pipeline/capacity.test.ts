import { expect, test } from 'vitest';
import { Capacity } from '../../../src/pipeline/capacity.ts';

const { signal } = new AbortController();

test('who comes when all places are taken waits until one is freed, the first come first', async () => {
  const capacity = new Capacity(2);
  const free = await capacity.take(signal);
  await capacity.take(signal);
  const order: number[] = [];
  const third = capacity.take(signal).then((freeThird) => {
    order.push(3);
    return freeThird;
  });
  const fourth = capacity.take(signal).then(() => order.push(4));
  await new Promise(setImmediate);
  expect(order).toEqual([]);
  free();
  (await third)();
  await fourth;
  expect(order).toEqual([3, 4]);
});

test('a place that is freed twice is one place', async () => {
  const capacity = new Capacity(1);
  const free = await capacity.take(signal);
  free();
  free();
  await capacity.take(signal);
  let taken = false;
  void capacity.take(signal).then(() => (taken = true));
  await new Promise(setImmediate);
  expect(taken).toBe(false);
});

test('an abort lets everybody who waits through, and whoever comes later', async () => {
  const capacity = new Capacity(1);
  const stop = new AbortController();
  await capacity.take(stop.signal);
  const waiting = [capacity.take(stop.signal), capacity.take(stop.signal)];
  stop.abort();
  expect(await Promise.all(waiting)).toHaveLength(2);
  await capacity.take(stop.signal);
});
