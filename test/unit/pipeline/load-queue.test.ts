import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ConvertedLoad } from '../../../src/core/load.ts';
import { HopperError } from '../../../src/errors/hopper-error.ts';
import type { LoadOutcome } from '../../../src/load/table-loader.ts';
import { LoadQueue } from '../../../src/pipeline/load-queue.ts';

function load(n: number, loadFileBytes = 10): ConvertedLoad {
  const counts = { rowsRead: 1, rowsAccepted: 1, rowsRejected: 0 };
  return {
    loadId: `load ${n}`,
    dataset: 'people',
    file: `${n}.csv`,
    sha256: '',
    bytes: 1,
    ...counts,
    rowsDroppedNull: 0,
    rowsDroppedDuplicate: 0,
    parquet: '',
    loadFiles: [{ path: '', bytes: loadFileBytes, rows: 1 }],
  };
}

const loaded = (group: readonly ConvertedLoad[]): LoadOutcome[] =>
  group.map(({ loadId }) => ({ loadId, status: 'loaded' }));

/** A queue whose groups are recorded, and end when they are told to. */
function gatedQueue() {
  const groups: string[][] = [];
  const gates: { open: () => void; fail: (error: Error) => void }[] = [];
  const queue = new LoadQueue(async (group) => {
    groups.push(group.map(({ loadId }) => loadId));
    await new Promise<void>((open, fail) => gates.push({ open, fail }));
    return loaded(group);
  });
  return { queue, groups, gates };
}

test('a load waits for every earlier place, whichever is ready first', async () => {
  const order: string[] = [];
  const queue = new LoadQueue((group) => {
    order.push(...group.map(({ loadId }) => loadId));
    return Promise.resolve(loaded(group));
  });
  const [first, second, third] = [queue.enter(), queue.enter(), queue.enter()];
  const ends = [third.load(load(3)), second.load(load(2))];
  await Promise.resolve();
  expect(order).toEqual([]);
  await Promise.all([...ends, first.load(load(1))]);
  expect(order).toEqual(['load 1', 'load 2', 'load 3']);
});

test('a place that steps aside lets the later ones pass, and is taken again at the end', async () => {
  const { queue, groups, gates } = gatedQueue();
  const [first, second] = [queue.enter(), queue.enter()];
  const end = second.load(load(2));
  expect(groups).toEqual([]);
  first.stepAside();
  expect(groups).toEqual([['load 2']]);
  const late = first.load(load(1));
  gates[0]?.open();
  await end;
  await expect.poll(() => groups).toEqual([['load 2'], ['load 1']]);
  gates[1]?.open();
  expect(await late).toEqual({ loadId: 'load 1', status: 'loaded' });
});

test('what gets ready while a group is under way is the next group', async () => {
  const { queue, groups, gates } = gatedQueue();
  const ends = Array.from({ length: 5 }, (_, n) => queue.enter().load(load(n)));
  expect(groups).toEqual([['load 0']]);
  gates[0]?.open();
  await expect.poll(() => groups.length).toBe(2);
  expect(groups[1]).toEqual(['load 1', 'load 2', 'load 3', 'load 4']);
  gates[1]?.open();
  await Promise.all(ends);
});

test('a group has 64 loads at most, and 16 MiB unless a single load is larger', async () => {
  const sizes: number[] = [];
  const queue = new LoadQueue((group) => {
    sizes.push(group.length);
    return Promise.resolve(loaded(group));
  });
  const head = queue.enter();
  const many = Array.from({ length: 100 }, (_, n) => queue.enter().load(load(n)));
  const large = [9, 9, 20].map((mib, n) => queue.enter().load(load(1000 + n, mib << 20)));
  head.stepAside();
  await Promise.all([...many, ...large]);
  expect(sizes).toEqual([64, 37, 1, 1]);
});

