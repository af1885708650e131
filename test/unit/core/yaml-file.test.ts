import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readYamlFile, type YamlFile } from '../../../src/core/yaml-file.ts';
import { HopperError } from '../../../src/errors/hopper-error.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hopper-yaml-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function read(content: string | Uint8Array): YamlFile {
  const path = join(folder, 'file.yaml');
  writeFileSync(path, content);
  return readYamlFile(path, 'config');
}

function refusal(content: string | Uint8Array): HopperError {
  try {
    read(content);
  } catch (error) {
    if (error instanceof HopperError) return error;
    throw error;
  }
  throw new Error('The file was accepted.');
}

describe('values', () => {
  test('scalars stay as they are written, and only plain empty, ~ and null are null', () => {
    const { value } = read('a: 0123\nb: true\nc: NaN\nd:\ne: ~\nf: null\ng: "null"\nh: 1.50\n');
    expect({ ...(value as object) }).toEqual({
      a: '0123',
      b: 'true',
      c: 'NaN',
      d: null,
      e: null,
      f: null,
      g: 'null',
      h: '1.50',
    });
  });

  test('a byte order mark and CRLF line ends are no part of a value', () => {
    const file = read('\ufeffa: 1\r\nb: 2\r\n');
    expect({ ...(file.value as object) }).toEqual({ a: '1', b: '2' });
    expect(file.lineOf(['b'])).toBe(2);
  });

  test('a file of comments is null', () => {
    expect(read('# nothing\n').value).toBeNull();
  });

  test('a file that something has emptied is refused, not taken for one that leaves out everything', () => {
    expect(() => read('')).toThrow(/:1: the file is empty; a crash or a full disk/);
  });

  test('__proto__ is a key like any other', () => {
    const { value } = read('__proto__: {polluted: 1}\n');
    expect(Object.keys(value as object)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('keys keep the order of the file, numbers among them', () => {
    expect(read('b: 1\n2020: 2\na: 3\n').keysOf([])).toEqual(['b', '2020', 'a']);
    expect(read('b: 1\n').keysOf(['c'])).toEqual([]);
  });
});

describe('lines', () => {
  test('a key is on its own line, in block style and in flow style', () => {
    const file = read(
      '# first\na:\n  b: {c: 1,\n      d: [x,\n          y]}\ne:\n  - f: 1\n    g: 2\n',
    );
    expect(file.lineOf(['a'])).toBe(2);
    expect(file.lineOf(['a', 'b', 'c'])).toBe(3);
    expect(file.lineOf(['a', 'b', 'd'])).toBe(4);
    expect(file.lineOf(['a', 'b', 'd', 1])).toBe(5);
    expect(file.lineOf(['e', 0, 'g'])).toBe(8);
  });

  test('a key that is missing has the line of its parent', () => {
    const file = read('a: 1\nb:\n  c: 1\n');
    expect(file.lineOf(['b', 'x', 'y'])).toBe(2);
    expect(file.lineOf(['x'])).toBe(1);
  });

  test('problems are listed by line, and no more than ten', () => {
    const file = read('a: 1\nb: 2\n');
    const two = file.invalid([
      { path: ['b'], message: 'second' },
      { path: ['a'], message: 'first' },
    ]);
    expect(two.message).toBe(`${file.name}:1: first\n${file.name}:2: second`);
    expect(two.details).toEqual({ file: file.name, line: 1, problems: 2 });
    const many = file.invalid(Array.from({ length: 13 }, () => ({ path: [], message: 'no' })));
    expect(many.message.split('\n')).toHaveLength(11);
    expect(many.message).toMatch(/\nand 3 more$/);
  });
});

describe('refusals', () => {
  test.each([
    ['a syntax error', 'a: 1\nb: [1\n', /:\d: not valid YAML: /],
    ['a key that is there twice', 'a: 1\nb: 2\na: 3\n', /:3: the key "a" is there twice$/],
    ['an alias', 'a: &x [1]\nb: *x\n', /:2: aliases/],
    ['a tag', 'a: 1\nb: !!binary aaaa\n', /:2: tags/],
    ['a tag on a list', 'a: !!set\n  - b\n', /:1: tags/],
    ['a list as a key', 'a: 1\n? [b]\n: 2\n', /:2: a key must be plain text$/],
    ['a second document', 'a: 1\n---\nb: 1\n', /: the file holds more than one/],
    ['endless nesting', `a: ${'['.repeat(5000)}`, /:1: not valid YAML: nesting/],
    [
      'bytes that are not UTF-8',
      Buffer.from('a: 1\nb: caf\xe9\n', 'latin1'),
      /:2: the text is not UTF-8/,
    ],
    ['more than a megabyte', `a: ${'x'.repeat(1024 * 1024)}`, /:1: the file is larger than 1 MiB$/],
  ])('%s is refused with its line', (_, content, message) => {
    const error = refusal(content);
    expect(error.code).toBe('config_invalid');
    expect(error.message).toMatch(message);
  });

  test('an alias bomb is refused before it is expanded', () => {
    const levels = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`);
    expect(refusal(['a0: &a0 x', ...levels].join('\n')).message).toMatch(/:2: aliases/);
  });

  test('an error carries no text of the file, which may hold a password', () => {
    const error = refusal('password: s3cret\nb: [1\n');
    expect(error.message).not.toContain('s3cret');
    expect(error.cause).toBeUndefined();
  });

  test('a missing file and a folder are unreadable, with the code of their kind', () => {
    const codeOf = (path: string) => {
      try {
        readYamlFile(path, 'schema');
      } catch (error) {
        return (error as HopperError).code;
      }
      return null;
    };
    expect(codeOf(join(folder, 'none.yaml'))).toBe('schema_unreadable');
    expect(codeOf(folder)).toBe('schema_unreadable');
  });
});
