import { describe, expect, test } from 'vitest';
import type { Problem } from '../../../src/core/problem.ts';
import type { HeaderColumn } from '../../../src/csv/header-reading.ts';
import type { Header } from '../../../src/csv/read-header.ts';
import { readStart } from '../../../src/csv/read-start.ts';
import type { Dialect, HeaderPolicy } from '../../../src/schema/dataset.ts';
import { withReader } from './source-file.ts';

const MIB = 1 << 20;

interface Start {
  found: Header | Problem[];
  /** What the reader gives next. */
  rest: string;
}

function startOf(
  content: string | Uint8Array,
  names: (string | HeaderColumn)[],
  lineBytesMax = 16 * MIB,
  dialect: Dialect | null = null,
  policy?: HeaderPolicy,
): Start {
  return withReader(content, lineBytesMax, (reader) => {
    const found = readStart(
      reader,
      names.map((name) => (typeof name === 'string' ? { name } : name)),
      dialect,
      policy,
    );
    return { found, rest: Buffer.from(reader.bytes.subarray(reader.start, reader.end)).toString() };
  });
}

function headerOf(content: string, names: (string | HeaderColumn)[]): Header {
  const { found } = startOf(content, names);
  if (Array.isArray(found)) throw new Error(found.map(({ message }) => message).join('\n'));
  return found;
}

function problemsOf(
  content: string | Uint8Array,
  names: (string | HeaderColumn)[],
  bytesMax?: number,
): Problem[] {
  const { found } = startOf(content, names, bytesMax);
  if (!Array.isArray(found)) throw new Error('The header was accepted.');
  return found;
}

describe('a header that fits', () => {
  test.each([
    [',', 'comma'],
    [';', 'semicolon'],
    ['\t', 'tab'],
    ['|', 'pipe'],
  ])('%j is found by the columns of the schema, never by the data', (delimiter, name) => {
    const header = ['id', 'name', 'price'].join(delimiter);
    const { found, rest } = startOf(`${header}\n,;,;\t|,,\n`, ['id', 'name', 'price']);
    expect(found).toMatchObject({ delimiter: { name }, fieldCount: 3, nextLine: 2 });
    expect(rest).toBe(',;,;\t|,,\n');
  });

  test('may name its columns in any order, letter case and spacing, and quoted', () => {
    const { fieldOf, names } = headerOf(' PRICE ;"Na""me";\u00a0Id\r\n', ['id', 'na"me', 'price']);
    expect(fieldOf).toEqual([2, 1, 0]);
    expect(names).toEqual(['price', 'na"me', 'id']);
  });

  test('may have a byte order mark before it, also one before a quoted name', () => {
    expect(headerOf('\uFEFFid,name\n', ['id', 'name']).fieldOf).toEqual([0, 1]);
    expect(headerOf('\uFEFF"id",name\n', ['id', 'name']).fieldOf).toEqual([0, 1]);
  });

  test('may hold other delimiters and line ends in its quoted names', () => {
    const { found, rest } = startOf('"a;b","c\nd"\r1,2', ['c\nd', 'a;b']);
    expect(found).toMatchObject({ delimiter: { name: 'comma' }, fieldOf: [1, 0], nextLine: 3 });
    expect(rest).toBe('1,2');
  });

  test('of one column reads the same under every delimiter, and comma is taken', () => {
    expect(headerOf('id\n1\n', ['id']).delimiter.name).toBe('comma');
    expect(headerOf('a;b\n1\n', ['a;b']).delimiter.name).toBe('comma');
    expect(headerOf('a,b\n1\n', ['a,b']).delimiter.name).toBe('semicolon');
  });

  test('may stand behind empty lines, which are counted', () => {
    expect(headerOf('\n\r\n\rid,name\n', ['id', 'name']).nextLine).toBe(5);
  });

  test('may be all there is, with or without a line end', () => {
    for (const text of ['id,name', 'id,name\r', 'id,name\r\n']) {
      expect(startOf(text, ['id', 'name'])).toMatchObject({ found: { nextLine: 2 }, rest: '' });
    }
  });

  test('may be longer than the first piece of the file that is read', () => {
    const names = Array.from({ length: 2000 }, (_, i) => `${'x'.repeat(1000)}${i}`);
    const { found, rest } = startOf(`${names.join(';')}\nrest`, names);
    expect(found).toMatchObject({ delimiter: { name: 'semicolon' }, fieldCount: 2000 });
    expect(rest).toBe('rest');
  });
});