test('loads of a group that fails are rejected and keep their places before later ones', async () => {
  const { queue, groups, gates } = gatedQueue();
  const [first, second] = [queue.enter(), queue.enter()];
  const refused = first.load(load(1));
  const end = second.load(load(2));
  gates[0]?.fail(new Error('the server is away'));
  await expect(refused).rejects.toThrow('the server is away');
  expect(groups).toEqual([['load 1']]);
  const again = first.load(load(1));
  await expect.poll(() => groups.length).toBe(2);
  expect(groups[1]).toEqual(['load 1', 'load 2']);
  gates[1]?.open();
  await Promise.all([again, end]);
});

test('a load that is held up is rejected and steps aside, and the others of its group are loaded', async () => {
  const groups: string[][] = [];
  const error = new HopperError('database_failed');
  const queue = new LoadQueue((group) => {
    groups.push(group.map(({ loadId }) => loadId));
    return Promise.resolve(
      group.map(({ loadId }) =>
        loadId === 'load 1' ? { loadId, status: 'held_up', error } : { loadId, status: 'loaded' },
      ),
    );
  });
  const head = queue.enter();
  const turns = [queue.enter(), queue.enter(), queue.enter()];
  const ends = turns.map((turn, n) => turn.load(load(n)));
  head.stepAside();
  const results = await Promise.allSettled(ends);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await queue.enter().load(load(3))).toMatchObject({ status: 'loaded' });
  expect(groups).toEqual([['load 0', 'load 1', 'load 2'], ['load 3']]);
});

test.each([
  ['may be its own steps aside', 'database_failed', [['load 1'], ['load 2']]],
  ['is that of all keeps its place', 'database_unreachable', [['load 1']]],
] as const)('a load alone whose trouble %s', async (_, code, expected) => {
  const { queue, groups, gates } = gatedQueue();
  const [first, second] = [queue.enter(), queue.enter()];
  const refused = first.load(load(1));
  gates[0]?.fail(new HopperError(code));
  await expect(refused).rejects.toMatchObject({ code });
  void second.load(load(2));
  expect(groups).toEqual(expected);
});

test('a load that comes again after it was refused keeps its place, and later ones wait for it', async () => {
  const groups: string[][] = [];
  const queue = new LoadQueue((group) => {
    groups.push(group.map(({ loadId }) => loadId));
    const refused = group.findIndex(({ comesAgain }) => comesAgain === true);
    const told = loaded(refused === -1 ? group : group.slice(0, refused));
    if (refused === -1) return Promise.resolve(told);
    const { loadId } = group[refused]!;
    return Promise.resolve([...told, { loadId, status: 'refused' as const, problems: [] }]);
  });
  const [first, second, third, fourth] = [1, 2, 3, 4].map(() => queue.enter());
  const third1 = third!.load(load(3));
  const second1 = second!.load({ ...load(2), comesAgain: true });
  expect(await first!.load(load(1))).toMatchObject({ status: 'loaded' });
  expect(await second1).toMatchObject({ status: 'refused' });
  const fourth1 = fourth!.load(load(4));
  await Promise.resolve();
  expect(groups).toEqual([['load 1', 'load 2', 'load 3']]);
  expect(await second!.load(load(2))).toMatchObject({ status: 'loaded' });
  expect([await third1, await fourth1]).toMatchObject([{ status: 'loaded' }, { status: 'loaded' }]);
  expect(groups.slice(1)).toEqual([['load 2', 'load 3', 'load 4']]);
});

test('where it does not come again after all, later ones pass when it steps aside', async () => {
  const groups: string[][] = [];
  const queue = new LoadQueue((group) => {
    groups.push(group.map(({ loadId }) => loadId));
    const isFirst = groups.length === 1;
    const { loadId } = group[0]!;
    return Promise.resolve(
      isFirst ? [{ loadId, status: 'refused' as const, problems: [] }] : loaded(group),
    );
  });
  const [first, second] = [queue.enter(), queue.enter()];
  const later = second.load(load(2));
  expect(await first.load({ ...load(1), comesAgain: true })).toMatchObject({ status: 'refused' });
  first.stepAside();
  expect(await later).toMatchObject({ status: 'loaded' });
  expect(groups).toEqual([['load 1', 'load 2'], ['load 2']]);
});

