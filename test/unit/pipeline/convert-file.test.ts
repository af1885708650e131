import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parquetMetadataAsync, asyncBufferFromFile } from 'hyparquet';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Problem } from '../../../src/core/problem.ts';
import type { ConversionResult } from '../../../src/pipeline/conversion.ts';
import { readSchema } from '../../../src/schema/read-schema.ts';
import { column } from '../../support/loads.ts';
import { Conversions, type ConvertOptions } from './conversions.ts';

let at: Conversions;
beforeEach(() => {
  at = new Conversions();
});
afterEach(() => {
  at.remove();
});

const columns = [column('id', 'INTEGER'), column('name', 'VARCHAR')];

/** What is wrong with a file: rule, line and column of each problem. */
function complaints(content: string | Uint8Array, options: ConvertOptions = {}): unknown[] {
  const { problems } = at.convert(content, columns, options);
  return problems.map(({ rule, line, column: name }: Problem) => [rule, line, name]);
}

function accounted({ counts }: ConversionResult): number {
  const { rowsAccepted, rowsRejected, rowsDroppedNull, rowsDroppedDuplicate } = counts;
  return rowsAccepted + rowsRejected + rowsDroppedNull + rowsDroppedDuplicate;
}

describe('a sound file', () => {
  test('of students becomes Parquet and a load file, cleaned as the replaced system did', async () => {
    const students = readSchema('schema/schema.yaml').columns;
    const header = students.map(({ name }) => name.toUpperCase()).join(';');
    const row = (seed: number) =>
      students
        .map(({ type }, i) => (type.name === 'INTEGER' ? String(seed * i) : `"GP${seed % 5} "`))
        .join(';');
    const rows = [
      ...Array.from({ length: 60 }, (_, i) => row(i)),
      row(3),
      row(4).replace('"GP4 "', 'gp4'),
      row(70).replace('"GP0 "', ''),
      row(71).replace('"GP1 "', 'NaN'),
    ];
    const result = at.convert(`${header}\r\n${rows.join('\r\n')}\r\n`, students, {
      clean: {
        ...{ trim: true, lowercaseValues: true, nullWords: ['NaN'] },
        ...{ nullRows: 'drop_any', duplicateRows: 'drop' },
      },
      settings: { rowGroupRows: 25 },
    });
    expect(result.problems).toEqual([]);
    expect(result).toMatchObject({
      delimiter: 'semicolon',
      problemsTotal: 0,
      counts: {
        rowsRead: 64,
        rowsAccepted: 60,
        rowsRejected: 0,
        rowsDroppedNull: 2,
        rowsDroppedDuplicate: 2,
      },
      parquetBytes: statSync(at.parquet).size,
      loadFiles: [{ path: `${at.loadFile}.0`, bytes: statSync(`${at.loadFile}.0`).size, rows: 60 }],
    });
    const table = await at.readParquet();
    expect(Object.keys(table)).toEqual(students.map(({ name }) => name));
    expect(table['school']).toEqual(Array.from({ length: 60 }, (_, i) => `gp${i % 5}`));
    expect(table['age']).toEqual(Array.from({ length: 60 }, (_, i) => i * 2));
    const lines = at.readLoadFile().split('\n');
    expect(lines).toHaveLength(61);
    expect(lines[7]?.split('\t').slice(0, 4)).toEqual(['gp2', 'gp2', '14', 'gp2']);
    const metadata = await parquetMetadataAsync(await asyncBufferFromFile(at.parquet));
    expect(metadata.row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([25, 25, 10]);
    expect(metadata.key_value_metadata).toContainEqual({ key: 'a', value: 'b' });
  });

  test.each([',', ';', '\t', '|'])('may be delimited by %j', async (delimiter) => {
    const lines = [
      ['Name', 'ID'],
      ['"a,;\t|""\n"', '1'],
      ['é', '2'],
    ];
    const text = lines.map((line) => line.join(delimiter)).join('\r\n');
    expect(at.convert(`\uFEFF${text}`, columns).counts.rowsAccepted).toBe(2);
    expect(await at.readParquet()).toEqual({ id: [1, 2], name: ['a,;\t|"', 'é'] });
  });

  test.each(['\n', '\r\n', '\r'])('may have lines that end with %j', async (end) => {
    const lines = ['id,name', '1,a', '', '2,', '3,c'];
    expect(at.convert(lines.join(end), columns).counts.rowsRead).toBe(3);
    expect(await at.readParquet()).toEqual({ id: [1, 2, 3], name: ['a', null, 'c'] });
    expect(at.readLoadFile()).toBe('1\ta\n2\t\\N\n3\tc\n');
  });

  test('may have one column', async () => {
    const result = at.convert('name\na;b\n"c,d"\n""\n', [column('name', 'VARCHAR')]);
    expect(result.counts).toMatchObject({ rowsRead: 3, rowsAccepted: 3 });
    expect(await at.readParquet()).toEqual({ name: ['a;b', 'c,d', null] });
  });

  test('may have a header alone, and gives a Parquet file of no rows', async () => {
    for (const text of ['id,name', 'id,name\r\n\r\n']) {
      const result = at.convert(text, columns);
      expect(result).toMatchObject({ problemsTotal: 0, counts: { rowsRead: 0 } });
      expect(result.loadFiles).toMatchObject([{ bytes: 0, rows: 0 }]);
      const metadata = await parquetMetadataAsync(await asyncBufferFromFile(at.parquet));
      expect([metadata.num_rows, metadata.row_groups.length]).toEqual([0n, 0]);
    }
  });

  test('may be larger than every buffer, with rows across their borders', async () => {
    // The lengths have no common divisor with a megabyte, so that borders fall everywhere in a row.
    const rows = Array.from({ length: 60_000 }, (_, i) => `${i},"née ""${'x'.repeat(i % 97)}\n"""`);
    const text = `id,name\n${rows.join('\n')}\n`;
    expect(text.length).toBeGreaterThan(3 << 20);
    const result = at.convert(text, columns, { settings: { rowGroupRows: 7777 } });
    expect(result.problems).toEqual([]);
    const table = await at.readParquet();
    expect(table['id']).toEqual(rows.map((_, i) => i));
    expect(table['name']).toEqual(rows.map((_, i) => `née "${'x'.repeat(i % 97)}\n"`));
  });

  test('of many columns has row groups of fewer rows, because each column holds an id a row', async () => {
    const many = Array.from({ length: 4096 }, (_, i) => column(`c${i}`, 'VARCHAR'));
    const header = many.map(({ name }) => name).join(',');
    const text = `${header}\n${`${','.repeat(4095)}\n`.repeat(4100)}`;
    const settings = { rowGroupRows: 1_048_576, pieceBytesMax: 64 << 20 };
    at.convert(text, many, { settings, outputs: { loadFile: null } });
    const metadata = await parquetMetadataAsync(await asyncBufferFromFile(at.parquet));
    // 64 MiB of ids of 4 bytes in 4096 columns.
    const rows = metadata.row_groups.map(({ num_rows }) => Number(num_rows));
    expect(Math.max(...rows)).toBeLessThanOrEqual(4096);
    expect(rows.reduce((sum, count) => sum + count)).toBe(4100);
  });

  test('gives what is asked for and nothing else', () => {
    const text = 'id,name\n1,a\n';
    expect(at.convert(text, columns, { outputs: { parquet: null } }).parquetBytes).toBe(0);
    expect(at.outputs()).toEqual(['rows.tsv.0']);
    at.remove();
    at = new Conversions();
    expect(at.convert(text, columns, { outputs: { loadFile: null } }).loadFiles).toEqual([]);
    expect(at.outputs()).toEqual(['a.parquet.tmp']);
  });

  test('gives the same bytes each time', () => {
    const text = `id,name\n${Array.from({ length: 5000 }, (_, i) => `${i % 700},n${i}`).join('\n')}`;
    const bytes = [1, 2].map(() => {
      at.convert(text, columns);
      return [at.readLoadFile(), readFileSync(at.parquet, 'base64')];
    });
    expect(bytes[0]).toEqual(bytes[1]);
  });
});

describe('a file that does not meet its schema', () => {
  test.each<[string, string | Uint8Array, unknown[]]>([
    ['without bytes', '', [['empty_file', 0, null]]],
    ['of blank lines', '\uFEFF\r\n \n\t\r', [['empty_file', 0, null]]],
    ['in UTF-16', Buffer.from('\uFEFFid,name\n1,a\n', 'utf16le'), [['encoding', 1, null]]],
    ['in UTF-16 without a mark', Buffer.from('id,name\n', 'utf16le'), [['nul_byte', 1, null]]],
    ['with a NUL byte', 'id,name\r1,a\r2,\0\r', [['nul_byte', 3, null]]],
    [
      'in Latin-1',
      Buffer.from('id,name\n1,"a\nb"\n2,é\n3,ok\n', 'latin1'),
      [['encoding', 4, 'name']],
    ],
    ['with an unclosed quote', 'id,name\n1,a\n2,"b\n3,c\n', [['quote', 3, 'name']]],
    [
      'with stray quotes',
      'id,name\n1,a"b\n2,"a"b\n"3" ,c\n',
      [
        ['quote', 2, 'name'],
        ['quote', 3, 'name'],
        ['quote', 4, 'id'],
      ],
    ],
    [
      'with rows of other widths',
      'id,name\n1\n2,b,c\n3,"\n"\n4\n',
      [
        ['field_count', 2, null],
        ['field_count', 3, null],
        ['field_count', 6, null],
      ],
    ],
    [
      'with other columns',
      'id,city,id,\n1,a,2,3\n',
      [
        ['header_missing_column', 1, 'name'],
        ['header_extra_column', 1, 'city'],
        ['header_extra_column', 1, null],
        ['header_duplicate_column', 1, 'id'],
      ],
    ],
    ['without a header', '1,a\n2,b\n', [['header_delimiter', 1, null]]],
  ])('%s is refused, with the lines, and leaves no output', (_title, content, expected) => {
    expect(complaints(content)).toEqual(expected);
    expect(at.outputs()).toEqual([]);
  });

  test('with a line beyond the limit is refused, and the quote that may be to blame is named', () => {
    const text = `id,name\n1,a\n2,"b\n${'3,c\n'.repeat(2000)}`;
    const options = { settings: { lineBytesMax: 1024 } };
    expect(complaints(text, options)).toEqual([['line_length', 3, null]]);
    const { problems, counts } = at.convert(text, columns, options);
    expect(problems[0]?.hint).toContain('opens on line 3');
    expect(counts.rowsAccepted).toBe(1);
    expect(complaints(`id,name\n1,${'x'.repeat(1100)}\n`, options)).toEqual([
      ['line_length', 2, null],
    ]);
    expect(complaints(`id,name\n1,${'x'.repeat(200)}\n`, options)).toEqual([]);
  });

  test('is told the line of a value inside a row of several lines', () => {
    const text = 'name,id\r\n"a\r\nb\rc\n",x\r\n"d",y\r"\n",\r\nz,"\n5x"\n';
    expect(complaints(text)).toEqual([
      ['type', 5, 'id'],
      ['type', 6, 'id'],
      // The quoted value starts on line 9 with a line end of its own.
      ['type', 9, 'id'],
    ]);
  });

  test('is told where a value is left out also in rows with null words of the dataset', () => {
    const sold = [column('sold', 'DATE'), column('price', 'INTEGER'), column('paid', 'BOOLEAN')];
    const text = 'sold,price,paid\n2025-01-31,1,true\nn/a,true\n';
    const hintOf = (nullWords: string[]): string | undefined =>
      at.convert(text, sold, { clean: { nullWords } }).problems[0]?.hint;
    expect(hintOf(['n/a'])).toContain('a value is left out in one of sold, price');
    expect(hintOf([])).not.toContain('left out in');
  });

  test('is told every problem of every kind, in the order of lines, across blocks and row groups', () => {
    const rows = Array.from({ length: 12_000 }, (_, i) => {
      if (i % 4000 === 1) return `${i},a,b`;
      if (i % 4000 === 2) return `x${i},a`;
      return `${i},a`;
    });
    const text = `id,name\n${rows.join('\n')}\n`;
    expect(complaints(text)).toEqual([
      ['field_count', 3, null],
      ['type', 4, 'id'],
      ['field_count', 4003, null],
      ['type', 4004, 'id'],
      ['field_count', 8003, null],
      ['type', 8004, 'id'],
    ]);
    expect(at.outputs()).toEqual([]);
  });

  test('has its problems counted beyond those that are listed', () => {
    const text = `id,name\n${'x,a\n1\n'.repeat(5000)}`;
    const result = at.convert(text, columns, { settings: { problemsMax: 7 } });
    expect(result.problems).toHaveLength(7);
    expect(result.problemsTotal).toBe(10_000);
    expect(result.counts).toMatchObject({ rowsRead: 10_000, rowsRejected: 10_000 });
    expect(result).toMatchObject({ parquetBytes: 0, loadFiles: [] });
  });

  test('has a problem for each cell that is not UTF-8, wherever in the file', () => {
    const sound = '1,é\n'.repeat(500_000);
    const foreign = Buffer.concat([
      Buffer.from(`id,name\n${sound}`),
      Buffer.from('2,\xe9\n', 'latin1'),
      Buffer.from('3,é\n'),
      Buffer.from('4,\xe9', 'latin1'),
    ]);
    expect(complaints(foreign)).toEqual([
      ['encoding', 500_002, 'name'],
      ['encoding', 500_004, 'name'],
    ]);
  });
});

describe('a file in a dialect', () => {
  const dialect = { delimiter: '||', quote: "'", escape: '\\', comment: '#', skipLines: 1 };

  test('may be larger than every buffer, with rows and comments across their borders', async () => {
    const row = (i: number) => `${i}||'${'x'.repeat(i % 40)}\\'||${i}'\r\n`;
    const rows = Array.from(
      { length: 60_000 },
      (_, i) => (i % 7 === 0 ? `#${row(i)}` : '') + row(i),
    );
    const { counts, problems } = at.convert(`-\nid||name\n${rows.join('')}`, columns, { dialect });
    expect(problems).toEqual([]);
    expect(counts.rowsAccepted).toBe(60_000);
    const { id, name } = await at.readParquet();
    expect(id).toEqual(Array.from({ length: 60_000 }, (_, i) => i));
    expect(name).toEqual(id?.map((i) => `${'x'.repeat(Number(i) % 40)}'||${Number(i)}`));
  });

  test('is refused for a row or comment beyond the limit, of which csv-parse reads no more', () => {
    const refused = (line: string) =>
      complaints(`-\nid||name\n1||a\n${line}\n`, { dialect, settings: { lineBytesMax: 1 << 20 } });
    const long = 'x|'.repeat(1 << 20);
    for (const line of [long, '||'.repeat(1 << 20), `#${long}`, `2||'\n${long}`]) {
      expect(refused(line)).toEqual([['line_length', 4, null]]);
    }
  });

  test('is refused for NUL bytes and for bytes that are not UTF-8, wherever they stand', () => {
    const header = '-\nid||name\n';
    expect(complaints(`${header}1||a\n#\0\n`, { dialect })).toEqual([['nul_byte', 4, null]]);
    const latin1 = (text: string) => complaints(Buffer.from(header + text, 'latin1'), { dialect });
    expect(latin1('1||a\n2||\xe9\n')).toEqual([['encoding', 4, 'name']]);
    expect(latin1("1||'\\\xe9'\n")).toEqual([['encoding', 3, 'name']]);
    expect(latin1('1||a\n#\xe9\n')).toEqual([['encoding', 0, null]]);
    expect(complaints('-é\nid||name\n1||é\n#é\n', { dialect })).toEqual([]);
  });
});

test('every row is accounted for, whatever the file holds', () => {
  const cell = fc.constantFrom('1', '01', '', 'x', '"a\n"', '"', 'NA', 'a,b', '"b"c');
  const row = fc.array(cell, { minLength: 1, maxLength: 3 }).map((cells) => cells.join(','));
  const clean = fc.record({
    nullRows: fc.constantFrom('keep' as const, 'drop_any' as const),
    duplicateRows: fc.constantFrom('keep' as const, 'drop' as const),
  });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 12 }), clean, (rows, options) => {
      const result = at.convert(`id,name\n${rows.join('\n')}\n`, columns, {
        clean: { ...options, nullWords: ['NA'] },
        settings: { rowGroupRows: 3 },
      });
      expect(accounted(result)).toBe(result.counts.rowsRead);
      expect(result.counts.rowsRejected > 0).toBe(result.problemsTotal > 0);
      expect(at.outputs().length).toBe(result.problemsTotal > 0 ? 0 : 2);
    }),
    { numRuns: 150 },
  );
});

