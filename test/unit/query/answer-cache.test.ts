import { expect, test } from 'vitest';
import { AnswerCache, type KeptAnswer } from '../../../src/query/answer-cache.ts';

function answer(body: string, isStable = true): KeptAnswer {
  return { body, isStable, datasets: [], versions: new Map() };
}

function ask(cache: AnswerCache, key: string, body: string, holds = true): Promise<KeptAnswer> {
  return cache.get(key, {
    holds: () => Promise.resolve(holds),
    moment: () => Promise.resolve(new Map()),
    find: () => Promise.resolve(answer(body)),
  });
}

test('an answer is given as long as it holds', async () => {
  const cache = new AnswerCache(1e6);
  await ask(cache, 'a', 'one');
  expect((await ask(cache, 'a', 'two')).body).toBe('one');
  expect((await ask(cache, 'a', 'three', false)).body).toBe('three');
  expect((await ask(cache, 'a', 'four')).body).toBe('three');
});

test('of too many the one goes first that was not asked for longest, and one that is too large is not kept', async () => {
  const cache = new AnswerCache(6000);
  await ask(cache, 'a', 'x'.repeat(1000));
  await ask(cache, 'b', 'x'.repeat(1000));
  await ask(cache, 'a', 'again');
  await ask(cache, 'c', 'x'.repeat(1000));
  expect((await ask(cache, 'a', 'new')).body).toHaveLength(1000);
  expect((await ask(cache, 'b', 'new')).body).toBe('new');
  await ask(cache, 'd', 'x'.repeat(10_000));
  expect(cache.bytes).toBeLessThanOrEqual(6000);
});

test('a failure is not kept, and everybody who waits for it is told', async () => {
  const cache = new AnswerCache(1e6);
  let searches = 0;
  const failing = (): Promise<KeptAnswer> =>
    cache.get('a', {
      holds: () => Promise.resolve(true),
      moment: () => Promise.resolve(new Map([['d', '1']])),
      find: () => {
        searches++;
        return Promise.reject(new Error('it failed'));
      },
    });
  const outcomes = await Promise.allSettled([failing(), failing()]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(searches).toBe(1);
  expect((await ask(cache, 'a', 'now')).body).toBe('now');
});

test('a search goes on while anybody waits for it, ends with the last, and is begun anew for whoever comes then', async () => {
  const cache = new AnswerCache(1e6);
  const ends: AbortSignal[] = [];
  const wait = (signal?: AbortSignal): Promise<KeptAnswer> =>
    cache.get(
      'a',
      {
        holds: () => Promise.resolve(true),
        moment: () => Promise.resolve(new Map()),
        find: (_, end) => {
          ends.push(end);
          return new Promise((resolve, reject) => {
            end.addEventListener('abort', () => {
              reject(new Error('ended'));
            });
            if (ends.length > 1) resolve(answer('found'));
          });
        },
      },
      signal,
    );
  const [first, second] = [new AbortController(), new AbortController()];
  const waits = [wait(first.signal), wait(second.signal)];
  await new Promise(setImmediate);
  expect(ends).toHaveLength(1);
  first.abort();
  await expect(waits[0]).rejects.toThrow('gone');
  expect(ends[0]?.aborted).toBe(false);
  second.abort();
  const third = wait();
  await expect(waits[1]).rejects.toThrow('gone');
  expect(ends[0]?.aborted).toBe(true);
  expect((await third).body).toBe('found');
  await expect(wait(first.signal)).resolves.toMatchObject({ body: 'found' });
});