test('an action for the head runs at once, and nothing else until it ends', async () => {
  const { queue, groups, gates } = gatedQueue();
  const [first, second] = [queue.enter(), queue.enter()];
  const never = (): Promise<null> => Promise.reject(new Error('It runs out of turn.'));
  expect(second.loadNow(never, () => undefined)).toBeNull();
  let end: (outcome: LoadOutcome) => void = () => undefined;
  const action = first.loadNow(
    () => new Promise((resolve) => (end = resolve)),
    () => undefined,
  );
  const later = second.load(load(2));
  expect(first.loadNow(never, () => undefined)).toBeNull();
  expect(groups).toEqual([]);
  end({ loadId: 'load 1', status: 'loaded' });
  expect(await action).toMatchObject({ loadId: 'load 1' });
  await expect.poll(() => groups).toEqual([['load 2']]);
  gates[0]?.open();
  await later;
});

test('after an action that loads nothing the place is kept', async () => {
  const { queue, groups, gates } = gatedQueue();
  const [first, second] = [queue.enter(), queue.enter()];
  const later = second.load(load(2));
  expect(
    await first.loadNow(
      () => Promise.resolve(null),
      () => undefined,
    ),
  ).toBeNull();
  expect(groups).toEqual([]);
  const end = first.load(load(1));
  expect(groups).toEqual([['load 1', 'load 2']]);
  gates[0]?.open();
  await Promise.all([end, later]);
});

test('a place that steps aside abandons its action, and the later ones pass when that has ended', async () => {
  const { queue, groups } = gatedQueue();
  const [first, second] = [queue.enter(), queue.enter()];
  let end: (outcome: null) => void = () => undefined;
  let abandoned = 0;
  const action = first.loadNow(
    () => new Promise<null>((resolve) => (end = resolve)),
    () => abandoned++,
  );
  void second.load(load(2));
  first.stepAside();
  expect(abandoned).toBe(1);
  expect(groups).toEqual([]);
  end(null);
  await action;
  expect(groups).toEqual([['load 2']]);
  first.stepAside();
  expect(abandoned).toBe(1);
});

test('every load ends, in the order of arrival, whatever the order in which they get ready or step aside', async () => {
  const readiness = fc.integer({ min: 1, max: 30 }).chain((count) =>
    fc.tuple(
      fc.shuffledSubarray(
        Array.from({ length: count }, (_, n) => n),
        { minLength: count },
      ),
      fc.array(fc.boolean(), { minLength: count, maxLength: count }),
    ),
  );
  await fc.assert(
    fc.asyncProperty(readiness, async ([order, stepsAside]) => {
      const done: string[] = [];
      const queue = new LoadQueue((group) => {
        done.push(...group.map(({ loadId }) => loadId));
        return Promise.resolve(loaded(group));
      });
      const turns = order.map(() => queue.enter());
      const ends: Promise<LoadOutcome>[] = [];
      for (const n of order) {
        if (stepsAside[n] === true) turns[n]?.stepAside();
        else ends.push(turns[n]?.load(load(n)) ?? Promise.reject(new Error()));
        await Promise.resolve();
      }
      await Promise.all(ends);
      const expected = turns.flatMap((_, n) => (stepsAside[n] === true ? [] : `load ${n}`));
      expect(done).toEqual(expected);
    }),
  );
});

