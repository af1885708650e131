import { expect, test } from 'vitest';
import { draftSchema } from '../../../src/infer/draft-schema.ts';
import { typeText } from '../../../src/schema/type-text.ts';
import { draftColumn, profileOf } from './drafts.ts';

async function typeOf(...cells: string[]): Promise<string> {
  return typeText((await draftColumn(cells)).columns[0]!.type);
}

test.each([
  ['INTEGER', ['0', '1', '1']],
  ['INTEGER', ['1', '-20', '']],
  ['INTEGER', ['999999999']],
  ['BIGINT', ['1', '1000000000']],
  ['VARCHAR(50)', ['4111111111111111', '1']],
  ['VARCHAR(20)', ['01069', '90210']],
  ['VARCHAR(20)', ['+49301234']],
  ['DECIMAL(12,2)', ['129.90', '15.00', '7']],
  ['DECIMAL(12,2)', ['0.5']],
  ['DECIMAL(14,4)', ['129.9', '15.25']],
  ['DECIMAL(16,2)', ['123456789012.50']],
  ['DECIMAL(16,6)', ['52.520008']],
  ['DOUBLE', ['0.123456789012', '0.5']],
  ['DECIMAL(30,20)', ['0.12345678901234567890']],
  ['VARCHAR(100)', [`${'9'.repeat(30)}.${'1'.repeat(15)}`]],
  ['DOUBLE', ['1e5', '2.5', '3']],
  ['BOOLEAN', ['true', 'FALSE', '1', '0']],
  ['VARCHAR(20)', ['yes', 'no']],
  ['VARCHAR(20)', ['true', '2']],
  ['DATE', ['2024-05-01', '']],
  ['TIME', ['06:00', '06:00:30']],
  ['TIME(3)', ['06:00:30.5']],
  ['DATETIME', ['2024-05-01 06:00:00', '1950-01-01T00:00:00']],
  ['DATETIME(6)', ['2024-05-01 06:00:00.123456']],
  ['TIMESTAMP', ['2024-05-01T06:00:00Z', '2024-05-01 06:00:00']],
  ['TIMESTAMP(3)', ['2024-05-01T06:00:00.25+02:00']],
  ['VARCHAR(50)', ['2100-01-01T00:00:00Z']],
  ['VARCHAR(50)', ['2024-05-01', '2024-05-01 06:00:00']],
  ['VARCHAR(20)', ['1,5', '2,5']],
  ['VARCHAR(20)', ['é'.repeat(10)]],
  ['VARCHAR(50)', ['é'.repeat(11)]],
  ['VARCHAR(1000)', ['x'.repeat(500)]],
  ['TEXT', ['x'.repeat(501)]],
  ['MEDIUMTEXT', ['x'.repeat(40_000)]],
  ['VARCHAR(20)', ['', '']],
])('%s fits %j', async (type, cells) => {
  expect(await typeOf(...cells)).toBe(type);
});

test('a word for "no value" is a null word where it stands between numbers', async () => {
  const draft = await draftColumn(['1', 'NA', '3', '-']);
  expect(draft).toMatchObject({ nullWords: ['-', 'NA'], trim: false });
  expect(draft.columns[0]).toMatchObject({
    type: { name: 'INTEGER' },
    nullable: true,
    evidence: 'only 2 values, 2 nulls, all distinct, 1 to 3',
    remarks: ['read as "no value": NA 1 time, first on line 3; "-" 1 time, first on line 5'],
  });
});

test('between texts it stays text, and is asked about', async () => {
  const draft = await draftColumn(['DE', 'NA', 'FR']);
  expect(draft).toMatchObject({ nullWords: [] });
  expect(draft.remarks).toEqual([
    'NA stands in c (1, first on line 3): does it mean "no value"? Then null_words should have it',
  ]);
  expect(draft.columns[0]!.evidence).toBe(
    'only 3 values, no nulls, all distinct, up to 2 characters',
  );
});

