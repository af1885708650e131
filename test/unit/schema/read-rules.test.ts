import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HopperError } from '../../../src/errors/hopper-error.ts';
import { readSchema } from '../../../src/schema/read-schema.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hopper-rules-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function columnsOf(content: string, cleaning = { trim: false, lowercaseValues: false }) {
  const path = join(folder, 'schema.yaml');
  writeFileSync(path, content);
  return readSchema(path, cleaning).columns;
}

function refusal(content: string): string {
  try {
    columnsOf(content);
  } catch (error) {
    if (error instanceof HopperError && error.code === 'schema_invalid') {
      return error.message.replaceAll(join(folder, 'schema.yaml'), '');
    }
    throw error;
  }
  throw new Error('The schema was accepted.');
}

describe('rules', () => {
  test('are read in the terms of their type', () => {
    const [age, day, sex, code] = columnsOf(`
age: { type: INTEGER, min: +015, max: 22 }
day: { type: DATETIME, min: 2024-01-01T00:00, description: When it was. }
sex: { type: CHAR(1), enum: [f, m, f] }
code: { type: VARCHAR(9), minLength: 2, maxLength: 4, pattern: '[A-Z]+' }
`);
    expect(age?.rules).toMatchObject({ min: '15', max: '22', enum: [] });
    expect(day).toMatchObject({
      description: 'When it was.',
      rules: { min: '2024-01-01 00:00:00', max: null },
    });
    expect(sex?.rules?.enum).toEqual(['f', 'm']);
    expect(code?.rules).toMatchObject({ minLength: 2, maxLength: 4, pattern: '[A-Z]+' });
  });

  test('leave a column without any as it is', () => {
    expect(columnsOf('a: {type: TEXT, nullable: true}')).toEqual(columnsOf('a: TEXT'));
  });

  test('have their words cleaned as cells are', () => {
    const cleaning = { trim: true, lowercaseValues: true };
    const [school, grade] = columnsOf(
      'school: { type: TEXT, enum: [GP, " ms "] }\ngrade: { type: INTEGER, enum: [" 1", 2] }\n',
      cleaning,
    );
    expect(school?.rules?.enum).toEqual(['gp', 'ms']);
    expect(grade?.rules?.enum).toEqual(['1', '2']);
  });

  test('aliases are normalised as names are', () => {
    expect(columnsOf('a: {type: TEXT, aliases: [" Alpha", ALPHA, b]}')[0]?.aliases).toEqual([
      'alpha',
      'b',
    ]);
    expect(columnsOf('a: {type: TEXT, aliases: Alpha}')[0]?.aliases).toEqual(['alpha']);
  });

  test('a default is a value of the type, cleaned as cells are', () => {
    const cleaning = { trim: true, lowercaseValues: true };
    const columns = columnsOf(
      'a: {type: TEXT, default: " GP", enum: [gp]}\nn: {type: "DECIMAL(5,2)", default: +1.5}\n',
      cleaning,
    );
    expect(columns.map((column) => column.default)).toEqual(['gp', '1.50']);
  });

  test('required says that a column is not nullable', () => {
    const read = (keys: string) => columnsOf(`a: {type: TEXT, ${keys}}`)[0]?.nullable;
    expect(read('required: true')).toBe(false);
    expect(read('required: false')).toBe(true);
    expect(read('required: true, nullable: false')).toBe(false);
  });
});

