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

test('a container goes by its own name or by that of what is in it', () => {
  const taken = (match: string) => (name: string) => datasetRoute([{ match }])(name) !== null;
  const names = [
    'a.csv',
    'a.csv.gz',
    'A.CSV.ZST',
    'a.csv.zip',
    'a.zip',
    'a.gz',
    'a.txt.gz',
    'a.csv.bz2',
  ];
  expect(names.filter(taken('*.csv'))).toEqual(names.slice(0, 5));
  expect(names.filter(taken('a.zip'))).toEqual(['a.zip']);
  expect(names.filter(taken('*.gz'))).toEqual(['a.csv.gz', 'a.gz', 'a.txt.gz']);
  expect(names.filter(taken('*.txt'))).toEqual(['a.txt.gz']);
});

test('the first dataset that takes a container has it, whichever name fits', () => {
  const [plain, packed] = [{ match: '*.csv' }, { match: '*.csv.gz' }];
  expect(datasetRoute([plain, packed])('a.csv.gz')).toBe(plain);
  expect(datasetRoute([packed, plain])('a.csv.gz')).toBe(packed);
});

test('a reject file belongs to the dataset of its source, and is a file like any other beside that', () => {
  const route = datasetRoute([{ match: 'orders.csv' }, { match: '*.rejects.csv' }]);
  expect(route('orders.csv.rejects.csv')).toEqual({ match: 'orders.csv' });
  expect(route('other.csv.rejects.csv')).toEqual({ match: '*.rejects.csv' });
});
