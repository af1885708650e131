import { expect, test } from 'vitest';
import { barLines, sectionTable } from '../../../../scripts/bench/report.ts';
import { type Bar, interleave, isMet, speedAgainst } from '../../../../scripts/bench/section.ts';
import { median } from '../../../../scripts/bench/median.ts';

const lines = [
  { name: 'ours', samples: [900, 500, 550].map((wallMs) => ({ wallMs, rssBytes: 100e6 })) },
  { name: 'rival', samples: [1000, 1100, 9000].map((wallMs) => ({ wallMs })) },
];

test('a median is the middle value, whatever the order, and the mean of the middle two', () => {
  expect(median([9, 1, 10])).toBe(9);
  expect(median([4, 1, 2, 100])).toBe(3);
  expect(() => median([])).toThrow('No values');
});

test('a speed is the ratio of the medians of the times, above 1 where ours takes less', () => {
  expect(speedAgainst(lines, 'ours', 'rival')).toBe(2);
  expect(speedAgainst(lines, 'rival', 'ours')).toBe(0.5);
});

test('a line that was not measured cannot be compared with', () => {
  expect(() => speedAgainst(lines, 'ours', 'nobody')).toThrow('nobody was not measured');
});

test('the table shows medians, and only the columns that were measured', () => {
  const section = { title: 'Convert', bytes: 110e6, files: 1, base: 'rival', lines, bars: [] };
  expect(sectionTable(section)).toBe(
    [
      '### Convert',
      '',
      '|       | wall, s | from-to     | MB/s  | speed | peak MB | runs |',
      '| ----- | ------: | ----------: | ----: | ----: | ------: | ---: |',
      '| ours  | 0.550   | 0.500-0.900 | 200.0 | 2.00  | 100     | 3    |',
      '| rival | 1.100   | 1.000-9.000 | 100.0 | 1.00  |         | 3    |',
    ].join('\n'),
  );
});

test('a bar is met at its limit, and missed beyond it', () => {
  const bar: Bar = { claim: 'speed', measured: 1.3, rule: 'at least', limit: 1.3, unit: ' x' };
  expect(isMet(bar)).toBe(true);
  expect(isMet({ ...bar, measured: 1.299 })).toBe(false);
  expect(isMet({ ...bar, rule: 'at most', measured: 1.301 })).toBe(false);
  expect(barLines([{ ...bar, measured: 1.2 }])).toContain('| at least 1.3 x | 1.200 x  | NO  |');
});

test('contenders run in turn', async () => {
  const order: string[] = [];
  const contender = (name: string): Parameters<typeof interleave>[1][number] => ({
    name,
    run: () => Promise.resolve({ wallMs: order.push(name) }),
  });
  const measured = await interleave('turns', [contender('a'), contender('b')], 2);
  expect(order).toEqual(['a', 'b', 'a', 'b']);
  expect(measured.map(({ samples }) => samples.map(({ wallMs }) => wallMs))).toEqual([
    [1, 3],
    [2, 4],
  ]);
});