test.each([
  ['a limit of another type', 'a:\n  type: INTEGER\n  min: 1.5', /^:3: a: min "1.5" is not of the/],
  ['a date that is none', 'a: {type: DATE, max: 2024-02-30}', /^:1: a: max "2024-02-30" is not of/],
  ['a list as a limit', 'a: {type: DATE, max: []}', /^:1: a: max must be one value$/],
  [
    'min above max',
    'a:\n  type: DATE\n  max: 2024-01-01\n  min: 2024-01-02',
    /^:4: a: min 2024-01-02 is greater than max 2024-01-01$/,
  ],
  [
    'min above max of long numbers',
    'a: {type: "DECIMAL(30)", min: 10, max: 9}',
    /^:1: a: min 10 is greater/,
  ],
  ['a limit for text', 'a: {type: TEXT, min: 3}', /^:1: a: min has no meaning for the type TEXT$/],
  [
    'a limit for a truth',
    'a: {type: BOOLEAN, max: 1}',
    /^:1: a: max has no meaning for the type BOO/,
  ],
  ['a length of a number', 'a: {type: INTEGER, maxLength: 3}', /^:1: a: maxLength has no meaning/],
  ['a length that is none', 'a: {type: TEXT, minLength: -1}', /^:1: a: minLength must be a whole/],
  [
    'lengths the wrong way round',
    'a: {type: TEXT, minLength: 3, maxLength: 2}',
    /^:1: a: minLength 3 is greater than maxLength 2$/,
  ],
  [
    'a length beyond the type',
    'a: {type: CHAR(2), minLength: 3}',
    /^:1: a: minLength 3 is more than CHAR\(2\) can hold$/,
  ],
  [
    'a word that is not of the type',
    'a:\n  type: INTEGER\n  enum:\n    - 1\n    - x',
    /^:3: a: enum "x" is not of the type/,
  ],
  ['an empty enum', 'a: {type: TEXT, enum: []}', /^:1: a: enum must be a list/],
  ['null in an enum', 'a: {type: TEXT, enum: [x, null]}', /^:1: a: enum must not hold null/],
  ['words for JSON', 'a: {type: JSON, enum: ["{}"]}', /^:1: a: enum has no meaning/],
  ['a pattern for a number', 'a: {type: INTEGER, pattern: "1"}', /^:1: a: pattern has no meaning/],
  [
    'a pattern with a back reference',
    'a:\n  type: TEXT\n  pattern: (a)\\1',
    /^:3: a: pattern refers back/,
  ],
  [
    'a word for required',
    'a: {type: TEXT, required: yes}',
    /^:1: a: required must be true or false$/,
  ],
  [
    'a contradiction',
    'a:\n  type: TEXT\n  required: true\n  nullable: true',
    /^:4: a: required and nullable contradict/,
  ],
  [
    'a description that is a list',
    'a: {type: TEXT, description: [x]}',
    /^:1: a: description must be text$/,
  ],
  [
    'an alias that is a column',
    'a:\n  type: TEXT\n  aliases: [x, B]\nb: TEXT',
    /^:3: a: aliases holds "b", which is the name of a column$/,
  ],
  [
    'an alias of two columns',
    'a: {type: TEXT, aliases: [x]}\nb: {type: TEXT, aliases: [X]}',
    /^:2: b: aliases holds "x", which is an alias of a$/,
  ],
  [
    'an alias that is its column',
    'a: {type: TEXT, aliases: [A]}',
    /^:1: a: aliases holds "a", which is the name/,
  ],
  ['no alias', 'a: {type: TEXT, aliases: []}', /^:1: a: aliases must be a list of names/],
  ['an empty alias', 'a: {type: TEXT, aliases: [" "]}', /^:1: a: aliases must be a list of names/],
  [
    'a default of another type',
    'a:\n  type: DATE\n  default: soon',
    /^:3: a: default "soon" is not of/,
  ],
  ['no default', 'a: {type: TEXT, default: }', /^:1: a: default must be one value$/],
  [
    'a default below min',
    'a: {type: INTEGER, min: 3, default: 2}',
    /^:1: a: default "2" breaks the rule min$/,
  ],
  [
    'a default above max',
    'a: {type: INTEGER, max: 1, default: 2}',
    /^:1: a: default "2" breaks the rule max$/,
  ],
  ['a short default', 'a: {type: TEXT, minLength: 2, default: 😀}', /breaks the rule min_length$/],
  ['a long default', 'a: {type: TEXT, maxLength: 2, default: abc}', /breaks the rule max_length$/],
  [
    'a default out of the enum',
    'a: {type: DOUBLE, enum: [1], default: 2}',
    /breaks the rule enum$/,
  ],
  [
    'a default beside the pattern',
    'a: {type: TEXT, pattern: a, default: b}',
    /breaks the rule pattern$/,
  ],
  [
    'a format without a year',
    'a:\n  type: DATE\n  format: "%d.%m."',
    /^:3: a: format must have a year \(%Y or %y\), %m and %d, and no time$/,
  ],
  [
    'a date with a time',
    'a: {type: DATE, format: "%Y-%m-%d %H:%M"}',
    /^:1: a: format must have a year/,
  ],
  [
    'a time with a date',
    'a: {type: TIME, format: "%d %H:%M"}',
    /format must have %H \(or %I and %p\) and %M, and no date$/,
  ],
  ['a time without its half', 'a: {type: TIME, format: "%I:%M"}', /format must have %H/],
  [
    'a datetime without a time',
    'a: {type: DATETIME, format: "%Y%m%d"}',
    /format must have a year .*; %H/,
  ],
  [
    'a zone where there is none',
    'a: {type: TIME, format: "%H:%M%z"}',
    /format has %z, and a TIME has no zone$/,
  ],
  ['an unknown part', 'a: {type: DATE, format: "%Y-%b-%d"}', /format has a "%b"; there are %Y %y/],
  ['a part twice', 'a: {type: DATE, format: "%Y-%m-%d %d"}', /format has %d twice$/],
  ['a lone percent sign', 'a: {type: DATE, format: "%Y-%m-%d%"}', /format has a "%"; there are/],
  [
    'a format for numbers',
    'a: {type: INTEGER, format: "%d"}',
    /format has no meaning for the type INTEGER$/,
  ],
  [
    'a decimal sign for whole numbers',
    'a: {type: INTEGER, decimalChar: ","}',
    /decimalChar has no meaning/,
  ],
  [
    'a digit as a sign',
    'a: {type: DOUBLE, decimalChar: "1"}',
    /decimalChar must be one character, and no/,
  ],
  ['two characters', 'a: {type: DOUBLE, groupChar: ", "}', /groupChar must be one character/],
  [
    'one sign for both',
    'a:\n  type: DOUBLE\n  decimalChar: ","\n  groupChar: ","',
    /^:4: a: groupChar must differ from/,
  ],
  [
    'the point for both',
    'a: {type: DOUBLE, groupChar: "."}',
    /groupChar must differ from decimalChar$/,
  ],
  [
    'a word for both',
    'a: {type: BOOLEAN, trueValues: [x], falseValues: [X]}',
    /"x" means both true and false$/,
  ],
  [
    'a usual word turned round',
    'a: {type: BOOLEAN, trueValues: ["0"]}',
    /trueValues|"0" means both/,
  ],
  [
    'a word that is none',
    'a: {type: TEXT, missingValues: n/a}',
    /missingValues must be a list of words/,
  ],
  [
    'a key with a capital letter',
    'a:\n  type: TEXT\n  maxlength: 3',
    /^:3: a: unknown key "maxlength"/,
  ],
])('%s is refused with line and key', (_, content, message) => {
  expect(refusal(content)).toMatch(message);
});

test('all bad rules of a schema are listed at once', () => {
  const lines = refusal('a: {type: INTEGER, min: x, max: y}\nb: {type: TEXT, pattern: "("}\n');
  expect(lines.split('\n')).toHaveLength(3);
});
