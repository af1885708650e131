import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Entries } from '../../../src/columns/column-batch.ts';
import { entryChecks } from '../../../src/columns/entry-checks.ts';
import { rawValue } from '../../../src/columns/raw-value.ts';
import { Kernel, SLACK_BYTES } from '../../../src/kernel/kernel.ts';
import { type ColumnRules, noRules } from '../../../src/schema/column-rules.ts';
import type { ColumnType, TypeName } from '../../../src/schema/column-type.ts';
import { column } from '../../support/loads.ts';

const kernel = new Kernel();

interface Asked {
  type: ColumnType;
  rules?: Partial<ColumnRules>;
  bounds?: [number, number];
}

/** The ids that break a rule, each once for each rule. */
function broken(entries: Entries, from: number, { type, rules, bounds }: Asked): number[] {
  const found: number[] = [];
  const checks = entryChecks({ ...noRules, ...rules }, type, bounds ?? null, kernel);
  for (const { check } of checks) check(entries, from, (id) => found.push(id));
  return found.sort((a, b) => a - b);
}

function typed(name: TypeName): ColumnType {
  return column('c', name, { precision: 9, scale: 2 }).type;
}

type Numeric = Extract<
  Entries,
  { values: unknown; storage: 'int32' | 'int64' | 'float' | 'double' }
>;

/** Entries in the kernel's memory, where the checks look for them. */
function place(storage: Numeric['storage'], numbers: readonly number[]): Numeric {
  const count = numbers.length;
  const at = kernel.take(8 * count + SLACK_BYTES).byteOffset;
  switch (storage) {
    case 'int32': {
      const values = kernel.int32At(at, count);
      values.set(numbers);
      return { storage, count, values };
    }
    case 'int64': {
      const values = kernel.int64At(at, count);
      values.set(numbers.map(BigInt));
      return { storage, count, values };
    }
    case 'float': {
      const values = kernel.float32At(at, count);
      values.set(numbers);
      return { storage, count, values };
    }
    case 'double': {
      const values = kernel.float64At(at, count);
      values.set(numbers);
      return { storage, count, values };
    }
  }
}

const storages = [
  ['INTEGER', 'int32'],
  ['BIGINT', 'int64'],
  ['FLOAT', 'float'],
  ['DOUBLE', 'double'],
] as const;

describe.each(storages)('of %s', (name, storage) => {
  test('limits find what lies outside of them, wherever it stands', () => {
    const number = fc.integer({ min: -20, max: 20 });
    fc.assert(
      fc.property(
        fc.array(number, { maxLength: 40 }),
        fc.nat({ max: 40 }),
        number,
        number,
        (numbers, from, min, max) => {
          const entries = place(storage, numbers);
          const rules = { min: `${min}`, max: `${max}` };
          const expected = [...numbers.keys()].flatMap((id) => {
            if (id < from) return [];
            return [numbers[id]! < min, numbers[id]! > max].flatMap((is) => (is ? [id] : []));
          });
          expect(broken(entries, from, { type: typed(name), rules })).toEqual(expected);
        },
      ),
    );
  });

  test.each<[[number, number], number[]]>([
    [
      [-1.5, 1.5],
      [0, 1, 4, 5],
    ],
    [[-1e300, 1e300], []],
    [
      [1e300, 2e300],
      [0, 1, 2, 3, 4, 5],
    ],
    [
      [-2e300, -1e300],
      [0, 1, 2, 3, 4, 5],
    ],
    [[-1e9, 1e12], [0]],
  ])('bounds %j are of numbers, not of what the column can hold', (bounds, expected) => {
    const entries = place(storage, [-2_000_000_000, -2, -1, 1, 2, 2_000_000_000]);
    expect(broken(entries, 0, { type: { ...typed(name), scale: 0 }, bounds })).toEqual(expected);
  });
});

test('bounds of a decimal are in its unit', () => {
  const entries = place('int32', [-151, -150, 150, 151]);
  expect(broken(entries, 0, { type: typed('DECIMAL'), bounds: [-1.5, 1.5] })).toEqual([0, 3]);
});

test('what is no number lies inside of all limits', () => {
  const entries = place('double', [NaN, 3, NaN]);
  const rules = { min: '1', max: '2' };
  expect(broken(entries, 0, { type: typed('DOUBLE'), rules })).toEqual([1]);
});

test('limits of 64 bits are exact', () => {
  const entries = place('int64', [0, 0, 0]);
  if (entries.storage !== 'int64') throw new Error('of another storage');
  entries.values.set([2n ** 53n, 2n ** 53n + 1n, 2n ** 53n + 2n]);
  const rules = { min: '9007199254740993', max: '9007199254740993' };
  expect(broken(entries, 0, { type: typed('BIGINT'), rules })).toEqual([0, 2]);
});

test('lengths are counted in characters', () => {
  const text = fc.array(fc.constantFrom('a', 'ä', '€', '😀'), { maxLength: 12 });
  fc.assert(
    fc.property(
      fc.array(text, { minLength: 1 }),
      fc.nat({ max: 12 }),
      fc.nat({ max: 12 }),
      (texts, minLength, maxLength) => {
        const parts = texts.map((characters) => Buffer.from(characters.join('')));
        const content = Buffer.concat(parts);
        const bytes = kernel.take(content.length + SLACK_BYTES);
        bytes.set(content);
        const count = parts.length;
        const offsets = kernel.int32At(kernel.take(4 * (count + 1)).byteOffset, count + 1);
        offsets[0] = 0;
        for (const [i, { length }] of parts.entries()) offsets[i + 1] = offsets[i]! + length;
        const entries: Entries = { storage: 'bytes', count, bytes, offsets };
        expect(rawValue(entries, 0)).toBe(texts[0]!.join(''));
        const expected = texts.flatMap(({ length }, id) => [
          ...(length < minLength ? [id] : []),
          ...(length > maxLength ? [id] : []),
        ]);
        const found = broken(entries, 0, { type: typed('TEXT'), rules: { minLength, maxLength } });
        expect(found).toEqual(expected);
      },
    ),
  );
});

test('a length of more characters than there can be is no limit, or one that nothing keeps', () => {
  const bytes = kernel.take(3 + SLACK_BYTES);
  bytes.set(Buffer.from('abc'));
  const offsets = kernel.int32At(kernel.take(8).byteOffset, 2);
  offsets.set([0, 3]);
  const entries: Entries = { storage: 'bytes', count: 1, bytes, offsets };
  const type = typed('TEXT');
  expect(broken(entries, 0, { type, rules: { maxLength: 2 ** 40 } })).toEqual([]);
  expect(broken(entries, 0, { type, rules: { minLength: 2 ** 40 } })).toEqual([0]);
});
