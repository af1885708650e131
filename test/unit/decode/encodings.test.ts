import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { byteOrderMark } from '../../../src/decode/byte-order-mark.ts';
import { transcoder, type ForeignEncoding } from '../../../src/decode/transcode.ts';
import { decode } from './decoding.ts';

const MARK = '\uFEFF';

function utf16le(text: string): Buffer {
  return Buffer.from(text, 'utf16le');
}

function utf16be(text: string): Buffer {
  return utf16le(text).swap16();
}

/** As the file would be in UTF-8. */
async function text(
  name: string,
  content: Uint8Array,
  ...more: [encoding?: 'windows-1252' | 'iso-8859-1']
) {
  const { bytes, problem } = await decode(name, content, ...more);
  expect(problem).toBeNull();
  return bytes?.toString('utf8') ?? null;
}

test('plain UTF-8 needs no decoding, with a mark or without, whatever the dataset says of files without one', async () => {
  expect((await decode('a.csv', Buffer.from('é'))).bytes).toBeNull();
  expect((await decode('a.csv', Buffer.from(`${MARK}é`))).bytes).toBeNull();
  expect((await decode('a.csv', Buffer.from(`${MARK}é`), 'windows-1252')).bytes).toBeNull();
});

test('UTF-16 is told by its mark, which becomes that of UTF-8, and wins over what the dataset says', async () => {
  for (const encode of [utf16le, utf16be]) {
    expect(await text('a.csv', encode(`${MARK}id;é😀\n`))).toBe(`${MARK}id;é😀\n`);
    expect(await text('a.csv', encode(`${MARK}id;é😀\n`), 'windows-1252')).toBe(`${MARK}id;é😀\n`);
    expect(await text('a.csv', encode(MARK))).toBe(MARK);
  }
});

test('windows-1252 and iso-8859-1 differ from 0x80 to 0x9f', async () => {
  const bytes = Buffer.from([0x80, 0x9f, 0xa4, 0xe9]);
  expect(await text('a.csv', bytes, 'windows-1252')).toBe(`${MARK}€Ÿ¤é`);
  expect(await text('a.csv', bytes, 'iso-8859-1')).toBe(`${MARK}\u0080\u009f¤é`);
});

test('every byte of windows-1252 is what WHATWG says, but for the five that have no character', async () => {
  const decoder = new TextDecoder('windows-1252');
  for (let byte = 0; byte < 256; byte++) {
    const { bytes, problem } = await decode('a.csv', Uint8Array.of(97, byte), 'windows-1252');
    if ([0x81, 0x8d, 0x8f, 0x90, 0x9d].includes(byte)) expect(problem?.rule).toBe('encoding');
    else if (byte < 0x80 || byte > 0x9f)
      expect(bytes?.toString()).toBe(`${MARK}a${String.fromCharCode(byte)}`);
    // Some versions of Node.js give control characters here.
    else if (decoder.decode(Uint8Array.of(0x80)) === '€') {
      expect(bytes?.toString()).toBe(`${MARK}a${decoder.decode(Uint8Array.of(byte))}`);
    }
  }
});

test('a byte without a character is refused with its line', async () => {
  const content = Buffer.from('id;name\r\n1;a\r\n2;\x8d\r\n', 'latin1');
  const { problem } = await decode('a.csv', content, 'windows-1252');
  expect(problem).toMatchObject({ rule: 'encoding', line: 3 });
  expect(problem?.message).toContain('0x8D');
  const first = await decode('a.csv', Uint8Array.of(0x81), 'windows-1252');
  expect(first.problem?.line).toBe(1);
});

test.each([
  ['the first half alone', '\ud83d'],
  ['the second half alone', '\ude00'],
  ['halves in the wrong order', '\ude00\ud83d'],
])('in UTF-16 a pair of surrogates that is none is refused with its line: %s', async (_, bad) => {
  for (const encode of [utf16le, utf16be]) {
    const inside = await decode('a.csv', encode(`${MARK}id\n1\n${bad}x\n`));
    expect(inside.problem).toMatchObject({ rule: 'encoding', line: 3 });
    const atEnd = await decode('a.csv', encode(`${MARK}id\n${bad}`));
    expect(atEnd.problem).toMatchObject({ rule: 'encoding', line: 2 });
  }
});

test('UTF-16 that ends in the middle of a character is refused', async () => {
  const { problem } = await decode(
    'a.csv',
    Buffer.concat([utf16le(`${MARK}a\nb`), Buffer.from('c')]),
  );
  expect(problem).toMatchObject({ rule: 'encoding', line: 2 });
  expect(problem?.message).toContain('ends in the middle');
});

test('UTF-32 is refused by its mark', async () => {
  const { problem } = await decode('a.csv', Uint8Array.of(0xff, 0xfe, 0, 0, 97, 0, 0, 0));
  expect(problem).toMatchObject({ rule: 'encoding', message: 'The file is UTF-32.' });
});

test('marks are told apart', () => {
  expect(byteOrderMark(Uint8Array.of(0xff, 0xfe))).toBe('utf-16le');
  expect(byteOrderMark(Uint8Array.of(0xff, 0xfe, 97, 0))).toBe('utf-16le');
  expect(byteOrderMark(Uint8Array.of(0, 0, 0xfe, 0xff))).toBe('utf-32');
  expect(byteOrderMark(Uint8Array.of(0xef, 0xbb))).toBeNull();
  expect(byteOrderMark(new Uint8Array(0))).toBeNull();
});

describe('however the bytes are cut into chunks', () => {
  const encoders: Record<ForeignEncoding, (text: string) => Buffer> = {
    'utf-16le': utf16le,
    'utf-16be': utf16be,
    'iso-8859-1': (text) => Buffer.from(text, 'latin1'),
    'windows-1252': (text) => Buffer.from(text.replaceAll('€', '\u0080'), 'latin1'),
  };

  const letters = ['a', ';', '"', '\n', '\r', ' ', '\u00e9', '\u00df'];

  test.each(Object.entries(encoders))('%s comes out as it went in', (encoding, encode) => {
    const unit = encoding.startsWith('utf-16')
      ? fc.string({ unit: 'binary' })
      : fc.string({
          unit: fc.constantFrom(...letters, encoding === 'iso-8859-1' ? 'a' : '\u20ac'),
        });
    fc.assert(
      fc.property(unit, fc.array(fc.integer({ min: 0, max: 5 })), (text, cuts) => {
        const bytes = encode(text);
        const transcode = transcoder(encoding as ForeignEncoding);
        const out: Uint8Array[] = [];
        const take = (chunk: Uint8Array, last: boolean): void => {
          const read = transcode(chunk, last);
          if ('message' in read) throw new Error(read.message);
          out.push(read);
        };
        let at = 0;
        for (const cut of cuts) take(bytes.subarray(at, (at += cut)), false);
        take(bytes.subarray(at), true);
        expect(Buffer.concat(out).toString('utf8')).toBe(text);
      }),
    );
  });
});
