import { expect, test } from 'vitest';
import { Capacity } from '../../../src/pipeline/capacity.ts';

test('who comes when all places are taken waits until one is freed, the first come first', async () => {
  const capacity = new Capacity(2);
  const free = await capacity.take();
  await capacity.take();
  const order: number[] = [];
  const third = capacity.take().then((freeThird) => {
    order.push(3);
    return freeThird;
  });
  const fourth = capacity.take().then(() => order.push(4));
  await new Promise(setImmediate);
  expect(order).toEqual([]);
  free();
  (await third)();
  await fourth;
  expect(order).toEqual([3, 4]);
});

test('a place that is freed twice is one place', async () => {
  const capacity = new Capacity(1);
  const free = await capacity.take();
  free();
  free();
  await capacity.take();
  let taken = false;
  void capacity.take().then(() => (taken = true));
  await new Promise(setImmediate);
  expect(taken).toBe(false);
});
