import { expect, test } from 'vitest';
import type { LoadIdentity } from '../../../src/core/load.ts';
import { UnderWay } from '../../../src/pipeline/under-way.ts';

function identity(loadId: string, dataset = 'people'): LoadIdentity {
  return { loadId, dataset, file: `${loadId}.csv`, sha256: 'same', bytes: 1 };
}

test('the end of a claim folder is awaited until whoever entered it has left', async () => {
  const underWay = new UnderWay();
  expect(underWay.endOf('folder')).toBeUndefined();
  const leave = underWay.enter('folder');
  let ended = false;
  const end = underWay.endOf('folder')?.then(() => (ended = true));
  await new Promise(setImmediate);
  expect(ended).toBe(false);
  leave();
  await end;
  expect(underWay.endOf('folder')).toBeUndefined();
});

test('leaving a folder that was entered again meanwhile leaves the later one under way', () => {
  const underWay = new UnderWay();
  const leaveFirst = underWay.enter('folder');
  const leaveSecond = underWay.enter('folder');
  leaveFirst();
  expect(underWay.endOf('folder')).toBeDefined();
  leaveSecond();
  expect(underWay.endOf('folder')).toBeUndefined();
});

test('the same content is known by the load that brought it first, until that is forgotten', () => {
  const underWay = new UnderWay();
  expect(underWay.firstWithContent(identity('a'))).toBeUndefined();
  expect(underWay.firstWithContent(identity('a'))).toBeUndefined();
  expect(underWay.firstWithContent(identity('b'))?.loadId).toBe('a');
  expect(underWay.firstWithContent(identity('c', 'pets'))).toBeUndefined();
  underWay.forgetContent(identity('b'));
  expect(underWay.firstWithContent(identity('b'))?.loadId).toBe('a');
  underWay.forgetContent(identity('a'));
  expect(underWay.firstWithContent(identity('b'))).toBeUndefined();
});