describe('a header that does not fit', () => {
  const names = ['id', 'name', 'price'];

  test('is told every column that it lacks, has too many or repeats, with its line', () => {
    const problems = problemsOf('\nid;city; ;NAME;Id;;name\n1;2;3;4;5;6;7\n', names);
    expect(problems.map(({ rule, column, line }) => [rule, column, line])).toEqual([
      ['header_missing_column', 'price', 2],
      ['header_extra_column', 'city', 2],
      ['header_extra_column', null, 2],
      ['header_duplicate_column', 'id', 2],
      ['header_duplicate_column', 'name', 2],
    ]);
    expect(problems[0]?.message).toBe(
      'The header has no column "price" (read with semicolon as delimiter).',
    );
  });

  test('has an unnamed column where it starts with a delimiter, a tab also', () => {
    for (const delimiter of [',', '\t']) {
      const text = ['', 'id', 'name', 'price'].join(delimiter);
      expect(problemsOf(`${text}\n`, names)).toMatchObject([
        { rule: 'header_extra_column', column: null },
      ]);
    }
  });

  test('of a million columns is told of in one problem, with how many it has', () => {
    const surplus = Array.from({ length: 1_000_000 }, (_, n) => `;"x ""${n}"`);
    expect(problemsOf(`id${surplus.join('')}\n`, ['id', 'name'])).toMatchObject([
      {
        rule: 'header_extra_column',
        column: null,
        message:
          'The header has 1,000,001 columns, schema.yaml 2 (read with semicolon as delimiter).',
      },
    ]);
  });

  test('of delimiters alone, as long as a line may be, is told of in a few words', () => {
    const [problem, ...others] = problemsOf(`${';'.repeat(15 * MIB)}\n`, ['id', 'name']);
    expect(others).toEqual([]);
    expect(problem?.message).toContain(`semicolon: 15,728,641 columns`);
    expect(problem?.message.length).toBeLessThan(500);
  });

  test('is shown as each delimiter reads it where none reads it better than the others', () => {
    const problems = problemsOf('1;2;"3"\n4;5;6\n', names);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ rule: 'header_delimiter', line: 1, column: null });
    expect(problems[0]?.message).toContain('semicolon: 3 columns, "1" "2" "3"');
    expect(problems[0]?.message).not.toContain('comma: 3');
  });

  test('is a quote problem on its line where no delimiter reads it, in a file of any size', () => {
    for (const rows of [1, 400_000]) {
      expect(problemsOf(`\ni"d,name,price\n${'1,2,3\n'.repeat(rows)}`, names)).toMatchObject([
        { rule: 'quote', line: 2 },
      ]);
    }
    expect(problemsOf('"id,name,price\n1,2,3\n', names)).toMatchObject([
      { rule: 'quote', line: 1 },
    ]);
  });

  test('may not be longer than a line may be', () => {
    const problems = problemsOf(`\nid,name,price${','.repeat(3000)}\n1\n`, names, 2048);
    expect(problems).toMatchObject([{ rule: 'line_length', line: 2 }]);
    expect(problems[0]?.hint).toContain('convert.line_bytes_max');
  });

  test('in Latin-1 is an encoding problem besides the column that is not known', () => {
    const problems = problemsOf(Buffer.from('id;größe\n1;2\n', 'latin1'), ['id', 'größe']);
    expect(problems.map(({ rule }) => rule)).toEqual([
      'encoding',
      'header_missing_column',
      'header_extra_column',
    ]);
  });
});

describe('a column that the schema does not know', () => {
  const takeOut = 'No row has a value for it: take it out of the header';
  const surplus = 'No row has a value for it: take the surplus delimiter out of the header';
  const known = 'Take the column out, or add it to schema.yaml.';
  const unnamed = 'Name the column as schema.yaml does, or take out the surplus delimiter.';

  test.each([
    ['no row has a field for', 'id;name;note\n1;Ann\n2;"Bo"\n', `${takeOut}.`],
    [
      'rows have empty fields for',
      'note;id;name\n;1;Ann\n" ";2;Bo\n',
      `${takeOut}, and its empty value out of each row.`,
    ],
    ['a delimiter too many makes', 'id;name;\n1;Ann\n', `${surplus}.`],
    [
      'a delimiter too many makes in all lines',
      'id,name,\n1,"A ""n"" n",\n2,Bo,',
      `${surplus}, and out of each row.`,
    ],
  ])('and that %s should be taken out', (_title, content, hint) => {
    expect(problemsOf(content, ['id', 'name'])).toMatchObject([{ hint, valueless: true }]);
  });

  test.each([
    ['a row has a value for', 'id;name;note\n1;Ann;\n2;Bo;x\n', known],
    ['a row with too many values has one for', 'id;name;note\n1;Ann;\n2;Bo;x;\n', known],
    ['the rows may have lost another value for', 'note;id;name\n1;Ann\n', known],
    ['no row could have a value for', 'id;name;note\n', known],
    ['only rows that cannot be read might have', 'id;name;note\n1;"A"n;\n', known],
    ['a row has a value without a name for', 'id;name;\n1;Ann;\n2;Bo;x\n', unnamed],
    ['one of two without names has values for', 'id;;name;\n1;;Ann;x\n', unnamed],
  ])('and that %s may be one for the schema', (_title, content, hint) => {
    const [problem, ...others] = problemsOf(content, ['id', 'name']);
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ rule: 'header_extra_column', hint });
    expect(problem).not.toHaveProperty('valueless');
  });

  test('is not said to have no value in rows that were not looked at', () => {
    const some = 'None of the rows that were looked at has a value for it';
    for (const rows of ['1;Ann;\n'.repeat(MIB), '1;Ann;\n1;"A"n;\n']) {
      expect(problemsOf(`id;name;note\n${rows}`, ['id', 'name'])).toMatchObject([
        { hint: `${some}: take it out of the header, and its empty value out of each row.` },
      ]);
    }
  });

  test('is looked at as the dialect has its rows', () => {
    const dialect = { delimiter: null, quote: "'", escape: "'", comment: '#', skipLines: 1 };
    const content = "x\nid;name;note\n#1;2;3\n1;'A;n';''\n";
    expect(startOf(content, ['id', 'name'], MIB, dialect).found).toMatchObject([
      { valueless: true },
    ]);
  });

  test('but looks like a missing one is to be renamed, whatever rows have', () => {
    const [, extra] = problemsOf('id;naem\n1;\n', ['id', 'name']);
    expect(extra).toMatchObject({ hint: `It looks like "name": rename it. ${known}` });
  });
});

