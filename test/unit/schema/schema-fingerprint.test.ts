import { expect, test } from 'vitest';
import type { Column } from '../../../src/schema/column-type.ts';
import type { CleanOptions, Dialect } from '../../../src/schema/dataset.ts';
import { type CellFormat, usualFormat } from '../../../src/schema/cell-format.ts';
import { noRules, type ColumnRules } from '../../../src/schema/column-rules.ts';
import { schemaFingerprint } from '../../../src/schema/schema-fingerprint.ts';

const clean: CleanOptions = {
  trim: true,
  lowercaseValues: false,
  nullWords: ['NA', 'null'],
  nullRows: 'keep',
  duplicateRows: 'keep',
};
const column = (name: string): Column => ({
  name,
  type: { name: 'INTEGER', length: 0, precision: 0, scale: 0, fraction: 0 },
  nullable: true,
});

test('the order of keys and of null words makes no difference', () => {
  const { trim, ...rest } = clean;
  const reordered = { ...rest, nullWords: ['null', 'NA', 'NA'], trim };
  expect(schemaFingerprint([column('a')], reordered)).toBe(schemaFingerprint([column('a')], clean));
});

test('names, their order, types, nullability and cleaning each make one', () => {
  const [a, b] = [column('a'), column('b')];
  const all = [
    schemaFingerprint([a, b], clean),
    schemaFingerprint([b, a], clean),
    schemaFingerprint([a], clean),
    schemaFingerprint([{ ...a, nullable: false }], clean),
    schemaFingerprint([{ ...a, type: { ...a.type, name: 'BIGINT' } }], clean),
    schemaFingerprint([a], { ...clean, trim: false }),
    schemaFingerprint([a], { ...clean, nullWords: [] }),
    schemaFingerprint([a], { ...clean, nullRows: 'drop_any' }),
    schemaFingerprint([a], { ...clean, duplicateRows: 'drop' }),
  ];
  expect(new Set(all).size).toBe(all.length);
  expect(all[0]).toMatch(/^[0-9a-f]{64}$/);
});

test('a dialect and each of its parts makes one; without a dialect it is what it was before there were any', () => {
  const columns = [column('a')];
  const dialect: Dialect = {
    delimiter: null,
    quote: '"',
    escape: '"',
    comment: null,
    skipLines: 0,
  };
  const none = schemaFingerprint(columns, clean, { dialect: null });
  expect(none).toBe('4fc71f9ef7f0e6b92527aae570353745cb0ddcb30a361d6caa54ca61d71fff87');
  const all = [
    none,
    schemaFingerprint(columns, clean, { dialect }),
    schemaFingerprint(columns, clean, { dialect: { ...dialect, delimiter: '||' } }),
    schemaFingerprint(columns, clean, { dialect: { ...dialect, quote: "'" } }),
    schemaFingerprint(columns, clean, { dialect: { ...dialect, escape: "'" } }),
    schemaFingerprint(columns, clean, { dialect: { ...dialect, comment: "'" } }),
    schemaFingerprint(columns, clean, { dialect: { ...dialect, skipLines: 1 } }),
  ];
  expect(new Set(all).size).toBe(all.length);
});

test('rules are part of the fingerprint, descriptions and the order of an enum are not', () => {
  const a = column('a');
  const ruled = (rules: Partial<ColumnRules>) =>
    schemaFingerprint([{ ...a, rules: { ...noRules, ...rules } }], clean);
  const written = (format: Partial<CellFormat>) =>
    schemaFingerprint([{ ...a, format: { ...usualFormat, ...format } }], clean);
  const all = [
    schemaFingerprint([a], clean),
    ruled({ min: '1' }),
    ruled({ max: '1' }),
    ruled({ minLength: 1 }),
    ruled({ maxLength: 1 }),
    ruled({ enum: ['1'] }),
    ruled({ pattern: '1' }),
    schemaFingerprint([{ ...a, default: '1' }], clean),
    schemaFingerprint([{ ...a, aliases: ['1'] }], clean),
    ...[{ temporal: '1' }, { decimalChar: '1' }, { groupChar: '1' }].map(written),
    ...[{ trueValues: ['1'] }, { falseValues: ['1'] }, { missingValues: ['1'] }].map(written),
  ];
  expect(new Set(all).size).toBe(all.length);
  expect(ruled({ enum: ['1', '2'] })).toBe(ruled({ enum: ['2', '1'] }));
  expect(schemaFingerprint([{ ...a, description: 'x' }], clean)).toBe(all[0]);
});
