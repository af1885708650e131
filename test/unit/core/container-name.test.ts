import { expect, test } from 'vitest';
import { containerOf, fullExtension, withoutContainer } from '../../../src/core/container-name.ts';

test.each([
  ['a.csv', null, 'a.csv', '.csv'],
  ['a.csv.gz', 'gzip', 'a.csv', '.csv.gz'],
  ['A.CSV.GZ', 'gzip', 'A.CSV', '.CSV.GZ'],
  ['a.b.csv.zst', 'zstd', 'a.b.csv', '.csv.zst'],
  ['a.zip', 'zip', 'a', '.zip'],
  ['gz', null, 'gz', ''],
  ['a.gz.csv', null, 'a.gz.csv', '.csv'],
] as const)('%s', (name, container, inside, extension) => {
  expect(containerOf(name)).toBe(container);
  expect(withoutContainer(name)).toBe(inside);
  expect(fullExtension(name)).toBe(extension);
});
