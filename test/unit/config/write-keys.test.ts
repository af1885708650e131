import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../../src/config/read-config.ts';
import { createTableSql } from '../../../src/load/create-table.ts';
import type { Dataset } from '../../../src/schema/dataset.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hopper-config-'));
  writeFileSync(
    join(folder, 'schema.yaml'),
    'id: INTEGER\nword: VARCHAR(10)\nlong: VARCHAR(800)\nnote: TEXT\n',
  );
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const withDatabase = 'database: { host: localhost, user: u, password: p, database: d }\n';

function read(settings: string, more = ''): Dataset {
  const path = join(folder, 'config.yaml');
  const schema = join(folder, 'schema.yaml');
  writeFileSync(path, `${more}datasets: [{name: words, schema: ${schema}, ${settings}}]\n`);
  const [dataset] = readConfig(path, {}).datasets;
  return dataset!;
}

test('without the keys files add to what is there, and repetitions are skipped', () => {
  expect(read('')).toMatchObject({ write: { mode: 'append' }, redrop: 'skip' });
});

test('columns of the key are named as headers are, and need a value in the schema and in the table', () => {
  const { write, columns, table } = read('write: upsert, key: [ID, " word"]');
  expect(write).toEqual({ mode: 'upsert', key: ['id', 'word'] });
  expect(columns.map(({ nullable }) => nullable)).toEqual([false, false, true, true]);
  expect(table.columns.map(({ nullable }) => nullable)).toEqual([false, false, true, true]);
});

test('append may have a key, whose columns need a value likewise, where there is a database', () => {
  const { write, columns, table } = read('key: [ID, " word"]', withDatabase);
  expect(write).toEqual({ mode: 'append', key: ['id', 'word'] });
  expect(columns.map(({ nullable }) => nullable)).toEqual([false, false, true, true]);
  expect(createTableSql(table, write)).toContain('UNIQUE KEY (`id`, `word`)');
  expect(() => read('key: [id]')).toThrow('datasets[0].key needs a database with write: append');
});

test('replace has no key', () => {
  expect(read('write: replace').write).toEqual({ mode: 'replace' });
});

describe('refused, with the key named', () => {
  test.each([
    ['write: upsert', 'datasets[0].key is missing: write: upsert needs it'],
    ['write: upsert, key: []', 'datasets[0].key must name a column'],
    ['key: [id], redrop: load', 'datasets[0].redrop must be skip with a key'],
    ['write: replace, key: [id]', 'datasets[0].key is for write: upsert or append, not replace'],
    ['write: merge', 'datasets[0].write must be append or upsert or replace'],
    ['write: replace, redrop: load', 'datasets[0].redrop must be skip with write: replace'],
    [
      'write: replace, on_invalid_rows: divert',
      'datasets[0].on_invalid_rows must be fail_file with write: replace',
    ],
    [
      'write: upsert, key: [id], missing_columns: as_null',
      'datasets[0].missing_columns must be fail with write: upsert',
    ],
    ['write: upsert, key: [nr]', 'datasets[0].key names nr, which the schema does not have'],
    ['write: upsert, key: [id, Id]', 'datasets[0].key names id twice'],
    ['write: upsert, key: [note]', 'datasets[0].key names note, whose type text no key can have'],
    ['write: upsert, key: [long]', 'datasets[0].key takes up to 3200 bytes'],
    ['key: [long]', 'datasets[0].key takes up to 3200 bytes'],
    ['key: [note]', 'datasets[0].key names note, whose type text no key can have'],
  ])('%s', (settings, message) => {
    expect(() => read(settings)).toThrow(message);
  });
});
