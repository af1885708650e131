import { expect, test } from 'vitest';
import { FairQueue } from '../../../src/core/fair-queue.ts';

function drain<Item>(queue: FairQueue<Item>): Item[] {
  const items: Item[] = [];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) items.push(next);
  return items;
}

test('kinds have their turns one after another, and those of a kind leave in the order in which they came', () => {
  const queue = new FairQueue<string>();
  for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'c2']) queue.push(item.slice(0, 1), item);
  expect(queue.peek()).toBe('a1');
  expect(queue.count((item) => item.startsWith('a'))).toBe(3);
  expect(drain(queue)).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3']);
  expect(queue.isEmpty()).toBe(true);
});

test('a kind that comes while others have a backlog waits for one of each at the most', () => {
  const queue = new FairQueue<string>();
  for (let n = 0; n < 100; n++) queue.push('a', `a${n}`);
  queue.shift();
  queue.push('b', 'b0');
  expect([queue.shift(), queue.shift(), queue.shift()]).toEqual(['a1', 'b0', 'a2']);
});

test('is emptied in one go', () => {
  const queue = new FairQueue<number>();
  queue.push('a', 1);
  queue.push('b', 2);
  expect(queue.clear()).toEqual([1, 2]);
  expect(queue.isEmpty()).toBe(true);
  expect(queue.shift()).toBeUndefined();
});
