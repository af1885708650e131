import { expect, test } from 'vitest';
import type { TableJson } from '../../../src/core/explorer-data.ts';
import { fits, plotText, readPlot, suggestPlot } from '../../../src/page/data/chart.ts';

function table(columns: Record<string, string>, rows: TableJson['rows']): TableJson {
  const named = Object.entries(columns).map(([name, type]) => ({ name, type }));
  return { columns: named, rows, isWhole: true, cellsCut: 0 };
}

test.each([
  ['words alone', table({ job: 'VARCHAR' }, [['a'], ['b']]), ['tiles', 'job', null, null]],
  ['a number alone', table({ n: 'BIGINT' }, [[1]]), null],
  ['nothing', table({ job: 'VARCHAR', n: 'BIGINT' }, []), null],
  [
    'a word and a number',
    table({ job: 'VARCHAR', n: 'BIGINT' }, [['a', 1]]),
    ['bar', 'job', 'n', null],
  ],
  [
    'a day and a number',
    table({ day: 'DATE', n: 'DECIMAL(10,2)' }, [['2024-01-01', '1.50']]),
    ['line', 'day', 'n', null],
  ],
  [
    'two words and a number',
    table({ city: 'VARCHAR', job: 'VARCHAR', n: 'BIGINT' }, [['x', 'a', 1]]),
    ['bar', 'job', 'n', 'city'],
  ],
  [
    'two numbers, each x once',
    table({ x: 'INTEGER', y: 'DOUBLE' }, [
      [1, 2],
      [2, 3],
    ]),
    ['bar', 'x', 'y', null],
  ],
  [
    'two numbers',
    table({ x: 'INTEGER', y: 'DOUBLE' }, [
      [1, 2],
      [1, 3],
    ]),
    ['dot', 'x', 'y', null],
  ],
  ['words', table({ a: 'VARCHAR', b: 'VARCHAR' }, [['x', 'y']]), null],
] as const)('for %s the chart is chosen by the types', (_, answer, expected) => {
  const plot = suggestPlot(answer);
  expect(plot === null ? null : [plot.kind, plot.x, plot.y, plot.facet]).toEqual(expected);
  if (plot !== null) expect(fits(plot, answer)).toBe(true);
});

test('a chart goes through an address and back, whatever its columns are called', () => {
  const plot = { kind: 'bar', x: 'a,b&c=%', y: 'count(*)', facet: null } as const;
  expect(readPlot(plotText(plot))).toEqual(plot);
  expect(readPlot('none')).toBeNull();
  expect(readPlot('bar,%ZZ')).toMatchObject({ x: '%ZZ' });
});

test('a chart of columns that are not there, or of no numbers, does not fit', () => {
  const answer = table({ job: 'VARCHAR', n: 'BIGINT' }, [['a', 1]]);
  expect(fits({ kind: 'bar', x: 'nix', y: 'n', facet: null }, answer)).toBe(false);
  expect(fits({ kind: 'bar', x: 'job', y: 'job', facet: null }, answer)).toBe(false);
  expect(fits({ kind: 'bar', x: 'job', y: 'n', facet: 'nix' }, answer)).toBe(false);
});
