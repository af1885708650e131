import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ArrivalOrder, orderKey, type OrderedPlace } from '../../../src/pipeline/arrival-order.ts';
import type { Outcome } from '../../../src/pipeline/passage.ts';
import { columnOf, datasetOf } from '../../support/loads.ts';

const order = new ArrivalOrder();

function enter(key: string): OrderedPlace {
  const place = order.enter(key);
  if (place === null) throw new Error('No place.');
  return place;
}

/** What a place waits for, as far as it is decided now. */
async function now(place: OrderedPlace): Promise<Outcome | 'open' | null> {
  if (place.before === null) return null;
  return Promise.race([place.before, Promise.resolve().then(() => 'open' as const)]);
}

test('each waits for all before it, also where one in between ends first', async () => {
  const [a, b, c] = [enter('x'), enter('x'), enter('x')];
  expect(await now(a)).toBeNull();
  b.leave('failed');
  expect(await now(c)).toBe('open');
  a.leave('finished');
  expect(await b.before).toBe('finished');
  expect(await c.before).toBe('failed');
  c.leave('finished');
});

test('one that waits for the next start holds up all behind it, those to come too', async () => {
  const [a, b] = [enter('y'), enter('y')];
  a.leave('waiting');
  b.leave('failed');
  expect(await b.before).toBe('waiting');
  expect(await enter('y').before).toBe('waiting');
});

test('who steps out leaves the one behind it to the one before', async () => {
  const [a, b, c] = [enter('z'), enter('z'), enter('z')];
  b.stepOut();
  expect(await now(c)).toBe('open');
  a.leave('finished');
  expect(await c.before).toBe('finished');
  // The first of all has nobody before it.
  const first = enter('zz');
  const second = enter('zz');
  first.stepOut();
  expect(await second.before).toBe('skipped');
});

test('files of other keys do not wait for one another, and a key is forgotten when all have ended', async () => {
  const a = enter('v');
  expect(enter('w').before).toBeNull();
  const b = enter('v');
  a.leave('finished');
  b.leave('finished');
  await nextTurn();
  expect(enter('v').before).toBeNull();
});

test('the key is what a file must not overtake', () => {
  const append = datasetOf('d', [columnOf('id', 'INTEGER')]);
  const replace = { ...append, write: { mode: 'replace' } as const };
  const upsert = { ...append, write: { mode: 'upsert', key: ['id'] } as const };
  expect(order.enter(orderKey(append, 'a.csv', true))).toBeNull();
  expect(orderKey(replace, 'a.csv', false)).not.toBe(orderKey(replace, 'b.csv', false));
  expect(orderKey(upsert, 'a.csv', true)).toBe(orderKey(upsert, 'b.csv', true));
  expect(orderKey(upsert, 'a.csv', false)).toBeNull();
});