describe('a file without a header', () => {
  test.each([
    ['no bytes', ''],
    ['a byte order mark alone', '\uFEFF'],
    ['blank lines alone', '\uFEFF\n \t\r\n\r'],
    ['more blank lines than the buffer holds', '\n'.repeat(1.5 * MIB)],
  ])('%s is an empty file', (_title, content) => {
    expect(problemsOf(content, ['id'])).toMatchObject([{ rule: 'empty_file', line: 0 }]);
  });

  test.each([
    ['little-endian', Buffer.from('\uFEFFid;name\n', 'utf16le')],
    ['big-endian', Buffer.from('\uFEFFid;name\n', 'utf16le').swap16()],
  ])('UTF-16, %s, is named', (_title, content) => {
    expect(problemsOf(content, ['id', 'name'])).toMatchObject([
      { rule: 'encoding', line: 1, message: 'The file is UTF-16.' },
    ]);
  });
});

describe('in a dialect', () => {
  const names = ['id', "na'me"];
  const startIn = (content: string, more: Partial<Dialect>, lineBytesMax = 16 * MIB): Start => {
    const dialect = { delimiter: null, quote: "'", escape: '\\', comment: '#', skipLines: 0 };
    return startOf(content, names, lineBytesMax, { ...dialect, ...more });
  };

  test('the delimiter is found among those that have no other meaning', () => {
    for (const delimiter of [',', ';', '\t', '|']) {
      const text = `# id\n\n'na\\'me'${delimiter}ID\n1`;
      const found = { delimiter: { text: delimiter }, fieldOf: [1, 0], nextLine: 4 };
      expect(startIn(text, {})).toMatchObject({ found, rest: '1' });
    }
    const [problem] = startIn('a;b\n', { quote: '|' }).found as Problem[];
    expect(problem?.rule).toBe('header_delimiter');
    expect(problem?.hint).toContain('separated by comma, semicolon or tab.');
  });

  test('a delimiter that is given is the only one, and messages name it', () => {
    const { found } = startIn("id||'na\\'me'\n", { delimiter: '||' });
    expect(found).toMatchObject({ delimiter: { name: '"||"' }, fieldCount: 2 });
    expect(startIn("id,'na\\'me'\n", { delimiter: '||' }).found).toMatchObject([
      {
        rule: 'quote',
        line: 1,
      },
    ]);
    expect(startIn('id||name\n', { delimiter: '||' }).found).toMatchObject([
      { message: `The header has no column "na'me" (read with "||" as delimiter).` },
      { rule: 'header_extra_column', column: 'name' },
    ]);
    const [problem] = startIn('a;b\n', { delimiter: '||' }).found as Problem[];
    expect(problem?.hint).toContain('separated by "||".');
  });

  test('lines are skipped whatever they hold and however they end, and counted', () => {
    const skipped = `'\r\r\n\n${'x'.repeat(3 * MIB)}\r\n`;
    const { found, rest } = startIn(
      `\uFEFF${skipped}\nid,'na\\'me'\r\nrest`,
      { skipLines: 4 },
      MIB,
    );
    expect(found).toMatchObject({ nextLine: 7 });
    expect(rest).toBe('rest');
  });

  test('a CR at the end of the buffer is one line end, with or without an LF behind it', () => {
    for (const end of ['\r\n', '\r']) {
      const text = `${'x'.repeat(MIB - 1)}${end}id,'na\\'me'\n`;
      expect(startIn(text, { skipLines: 1 }, MIB).found).toMatchObject({ nextLine: 3 });
    }
  });

  test.each([
    ['only lines that are skipped', "id,'na\\'me'\n1,2", 2],
    ['fewer lines than are skipped', 'a\nb\n', 1000],
    ['blank lines behind those that are skipped', 'a\n\n \n', 1],
    ['only comments', '#id,name\n\n#', 0],
  ])('a file with %s has no header', (_title, content, skipLines) => {
    expect(startIn(content, { skipLines }).found).toMatchObject([{ rule: 'empty_file', line: 0 }]);
  });

  test('one line that is skipped is not several', () => {
    const [one] = startIn('a\n', { skipLines: 1 }).found as Problem[];
    const [two] = startIn('a\nb\n', { skipLines: 2 }).found as Problem[];
    expect(one?.message).toBe('Nothing follows the 1 line that is skipped.');
    expect(two?.message).toBe('Nothing follows the 2 lines that are skipped.');
  });

  test('a header or a comment before it may not be longer than a line may be', () => {
    for (const text of ['#', 'id,']) {
      const { found } = startIn(`\n${text.repeat(3000)}\nid,'na\\'me'\n`, {}, 2048);
      expect(found).toMatchObject([{ rule: 'line_length', line: 2 }]);
    }
  });
});

