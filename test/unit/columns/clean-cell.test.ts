import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CellCleaner } from '../../../src/columns/clean-cell.ts';
import type { TypeName } from '../../../src/schema/column-type.ts';
import type { CleanOptions } from '../../../src/schema/dataset.ts';
import { column } from '../../support/loads.ts';
import { keepAll } from './build-batches.ts';

/** The cleaned cell, or null where it means no value. */
function clean(cell: string, options: Partial<CleanOptions>, type: TypeName = 'TEXT') {
  const cleaner = new CellCleaner({ ...keepAll, ...options }, column('c', type).type);
  // Neighbours that are not the cell's.
  const bytes = Buffer.from(` A${cell}B `);
  if (!cleaner.clean(bytes, 2, bytes.length - 2)) return null;
  return Buffer.from(cleaner.bytes.subarray(cleaner.start, cleaner.end)).toString();
}

const spaces = fc.constantFrom(' ', '\t', '\n', '\v', '\f', '\r', '\u00a0', '\u2003', '\u3000');
const letters = fc.constantFrom('a', 'Z', 'É', 'İ', 'ß', 'Σ', '日', '😀', '0');

describe('trimming', () => {
  test('takes off what Unicode calls white space, at both ends and nowhere else', () => {
    const cell = fc.string({ unit: fc.oneof(spaces, letters), maxLength: 10 });
    fc.assert(
      fc.property(cell, (text) => {
        expect(clean(text, { trim: true })).toBe(text.trim() === '' ? null : text.trim());
      }),
      { numRuns: 500 },
    );
  });

  test('is left out where it is not wanted', () => {
    expect(clean(' a\u00a0', {})).toBe(' a\u00a0');
    expect(clean(' ', {})).toBe(' ');
  });

  test('applies to columns of every type', () => {
    expect(clean('\u00a05 ', { trim: true }, 'INTEGER')).toBe('5');
  });
});

describe('lower-casing', () => {
  test('is that of Unicode, in texts of every length', () => {
    const cell = fc.string({ unit: letters, minLength: 1, maxLength: 400 });
    fc.assert(
      fc.property(cell, (text) => {
        expect(clean(text, { lowercaseValues: true })).toBe(text.toLowerCase());
      }),
    );
    expect(clean('ÉCOLE', { lowercaseValues: true })).toBe('école');
    expect(clean('İ', { lowercaseValues: true })).toBe('i\u0307');
    expect(clean('A'.repeat(1000), { lowercaseValues: true })).toBe('a'.repeat(1000));
  });

  test.each(['CHAR', 'VARCHAR', 'TEXT', 'MEDIUMTEXT', 'LONGTEXT'] as const)(
    'changes %s',
    (type) => {
      expect(clean('ÀB', { lowercaseValues: true }, type)).toBe('àb');
    },
  );

  test.each(['JSON', 'BOOLEAN', 'DOUBLE', 'TIMESTAMP'] as const)('leaves %s alone', (type) => {
    expect(clean('ÀB', { lowercaseValues: true }, type)).toBe('ÀB');
  });

  test('leaves the source as it is', () => {
    const bytes = Buffer.from('ABC');
    const options = { ...keepAll, lowercaseValues: true };
    new CellCleaner(options, column('c', 'TEXT').type).clean(bytes, 0, 3);
    expect(bytes.toString()).toBe('ABC');
  });
});

describe('null words', () => {
  test('mean no value as they are written, and so does the empty cell', () => {
    const options = { nullWords: ['NA', '-', 'n/d'] };
    for (const cell of ['', 'NA', '-', 'n/d']) expect(clean(cell, options)).toBeNull();
    for (const cell of ['na', 'NAN', '--', ' NA', 'N', 'a'])
      expect(clean(cell, options)).toBe(cell);
  });

  test('are looked for after trimming, before and after lower-casing', () => {
    const options = { trim: true, lowercaseValues: true, nullWords: ['NA', 'none', 'é'] };
    for (const cell of [' NA ', 'None', 'NONE', '\u00a0É']) expect(clean(cell, options)).toBeNull();
    // Lower-cased it would be another word, and as it is written it is none.
    expect(clean('Na', options)).toBe('na');
  });

  test('mean no value in columns of every type', () => {
    expect(clean('-999', { nullWords: ['-999'] }, 'INTEGER')).toBeNull();
  });
});