test('a null word that one column needs is told of where it stands in another', async () => {
  const draft = draftSchema(await profileOf('country,amount\nNA,1\nDE,NA\n'));
  expect(draft.nullWords).toEqual(['NA']);
  expect(draft.remarks[0]).toContain('with null_words it means "no value" there too');
  expect(draft.columns.map(({ evidence }) => evidence)).toEqual([
    'only 1 value, 1 null, 1 distinct, up to 2 characters',
    'only 1 value, 1 null, 1 distinct, all 1',
  ]);
});

test('spaces are trimmed where numbers need it, else only told of', async () => {
  expect(await draftColumn([' 1', '2 ', ' '])).toMatchObject({
    trim: true,
    columns: [{ type: { name: 'INTEGER' }, nullable: true }],
  });
  const texts = await draftColumn([' a', 'b']);
  expect(texts.trim).toBe(false);
  expect(texts.remarks).toEqual([
    'some texts have spaces at their ends, which trim: true takes off: c (1, first on line 2)',
  ]);
});

const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i + 2));

test('what nearly fitted is counted, with the first line that did not', async () => {
  const { columns } = await draftColumn([...numbers(75), 'x', ...numbers(20), 'y', 'z']);
  expect(columns[0]!.remarks).toEqual(['3 of 98 values are not whole numbers, first on line 77']);
  const decimal = await draftColumn([...numbers(19), '2.5']);
  expect(decimal.columns[0]).toMatchObject({
    type: { name: 'DECIMAL' },
    remarks: ['1 of 20 values is not a whole number, first on line 21'],
  });
});

test.each([
  [['007', '12'], '1 of 2 values with leading zeros, which a number would lose, first on line 2'],
  [['12', '+3'], '1 of 2 values with a plus sign, which a number would lose, first on line 3'],
  [
    ['1'.repeat(16)],
    '1 of 1 value of 16 digits or more, so rather ids than numbers, first on line 2',
  ],
  [['1', '1,5'], '1 of 2 values with a comma; DECIMAL takes a decimal point only, first on line 3'],
  [['31.12.2024'], '1 of 1 value like a date; DATE takes YYYY-MM-DD only, first on line 2'],
])('why %j is text', async (cells, remark) => {
  expect((await draftColumn(cells)).columns[0]!.remarks).toEqual([remark]);
});

test('few values that repeat are listed, each as YAML', async () => {
  const cells = Array.from({ length: 60 }, (_, i) => ['new', 'no', 'a "b"', ''][i % 4]!);
  const { columns } = await draftColumn(cells);
  expect(columns[0]!.remarks).toEqual([
    String.raw`few values, perhaps enum: ["a \"b\"", new, "no"]`,
  ]);
  expect((await draftColumn(cells.slice(0, 20))).columns[0]!.remarks).toEqual([]);
});

test('only a column with many rows and no null must have values', async () => {
  expect((await draftColumn(numbers(99))).columns[0]!.nullable).toBe(true);
  expect((await draftColumn(numbers(100))).columns[0]!.nullable).toBe(false);
  expect((await draftColumn([...numbers(100), ''])).columns[0]!.nullable).toBe(true);
});

test('counts are the same whether values are remembered or not', async () => {
  const many = Array.from({ length: 3000 }, (_, i) => (i % 3 === 0 ? 'NA' : String(i)));
  const { columns } = await draftColumn(many);
  expect(columns[0]).toMatchObject({
    evidence: '2,000 values, 1,000 nulls, more than 999 distinct, 1 to 2999',
    remarks: ['read as "no value": NA 1,000 times, first on line 2'],
  });
});

test('a row that is too long for MySQL gets TEXT for its longest columns', async () => {
  const names = Array.from({ length: 120 }, (_, i) => `c${i}`);
  const cells = names.map((_, i) => (i === 60 ? 'x' : 'x'.repeat(120)));
  const { columns } = draftSchema(await profileOf(`${names.join(',')}\n${cells.join(',')}\n`));
  const bytes = columns.reduce((sum, { type }) => sum + 4 * type.length, 0);
  expect(bytes).toBeLessThan(60_000);
  expect(bytes).toBeGreaterThan(50_000);
  expect(columns[60]!.type).toMatchObject({ name: 'VARCHAR', length: 20 });
});
