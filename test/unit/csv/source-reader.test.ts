import { isUtf8 } from 'node:buffer';
import { appendFileSync, truncateSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PADDING_BYTES } from '../../../src/csv/row-block.ts';
import { lineAtPosition, type SourceReader } from '../../../src/csv/source-reader.ts';
import { withReader } from './source-file.ts';

const MIB = 1 << 20;

/** Reads to the end as a scanner makes it: whole lines are consumed, what is behind the last line end stays. */
function readLines(reader: SourceReader): Buffer {
  const consumed: Buffer[] = [];
  while (reader.refill()) {
    const held = Buffer.from(reader.bytes.subarray(reader.start, reader.end));
    const take = reader.last ? held.length : held.lastIndexOf(10) + 1;
    consumed.push(held.subarray(0, take));
    reader.start += take;
  }
  return Buffer.concat(consumed);
}

const character = fc.constantFrom('a', 'é', '€', '日', '😀', '\uFEFF', '\n', '\n');
const text = fc.array(character, { maxLength: 60 }).map((parts) => parts.join(''));
// Lines of any length fit, but the small buffer cuts the characters at every place.
const withLines = fc.array(fc.string({ unit: character, maxLength: 3 }), { maxLength: 30 });

describe('reading', () => {
  test('all bytes come by, in order, in a buffer no longer than a line may be', () => {
    fc.assert(
      fc.property(withLines, fc.integer({ min: 16, max: 24 }), (lines, bytesMax) => {
        const content = Buffer.from(lines.map((line) => `${line}\n`).join(''));
        withReader(content, bytesMax, (reader) => {
          expect(readLines(reader).equals(content)).toBe(true);
          expect(reader.last).toBe(true);
          expect(reader.bytes.length).toBeLessThanOrEqual(bytesMax + PADDING_BYTES);
        });
      }),
    );
  });

  test('the buffer grows for a longer line, up to the limit', () => {
    const line = Buffer.alloc(3 * MIB, 'x');
    withReader(Buffer.concat([line, line]), 4 * MIB, (reader) => {
      expect([reader.refill(), reader.refill(), reader.refill()]).toEqual([true, true, true]);
      expect(reader.end).toBe(4 * MIB);
      expect(reader.last).toBe(false);
      expect(reader.refill()).toBe(false);
      expect(reader.bytes).toHaveLength(4 * MIB + PADDING_BYTES);
    });
  });

  test('the memory does not grow with the file', () => {
    const content = Buffer.from('0123456\n'.repeat(MIB));
    withReader(content, 16 * MIB, (reader) => {
      expect(readLines(reader)).toHaveLength(content.length);
      expect(reader.bytes).toHaveLength(MIB + PADDING_BYTES);
    });
  });

  test('an empty file ends at once', () => {
    withReader('', 1024, (reader) => {
      expect(reader.refill()).toBe(true);
      expect([reader.start, reader.end, reader.last]).toEqual([0, 0, true]);
      expect(reader.refill()).toBe(false);
    });
  });

  test('a file that becomes shorter while it is read ends where it ends', () => {
    withReader(Buffer.from('0123456\n'.repeat(512 * 1024)), 16 * MIB, (reader, _fd, path) => {
      reader.refill();
      truncateSync(path, 1.5 * MIB);
      reader.start = reader.end;
      const rest = readLines(reader);
      expect(rest).toHaveLength(0.5 * MIB);
      expect(reader.last).toBe(true);
    });
  });

  test('what is appended later is not looked at', () => {
    withReader('a\nb\n', 1024, (reader, _fd, path) => {
      appendFileSync(path, 'c\n');
      expect(readLines(reader).toString()).toBe('a\nb\n');
    });
  });
});

describe('what no CSV may hold', () => {
  test('UTF-8 is never foreign, however the buffer cuts its characters', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 9 }), (content, bytesMax) => {
        withReader(content, bytesMax, (reader) => {
          readLines(reader);
          expect(reader.foreign).toBe(false);
        });
      }),
    );
  });

  test('bytes are foreign exactly where the whole of them is not UTF-8', () => {
    const byte = fc.constantFrom(0x0a, 0x41, 0x80, 0xbf, 0xc3, 0xa9, 0xe2, 0x82, 0xf0, 0x9f, 0xff);
    const bytes = fc.array(byte, { maxLength: 24 }).map((list) => Uint8Array.from(list));
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 9 }), (content, bytesMax) => {
        withReader(content, bytesMax, (reader) => {
          const seen = readLines(reader);
          // A line that is too long ends the reading; only what was read can be judged.
          if (seen.length === content.length) expect(reader.foreign).toBe(!isUtf8(content));
        });
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['cut off by the end of the file', Buffer.from(`${'x'.repeat(MIB - 1)}é`).subarray(0, MIB)],
    [
      'cut off by a line end behind a full buffer',
      Buffer.from(`${'x'.repeat(MIB - 1)}\xc3\n`, 'latin1'),
    ],
  ])('a character %s is foreign', (_title, content) => {
    withReader(content, 16 * MIB, (reader) => {
      readLines(reader);
      expect(reader.foreign).toBe(true);
    });
  });

  test('the first NUL byte is known by its position in the file', () => {
    const content = Buffer.alloc(3 * MIB, 'abcdefg\n');
    for (const position of [0, MIB - 1, MIB, 2 * MIB + 5]) {
      const holed = Buffer.from(content);
      holed[position] = 0;
      holed[3 * MIB - 1] = 0;
      withReader(holed, 16 * MIB, (reader) => {
        readLines(reader);
        expect(reader.nulAt).toBe(position);
      });
    }
    withReader(content, 16 * MIB, (reader) => {
      readLines(reader);
      expect(reader.nulAt).toBe(-1);
    });
  });
});

describe('the line of a position', () => {
  test('is the one that an editor shows, whatever ends the lines', () => {
    const parts = fc.array(fc.constantFrom('\n', '\r', 'a', '\0'), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(parts, (symbols) => {
        const content = symbols.join('');
        withReader(content, 1024, (_reader, fd) => {
          for (let at = 0; at < content.length; at++) {
            // The LF of a CRLF stands on the line that it ends.
            const before = content[at] === '\n' && content[at - 1] === '\r' ? at - 1 : at;
            const ends = content.slice(0, before).match(/\r\n|\r|\n/g)?.length ?? 0;
            expect(lineAtPosition(fd, at)).toBe(ends + 1);
            const from = content.slice(0, at).lastIndexOf('\n') + 1;
            const skipped = from === 0 ? 0 : lineAtPosition(fd, from) - 1;
            expect(skipped + lineAtPosition(fd, at, from)).toBe(ends + 1);
          }
        });
      }),
    );
  });
});
