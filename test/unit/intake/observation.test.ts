import { expect, test } from 'vitest';
import {
  isHollow,
  isQuiet,
  observe,
  SHORT_QUIET_MS,
  type FileMark,
} from '../../../src/intake/observation.ts';

const STARTED = 1_000_000;
const rule = { quietMs: 1000, startedWallMs: STARTED };
const NOW = { monotonicMs: 50, wallMs: STARTED + 5000 };

function mark(mtimeMs: number, ctimeMs: number, bytes = 10): FileMark {
  const ns = (ms: number): bigint => BigInt(ms) * 1_000_000n;
  return {
    dev: 1n,
    ino: 2n,
    bytes: BigInt(bytes),
    mtimeNs: ns(mtimeMs),
    ctimeNs: ns(ctimeMs),
    blocks: 8n,
  };
}

const written = mark(STARTED + 4990, STARTED + 4990);

test('a file whose last change was a write needs the full quiet period', () => {
  expect(observe(null, written, NOW, rule).quietMs).toBe(1000);
});

test('a file that was renamed in after it was written needs the short one', () => {
  const renamed = mark(STARTED + 4960, STARTED + 4980);
  expect(observe(null, renamed, NOW, rule).quietMs).toBe(SHORT_QUIET_MS);
});

test('19 ms between the two times are not enough to tell', () => {
  expect(observe(null, mark(STARTED + 4961, STARTED + 4980), NOW, rule).quietMs).toBe(1000);
});

test('an empty file that was renamed in needs the full period', () => {
  expect(observe(null, mark(STARTED, STARTED + 4980, 0), NOW, rule).quietMs).toBe(1000);
});

test('a file from before the start that has been quiet for long needs the short one', () => {
  const look = { monotonicMs: 50, wallMs: STARTED };
  expect(observe(null, mark(STARTED - 1001, STARTED - 1001), look, rule).quietMs).toBe(50);
  expect(observe(null, mark(STARTED - 900, STARTED - 900), look, rule).quietMs).toBe(1000);
});

test('a file from after the start needs the full period however old a server says it is', () => {
  expect(observe(null, mark(STARTED + 1, STARTED + 1), NOW, rule).quietMs).toBe(1000);
});

test('a modification time in the future needs the full period, never more', () => {
  const future = mark(STARTED + 1e9, STARTED + 4990);
  const observation = observe(null, future, NOW, rule);
  expect(observation.quietMs).toBe(1000);
  expect(isQuiet(observation, 1050)).toBe(true);
});

test('the short period is never longer than the configured one', () => {
  expect(observe(null, mark(STARTED, STARTED + 4980), NOW, { ...rule, quietMs: 10 }).quietMs).toBe(
    10,
  );
});

test('the period goes on while nothing changes', () => {
  const first = observe(null, written, NOW, rule);
  const second = observe(first, { ...written }, { ...NOW, monotonicMs: 900 }, rule);
  expect(second.sinceMs).toBe(50);
  expect(isQuiet(second, 1049)).toBe(false);
  expect(isQuiet(second, 1050)).toBe(true);
});

test.each(['ino', 'dev', 'bytes', 'mtimeNs', 'ctimeNs'] as const)(
  'the period starts again when %s changes',
  (field) => {
    const first = observe(null, written, NOW, rule);
    const changed = { ...written, [field]: written[field] + 1n };
    expect(observe(first, changed, { ...NOW, monotonicMs: 900 }, rule).sinceMs).toBe(900);
  },
);

test.each([
  ['ten terabytes without a block', 10n * 2n ** 40n, 0n, true],
  ['a gigabyte with a kilobyte in it', 1n << 30n, 2n, true],
  ['less than a gigabyte', (1n << 30n) - 1n, 0n, false],
  ['a gigabyte that is compressed to a hundredth', 1n << 30n, (1n << 30n) / 51_200n, false],
  ['a gigabyte that is all there', 1n << 30n, 1n << 21n, false],
])('of %s', (_, bytes, blocks, hollow) => {
  expect(isHollow({ ...mark(0, 0), bytes, blocks })).toBe(hollow);
});
