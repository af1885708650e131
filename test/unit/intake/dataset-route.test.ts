import { expect, test } from 'vitest';
import { datasetRoute } from '../../../src/intake/dataset-route.ts';

test('letter case does not matter', () => {
  const route = datasetRoute([{ match: '*.csv' }]);
  expect(route('STUDENT.CSV')).not.toBeNull();
});

test('a name may begin with a line end, or hold any', () => {
  const route = datasetRoute([{ match: '*.csv' }]);
  for (const name of ['\n.csv', '\r\n.csv', '\u2028a\u2029.csv'])
    expect(route(name)).not.toBeNull();
});

test('the first dataset that matches has the file', () => {
  const [grades, rest] = [{ match: 'grades_*.csv' }, { match: '*.csv' }];
  const route = datasetRoute([grades, rest]);
  expect(route('grades_1.csv')).toBe(grades);
  expect(route('other.csv')).toBe(rest);
});

test('a name that no dataset matches has none', () => {
  expect(datasetRoute([{ match: '*.csv' }])('notes.txt')).toBeNull();
});

test('alternatives and brackets work', () => {
  const route = datasetRoute([{ match: '{a,b}_[0-9].{csv,tsv}' }]);
  expect(route('a_1.tsv')).not.toBeNull();
  expect(route('c_1.tsv')).toBeNull();
});

test('a reject file belongs to the dataset of its source, and is a file like any other beside that', () => {
  const route = datasetRoute([{ match: 'orders.csv' }, { match: '*.rejects.csv' }]);
  expect(route('orders.csv.rejects.csv')).toEqual({ match: 'orders.csv' });
  expect(route('other.csv.rejects.csv')).toEqual({ match: '*.rejects.csv' });
});
