import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import {
  checkEntryKeys,
  columnEntryKeys,
  configJsonSchema,
  schemaJsonSchema,
} from '../../../scripts/json-schemas.ts';
import { checkKeys } from '../../../src/schema/read-checks.ts';
import { columnKeys } from '../../../src/schema/read-columns.ts';

const root = join(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const blocksOf = (doc: string) =>
  [...read(doc).matchAll(/```yaml\n([^]*?)```/g)].map(([, yaml]) => yaml!);

const config = z.fromJSONSchema(configJsonSchema());
const schema = z.fromJSONSchema(schemaJsonSchema());

/** Whether an editor finds nothing wrong with a text. */
function passes(checked: z.ZodType, yaml: string): boolean {
  return checked.safeParse(load(yaml)).success;
}

describe('the JSON Schema of config.yaml', () => {
  const shipped = read('config/config.yaml');
  const dataset = (keys: string) => `datasets: [{ name: A, schema: s.yaml, ${keys} }]`;

  test('takes what is shipped, and its lines that are commented out', () => {
    expect(passes(config, shipped)).toBe(true);
    expect(passes(config, shipped.replaceAll(/^#(database:| {2}\w)/gm, '$1'))).toBe(true);
    expect(shipped).toMatch(/^# yaml-language-server: \$schema=\.\/config\.schema\.json\n/);
  });

  test.each([
    'convert: { workers: 2 }',
    'convert: { workers: "2" }',
    'convert: { workers: "${WORKERS}" }',
    'intake: { polling: true }',
    'intake: { polling: "true" }',
    'parquet: { codec: snappy }',
    'parquet: { codec: "${CODEC}" }',
    'folders: { archive: null }',
    'database: { user: u, password: 1234, database: d }',
    dataset('dialect: { quote: "\'", delimiter: "||", skip_lines: 2 }'),
    dataset('clean: { null_words: [-1, "", true] }'),
    dataset('on_invalid_rows: divert, max_invalid_rows: 10, max_invalid_ratio: 0.05'),
    dataset('on_invalid_rows: divert, max_invalid_ratio: "${RATIO}"'),
  ])('takes %s', (yaml) => {
    expect(passes(config, yaml)).toBe(true);
  });

  test.each([
    'converts: {}',
    'convert: { worker: 2 }',
    'convert: { workers: 0 }',
    'convert: { workers: many }',
    'intake: { polling: yes please }',
    'parquet: { codec: lzma }',
    'datasets: [{ name: a }]',
    'datasets: []',
    dataset('clean: { null_rows: drop }'),
    dataset('dialect: { quote: "ab" }'),
    dataset('on_invalid_rows: divert, max_invalid_ratio: 1.5'),
    dataset('on_invalid_rows: divert, max_invalid_ratio: true'),
  ])('refuses %s', (yaml) => {
    expect(passes(config, yaml)).toBe(false);
  });
});

describe('the JSON Schema of schema.yaml', () => {
  test('knows the keys that a column can have', () => {
    expect(columnEntryKeys.toSorted()).toEqual(columnKeys.toSorted());
    expect(checkEntryKeys.toSorted()).toEqual(checkKeys.toSorted());
  });

  test('takes what is shipped and what the docs show', () => {
    expect(passes(schema, read('schema/schema.yaml'))).toBe(true);
    expect(read('schema/schema.yaml')).toMatch(
      /^# yaml-language-server: \$schema=\.\/schema\.schema\.json\n/,
    );
    const blocks = blocksOf('docs/SCHEMA.md');
    expect(blocks.map((block) => passes(schema, block))).toEqual([true, true, true, true]);
  });

  test.each([
    'a: varchar ( 20 )',
    'a: Double  Precision',
    'a: { type: "Numeric(10, 2)", min: 0, max: "1.5", enum: [1, 2] }',
    'a: { type: DATE, min: 2024-01-01 }',
    'a: { type: BOOLEAN, default: true, trueValues: [yes, 1] }',
    'a: { type: TEXT, minLength: "2", required: "true", aliases: b }',
  ])('takes %s', (yaml) => {
    expect(passes(schema, yaml)).toBe(true);
  });

  test.each([
    'a: VARCHAR2(20)',
    'a: {}',
    'a: { type: TEXT, minimum: 2 }',
    'a: { type: TEXT, minLength: -2 }',
    'a: { type: TEXT, enum: x }',
    'a: { type: TEXT, nullable: maybe }',
    'a: [TEXT]',
  ])('refuses %s', (yaml) => {
    expect(passes(schema, yaml)).toBe(false);
  });
});
