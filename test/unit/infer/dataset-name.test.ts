import fc from 'fast-check';
import { expect, test } from 'vitest';
import { datasetNames } from '../../../src/infer/dataset-name.ts';
import { datasetRoute } from '../../../src/intake/dataset-route.ts';

test.each([
  ['new-orders.csv', 'new_orders', 'new-orders*.csv'],
  ['new-orders_2024-05-01.csv', 'new_orders', 'new-orders*.csv'],
  ['orders-20240501T060000Z.CSV', 'orders', 'orders*.CSV'],
  ['orders (2).csv', 'orders', 'orders*.csv'],
  ['student-mat_copy12.csv', 'student_mat_copy', 'student-mat_copy*.csv'],
  ['2024-05-01.csv', 'data', '*.csv'],
  ['3d-models.csv', 't_3d_models', '3d-models*.csv'],
  ['Café Crème.tsv', 'cafe_creme', 'Café Crème*.tsv'],
  ['заказы.csv', 'data', 'заказы*.csv'],
  ['a[b]{c}!.txt', 'a_b_c', 'a?b??c??*.txt'],
  ['orders', 'orders', 'orders*'],
])('%s is for the dataset %s, files %s', (file, name, match) => {
  expect(datasetNames(file, null)).toEqual({ name, match });
});

test('a name that is given is taken', () => {
  expect(datasetNames('orders.csv', 'sales')).toEqual({ name: 'sales', match: 'orders*.csv' });
});

test('of any file name comes the name of a table, and a glob that takes the file', () => {
  const stem = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
    fc.string({ unit: fc.constantFrom(...Array.from('a1-_ .*?[]{}()!+@|\\^$é')), minLength: 1 }),
  );
  const file = fc
    .tuple(stem, fc.constantFrom('.csv', '.CSV', '.txt', ''))
    .map((parts) => parts.join(''))
    // The intake leaves names with a leading dot alone, and no name has a slash.
    .filter((name) => !name.startsWith('.') && !/[/\0\n\r]/.test(name));
  fc.assert(
    fc.property(file, (name) => {
      const drafted = datasetNames(name, null);
      expect(drafted.name).toMatch(/^[a-z_][a-z0-9_]{0,63}$/);
      expect(datasetRoute([drafted])(name)).toBe(drafted);
    }),
  );
});