describe('trouble of the environment', () => {
  const text = 'id,name\n1,a\n';

  test('a source that is not what it was identified as is source_changed, and leaves nothing', () => {
    const state = at.write(text);
    const changed = expect.objectContaining({ code: 'source_changed', retry: true }) as unknown;
    for (const expected of [
      { ...state, bytes: state.bytes - 1 },
      { ...state, mtimeNs: String(BigInt(state.mtimeNs) - 1n) },
    ]) {
      expect(() => at.convert(text, columns, { expected })).toThrow(changed);
    }
    expect(at.outputs()).toEqual([]);
  });

  test.each([
    [
      'appended to',
      (path: string) => {
        appendFileSync(path, '2,b\n');
      },
    ],
    [
      'touched',
      (path: string) => {
        utimesSync(path, 1, 1);
      },
    ],
  ])(
    'a source that is %s while it is read is source_changed, and leaves nothing',
    (_title, change) => {
      // The footer's metadata are asked for when all of the source has been read.
      const metadata = {
        get a() {
          change(at.source);
          return 'b';
        },
      };
      expect(() => at.convert(text, columns, { outputs: { metadata } })).toThrow(
        expect.objectContaining({ code: 'source_changed' }),
      );
      expect(at.outputs()).toEqual([]);
    },
  );

  test('an output that cannot be made is an error, and leaves nothing', () => {
    const outputs = { parquet: join(at.folder, 'none', 'a.parquet') };
    expect(() => at.convert(text, columns, { outputs })).toThrow(
      expect.objectContaining({ code: 'io_failed' }),
    );
    expect(at.outputs()).toEqual([]);
    expect(() =>
      at.convert(text, columns, { outputs: { loadFile: join(at.folder, 'none', 'rows') } }),
    ).toThrow('ENOENT');
    expect(at.outputs()).toEqual([]);
  });

  test('what cannot be discarded does not hide why, nor keep the rest from being discarded', () => {
    const metadata = {
      get a() {
        appendFileSync(at.source, '2,b\n');
        rmSync(at.parquet);
        mkdirSync(at.parquet);
        return 'b';
      },
    };
    expect(() => at.convert(text, columns, { outputs: { metadata } })).toThrow(
      expect.objectContaining({ code: 'source_changed' }),
    );
    expect(at.outputs()).toEqual(['a.parquet.tmp']);
  });

  const descriptors = '/proc/self/fd';
  test.skipIf(!existsSync(descriptors))(
    'no descriptor stays open, whatever comes of a file',
    () => {
      const open = () => readdirSync(descriptors).length;
      const before = open();
      at.convert(text, columns);
      at.convert('id,name\nx,a\n', columns);
      at.convert('', columns);
      mkdirSync(join(at.folder, 'taken'));
      const outputs = { parquet: join(at.folder, 'taken') };
      expect(() => at.convert(text, columns, { outputs })).toThrow();
      expect(open()).toBe(before);
    },
  );
});
