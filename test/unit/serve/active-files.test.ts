import { expect, test } from 'vitest';
import { HopperError } from '../../../src/errors/hopper-error.ts';
import { ActiveFiles } from '../../../src/serve/active-files.ts';

const [dataset, file, loadId] = ['people', 'a.csv', 'f'.repeat(32)];

test('a file is followed from when it was found to its end', () => {
  const active = new ActiveFiles();
  const steps = (): string[] => active.list('running', 10).files.map(({ step }) => step);
  active.hear('found', { file, bytes: 9 });
  expect([steps(), active.find(loadId)]).toEqual([['found'], null]);
  const { changes } = active;
  active.hear('claimed', { file, dataset, loadId, bytes: 9 });
  active.hear('converted', { file, dataset, loadId });
  expect([steps(), active.find(loadId)?.bytes]).toEqual([['converted'], 9]);
  active.hear('finished', { file, dataset, loadId });
  expect([steps(), active.changes]).toEqual([[], changes + 1]);
});

test('one that waits says why, and goes on as if nothing had been', () => {
  const active = new ActiveFiles();
  active.hear('claimed', { file, dataset, loadId });
  active.hear('parked', {
    file,
    dataset,
    loadId,
    reason: 'Away.',
    hint: 'Wait.',
    err: new HopperError('database_unreachable'),
  });
  expect(active.list('running', 10).count).toBe(0);
  expect(active.list('parked', 10).files[0]?.parked).toMatchObject({
    reason: 'Away.',
    hint: 'Wait.',
  });
  active.hear('resumed', { file, dataset, loadId });
  expect([active.list('running', 10).count, active.list('parked', 10).count]).toEqual([1, 0]);
});

test('one that fails before its load is known ends too, and one that is left there never begins', () => {
  const active = new ActiveFiles();
  active.hear('found', { file: 'left.csv', reason: 'Left in the input folder.' });
  active.hear('found', { file, bytes: 9 });
  active.hear('failed', { file, dataset });
  expect(active.list('running', 10).count).toBe(0);
});

test('two drops of one name are two files', () => {
  const active = new ActiveFiles();
  active.hear('found', { file, bytes: 9 });
  active.hear('claimed', { file, dataset, loadId });
  active.hear('found', { file, bytes: 8 });
  expect(active.list('running', 10).count).toBe(2);
  active.hear('finished', { file, dataset, loadId });
  expect(active.named(file)?.bytes).toBe(8);
});