/** A queue whose groups and groups ahead are recorded; a megabyte is worth a group ahead. */
function queueAhead() {
  const steps: string[] = [];
  const runs: {
    rows: () => void;
    end: (outcome: 'loaded' | 'nothing') => void;
    fail: (error: Error) => void;
    earlier: Promise<boolean> | null;
  }[] = [];
  const begin = async (
    kind: string,
    group: readonly ConvertedLoad[],
    rows: () => void,
    earlier: Promise<boolean> | null,
  ): Promise<LoadOutcome[] | null> => {
    steps.push(`${kind} ${group.map(({ file }) => file).join(' ')}`);
    const outcome = await new Promise<'loaded' | 'nothing'>((end, fail) =>
      runs.push({ rows, end, fail, earlier }),
    );
    return outcome === 'loaded' ? loaded(group) : null;
  };
  const queue = new LoadQueue(
    async (group, onRows) => (await begin('load', group, onRows, null)) ?? [],
    (group, earlier, onRows) => begin('ahead', group, onRows, earlier),
  );
  return { queue, steps, runs };
}

const MIB = 1 << 20;

test('a group is begun when the server has the rows of the one before, and a small one only after it', async () => {
  const { queue, steps, runs } = queueAhead();
  const turns = Array.from({ length: 4 }, () => queue.enter());
  const ends = [turns[0]?.load(load(0, MIB)), turns[1]?.load(load(1, MIB))];
  expect(steps).toEqual(['load 0.csv']);
  runs[0]?.rows();
  expect(steps).toEqual(['load 0.csv', 'ahead 1.csv']);
  ends.push(turns[2]?.load(load(2)));
  runs[1]?.rows();
  runs[0]?.end('loaded');
  await ends[0];
  expect(await runs[1]?.earlier).toBe(true);
  expect(steps).toHaveLength(2);
  runs[1]?.end('loaded');
  await ends[1];
  await expect.poll(() => steps).toEqual(['load 0.csv', 'ahead 1.csv', 'load 2.csv']);
  runs[2]?.end('loaded');
  await ends[2];
});

test('where all files are converted a group is begun at once', () => {
  const { queue, steps } = queueAhead();
  for (let n = 0; n < 3; n++) void queue.enter().load(load(n, MIB));
  expect(steps).toEqual(['load 0.csv', 'ahead 1.csv']);
});

test('a group ahead that comes to nothing is loaded in its turn', async () => {
  const { queue, steps, runs } = queueAhead();
  const ends = [queue.enter().load(load(0, MIB)), queue.enter().load(load(1, MIB))];
  runs[1]?.end('nothing');
  await Promise.resolve();
  expect(steps).toEqual(['load 0.csv', 'ahead 1.csv']);
  runs[0]?.end('loaded');
  await expect.poll(() => steps).toEqual(['load 0.csv', 'ahead 1.csv', 'load 1.csv']);
  runs[2]?.end('loaded');
  expect(await Promise.all(ends)).toMatchObject([{ loadId: 'load 0' }, { loadId: 'load 1' }]);
});

test('a group ahead of which the one before fails is told so, and waits for that one again', async () => {
  const { queue, steps, runs } = queueAhead();
  const [first, second] = [queue.enter(), queue.enter()];
  const failed = first.load(load(0, MIB));
  const later = second.load(load(1, MIB));
  runs[0]?.fail(new HopperError('database_unreachable'));
  await expect(failed).rejects.toMatchObject({ code: 'database_unreachable' });
  expect(await runs[1]?.earlier).toBe(false);
  runs[1]?.end('nothing');
  await Promise.resolve();
  const again = first.load(load(0, MIB));
  await expect.poll(() => steps.at(-1)).toBe('load 0.csv 1.csv');
  runs[2]?.end('loaded');
  await Promise.all([again, later]);
});

test('a group ahead whose outcome is open is rejected', async () => {
  const { queue, runs } = queueAhead();
  const ends = [queue.enter().load(load(0, MIB)), queue.enter().load(load(1, MIB))];
  runs[0]?.end('loaded');
  await ends[0];
  runs[1]?.fail(new HopperError('database_unreachable'));
  await expect(ends[1]).rejects.toMatchObject({ code: 'database_unreachable' });
});
