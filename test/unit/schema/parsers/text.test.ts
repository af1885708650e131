import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  characterParser,
  jsonParser,
  longTextParser,
} from '../../../../src/schema/parsers/text.ts';
import { parseCell } from './parse-cell.ts';

describe('VARCHAR', () => {
  test('counts code points, as MySQL does, and keeps every byte', () => {
    const unit = fc.constantFrom('a', 'é', '日', '😀', '\u0301', ' ', '\n');
    fc.assert(
      fc.property(fc.string({ unit, minLength: 1, maxLength: 12 }), (text) => {
        const { length } = Array.from(text);
        expect(parseCell(characterParser(length, false), text)).toEqual({ value: text, text });
        expect(parseCell(characterParser(length - 1, false), text)).toBe('length');
      }),
    );
  });

  test('keeps spaces at the end', () => {
    expect(parseCell(characterParser(3, false), 'a  ')).toEqual({ value: 'a  ', text: 'a  ' });
  });
});

describe('CHAR', () => {
  test('takes no space at the end, because MySQL takes it off', () => {
    const parser = characterParser(3, true);
    expect(parseCell(parser, 'a b')).toEqual({ value: 'a b', text: 'a b' });
    expect(parseCell(parser, ' ab')).toEqual({ value: ' ab', text: ' ab' });
    expect(parseCell(parser, 'ab ')).toBe('type');
    expect(parseCell(parser, 'abc ')).toBe('length');
  });
});

describe('TEXT', () => {
  test('counts bytes, as MySQL does', () => {
    const parser = longTextParser(65_535);
    expect(parseCell(parser, 'x'.repeat(65_535))).toMatchObject({ value: 'x'.repeat(65_535) });
    expect(parseCell(parser, 'x'.repeat(65_536))).toBe('length');
    expect(parseCell(parser, 'é'.repeat(32_768))).toBe('length');
  });
});

describe('JSON', () => {
  test('is kept as it is written', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom('', ' ', '\n\t'), (json, space) => {
        const text = `${space}${json}${space}`;
        expect(parseCell(jsonParser, text)).toEqual({ value: text, text });
      }),
    );
  });

  test.each(['{', "{'a':1}", '{"a":1,}', '[1 2]', 'NaN', 'undefined', '01', '"a', '{} {}', ''])(
    'is not %j',
    (cell) => {
      expect(parseCell(jsonParser, cell)).toBe('type');
    },
  );
});