describe('aliases', () => {
  const columns = [{ name: 'name', aliases: ['surname', 'last name'] }, { name: 'id' }];

  test('stand for the column in a header, trimmed and lower-cased', () => {
    for (const name of ['name', 'Surname', '" LAST NAME "']) {
      const { names, fieldOf } = headerOf(`id;${name}\n1;x\n`, columns);
      expect({ names, fieldOf }).toEqual({ names: ['id', 'name'], fieldOf: [1, 0] });
    }
  });

  test('two names of one column are that column twice', () => {
    expect(problemsOf('id;name;Surname\n', columns)).toMatchObject([
      { rule: 'header_duplicate_column', column: 'name' },
    ]);
  });

  test('under which two delimiters fit are a problem that shows both readings', () => {
    const ambiguous = [
      { name: 'p', aliases: ['a', 'a,b'] },
      { name: 'q', aliases: ['b;c', 'c'] },
    ];
    const [problem] = problemsOf('a,b;c\n', ambiguous);
    expect(problem).toMatchObject({ rule: 'header_delimiter', line: 1 });
    expect(problem?.message).toBe(
      'The header matches the schema under two delimiters (comma: 2 columns, "p" "q"; semicolon: 2 columns, "p" "q").',
    );
  });
});

describe('a policy for headers', () => {
  const lenient: HeaderPolicy = { missing: 'as_null', extra: 'ignore' };
  const columns: HeaderColumn[] = [
    { name: 'id', nullable: false },
    { name: 'name', nullable: true },
    { name: 'unit', nullable: false, default: 'kg' },
  ];
  const read = (header: string, policy: HeaderPolicy): Header | Problem[] =>
    startOf(`${header}\n`, columns, MIB, null, policy).found;

  test('lets columns that need no value be missing, and unknown ones be there', () => {
    expect(read('note;id', lenient)).toMatchObject({ fieldCount: 2, fieldOf: [1, -1, -1] });
    expect(read('id', lenient)).toMatchObject({ fieldOf: [0, -1, -1] });
    expect(read('id;name', { ...lenient, extra: 'fail' })).toMatchObject({ fieldOf: [0, 1, -1] });
    expect(read('x,unit,name,id', { ...lenient, missing: 'fail' })).toMatchObject({
      fieldOf: [3, 2, 1],
    });
  });

  test.each<[string, HeaderPolicy, object[]]>([
    ['name;unit', lenient, [{ rule: 'header_missing_column', column: 'id' }]],
    ['id;other', { ...lenient, extra: 'fail' }, [{ rule: 'header_extra_column', column: 'other' }]],
    [
      'id;other',
      { ...lenient, missing: 'fail' },
      [
        { rule: 'header_missing_column', column: 'name' },
        { rule: 'header_missing_column', column: 'unit' },
      ],
    ],
    ['id;id', lenient, [{ rule: 'header_duplicate_column', column: 'id' }]],
    ['a;b;c', lenient, [{ rule: 'header_delimiter' }]],
    ['id,x;id', lenient, [{ rule: 'header_delimiter' }]],
  ])('refuses %j under %j', (header, policy, problems) => {
    expect(read(header, policy)).toMatchObject(problems);
  });

  test('takes no file without a column that it knows', () => {
    const optional = [{ name: 'a', nullable: true }];
    expect(startOf('b;c\n', optional, MIB, null, lenient).found).toMatchObject([
      { rule: 'header_delimiter' },
    ]);
  });
});
