import { expect, test } from 'vitest';
import { HopperError } from '../../../src/errors/hopper-error.ts';
import { WorkTally } from '../../../src/daemon/work-tally.ts';

const err = new HopperError('disk_full');
const none = { waiting: 0, underWay: 0 };

test('at the start there is nothing to tell', () => {
  expect(new WorkTally().line(none)).toBe('0 waiting, 0 at work, 0 parked, 0 finished, 0 failed');
});

test('a file that is parked is not at work, until anything else is told of it', () => {
  const tally = new WorkTally();
  tally.hear('found', { file: 'a.csv' });
  // Before its load id is known, as with a disk that is full.
  tally.hear('parked', { file: 'a.csv', dataset: 'people', err });
  expect(tally.line({ waiting: 3, underWay: 2 })).toContain('3 waiting, 1 at work, 1 parked');
  tally.hear('claimed', { file: 'a.csv', loadId: 'a1' });
  tally.hear('parked', { file: 'a.csv', dataset: 'people', loadId: 'a1', err });
  tally.hear('parked', { file: 'b.csv', dataset: 'people', loadId: 'b1', err });
  expect(tally.line({ waiting: 0, underWay: 2 })).toContain('0 at work, 2 parked');
  tally.hear('resumed', { file: 'a.csv', loadId: 'a1' });
  tally.hear('failed', { file: 'b.csv', loadId: 'b1' });
  expect(tally.line({ waiting: 0, underWay: 1 })).toBe(
    '0 waiting, 1 at work, 0 parked, 0 finished, 1 failed, last: b.csv failed',
  );
});

test('trouble that is no file is none that is parked', () => {
  const tally = new WorkTally();
  tally.hear('parked', { reason: 'The input folder cannot be read.', err });
  expect(tally.line({ waiting: 0, underWay: 1 })).toContain('1 at work, 0 parked');
});

test('a file that cannot be claimed waits, and is none that is parked', () => {
  const tally = new WorkTally();
  tally.hear('parked', { file: 'a.csv', err });
  expect(tally.line({ waiting: 1, underWay: 1 })).toContain('1 waiting, 1 at work, 0 parked');
});

test('what has ended is counted by how it ended', () => {
  const tally = new WorkTally();
  tally.hear('finished', { file: 'a.csv', loadId: 'a1' });
  tally.hear('finished', { file: 'b.csv', loadId: 'b1' });
  tally.hear('skipped', { file: 'c.csv', loadId: 'c1' });
  expect(tally.line(none)).toBe(
    '0 waiting, 0 at work, 0 parked, 2 finished, 1 skipped, 0 failed, last: c.csv skipped',
  );
});
