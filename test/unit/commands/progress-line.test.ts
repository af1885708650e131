import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { showProgress } from '../../../src/commands/progress-line.ts';

const { stderr } = process;
const { isTTY, columns } = stderr;
let written: string;

beforeEach(() => {
  vi.useFakeTimers();
  written = '';
  // The terminal is the one part that cannot run here.
  vi.spyOn(stderr, 'write').mockImplementation((text) => {
    written += String(text);
    return true;
  });
  Object.assign(stderr, { isTTY: true, columns: 20 });
});

afterEach(() => {
  Object.assign(stderr, { isTTY, columns });
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test('work of less than a second shows nothing', () => {
  const progress = showProgress(() => 'working');
  vi.advanceTimersByTime(900);
  progress.end();
  vi.advanceTimersByTime(5000);
  expect(written).toBe('');
});

test('longer work shows one line that is drawn again, and the end takes it away', () => {
  const progress = showProgress((seconds) => `working, ${seconds} s`);
  vi.advanceTimersByTime(2000);
  expect(written).toContain('\r\u001B[Kworking, 1 s');
  expect(written.endsWith('\r\u001B[Kworking, 2 s')).toBe(true);
  expect(written).not.toContain('\n');
  progress.end();
  expect(written.endsWith('\r\u001B[K')).toBe(true);
});

test('the line is no wider than the terminal, and a file name in it cannot steer it', () => {
  const progress = showProgress(() => '\u001B[2Ja long name of a file.csv');
  vi.advanceTimersByTime(1000);
  progress.end();
  expect(written).toBe('\r\u001B[K\\x1b[2Ja long name \r\u001B[K');
});

test('where standard error is no terminal nothing is shown', () => {
  Object.assign(stderr, { isTTY: false });
  const progress = showProgress(() => 'working');
  vi.advanceTimersByTime(5000);
  progress.end();
  expect(written).toBe('');
});
