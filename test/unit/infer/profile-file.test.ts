import { describe, expect, test } from 'vitest';
import { profileOf } from './drafts.ts';

describe('the delimiter', () => {
  test.each([
    ['a,b\n1,2\n', 'comma'],
    ['a;b\n1,5;2\n', 'semicolon'],
    ['a\tb\n1\t2\n', 'tab'],
    ['a|b\n1|2\n', 'pipe'],
    // The header alone reads in two ways, the rows in one.
    ['name;price, EUR\nx;1\ny;2\n', 'semicolon'],
    ['a,b;c\n1,2;3\n"1;0",2\n', 'comma'],
    ['a\n1\n2\n', 'comma'],
    ['note\nhello, you\nbye\n', 'semicolon'],
  ])('of %j is %s', async (content, name) => {
    const { reading } = await profileOf(content);
    expect(reading.header.delimiter.name).toBe(name);
  });

  test('is asked for where two fit equally well', async () => {
    await expect(profileOf('a,b;c\n1,2;3\n')).rejects.toMatchObject({
      code: 'usage_invalid',
      message:
        'The file reads equally well in more than one way:\n' +
        '  comma: 2 columns, "a" "b;c"\n  semicolon: 2 columns, "a,b" "c"',
      hint: 'Say what stands between its values, such as --delimiter comma.',
    });
  });

  test.each([
    [';', ['a,b', 'c']],
    ['comma', ['a', 'b;c']],
  ])('may be given: %s', async (given, names) => {
    expect((await profileOf('a,b;c\n1,2;3\n', given)).names).toEqual(names);
  });

  test('may have several characters', async () => {
    const { names, reading, rows } = await profileOf('a||b\n1|||\n', '||');
    expect({ names, rows }).toEqual({ names: ['a', 'b'], rows: 1 });
    expect(reading.dialect).toMatchObject({ delimiter: '||' });
  });

  test('of a single column whose values hold commas has to be told to the intake', async () => {
    expect((await profileOf('note\nhello\n')).reading.dialect).toBeNull();
    const { reading } = await profileOf('note\nhello, you\n');
    expect(reading.dialect).toMatchObject({ delimiter: ';' });
  });
});

test.each([
  ['', 'The file is empty.'],
  ['  \n\n', 'The file is empty.'],
  ['a,b\n', 'The file has a header and no rows, so there is nothing to tell the types from.'],
  ['"a,b\n1,2\n', 'line 1: The header cannot be read: a quote in it is not closed'],
  ['a,b\n1\n2\n3,4\n', 'The file is no table: read with comma as delimiter, 2 of 3 rows'],
  ['a,b\n1,2\n3,\0\n', 'line 3: The line holds a NUL byte'],
  [`a,b\n1,2\n3,${'x'.repeat(2 << 20)}\n`, 'line 3: The row is longer than 1,048,576 bytes.'],
  [Buffer.from('\uFEFFa,b\n1,2\n', 'utf16le'), 'line 1: The file is UTF-16.'],
  [Buffer.from('caf\u00e9,b\n1,2\n', 'latin1'), 'The file holds bytes that are not UTF-8.'],
])('%j is refused', async (content, message) => {
  const refused = profileOf(content);
  await expect(refused).rejects.toMatchObject({ code: 'content_invalid' });
  await expect(refused).rejects.toThrow(message);
});

test.each([
  ['a,b\n1,2\n1,2,3\n4,5\n', [[3, 'field_count']]],
  ['a,b\n1,2\n1,"2\n4,5\n', [[3, 'quote']]],
  ['a,b\n1,2\n1,2"\n4,5\n', [[3, 'quote']]],
  [Buffer.from('a,b\n1,"x\n\u00e9"\n', 'latin1'), [[2, 'encoding']]],
  ['a, A \n1,2\n', [[1, 'header_duplicate_column']]],
  ['a,\n1,2\n', [[1, 'header_extra_column']]],
  ['a,_load_id\n1,2\n', [[1, 'header_extra_column']]],
])('%j has problems, and is profiled all the same', async (content, expected) => {
  const { problems, rows } = await profileOf(content);
  expect(problems.items.map(({ line, rule }) => [line, rule])).toEqual(expected);
  expect(rows).toBeGreaterThan(0);
});

test('columns without a good name get one that no other has', async () => {
  const { names } = await profileOf('a,,A,column_2,_load_id,a_3\n1,2,3,4,5,6\n');
  expect(names).toEqual(['a', 'column_3', 'a_4', 'column_2', 'column_5', 'a_3']);
});

test('more columns than a schema is drafted for are refused', async () => {
  const line = Array.from({ length: 4097 }, (_, i) => i).join(',');
  await expect(profileOf(`${line}\n${line}\n`)).rejects.toThrow('The header has 4,097 columns.');
});
