import { ACCEPTED, BROKEN_LENGTH, BROKEN_TYPE, textOf, type ValueParser } from '../value-parser.ts';

const SPACE = 32;

/** CHAR and VARCHAR: at most `length` characters, which MySQL counts as Unicode code points. */
export function characterParser(length: number, padded: boolean): ValueParser {
  return (bytes, start, end, sink) => {
    // There are never more characters than bytes, so short values need no counting.
    if (end - start > length && countCharacters(bytes, start, end) > length) return BROKEN_LENGTH;
    // MySQL pads CHAR with spaces and takes them all off on reading, so these would be lost.
    if (padded && bytes[end - 1] === SPACE) return BROKEN_TYPE;
    sink.addBytes(bytes, start, end);
    return ACCEPTED;
  };
}

/** TEXT and its larger relatives: at most `bytesMax` bytes. */
export function longTextParser(bytesMax: number): ValueParser {
  return (bytes, start, end, sink) => {
    if (end - start > bytesMax) return BROKEN_LENGTH;
    sink.addBytes(bytes, start, end);
    return ACCEPTED;
  };
}

/** JSON: any valid document, kept as it is written. */
export const jsonParser: ValueParser = (bytes, start, end, sink) => {
  try {
    JSON.parse(textOf(bytes, start, end));
  } catch {
    // That it does not parse is the answer, which the caller reports with its line.
    return BROKEN_TYPE;
  }
  sink.addBytes(bytes, start, end);
  return ACCEPTED;
};

/** Characters of a text in UTF-8, as MySQL counts them. */
export function countCharacters(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let count = 0;
  // UTF-8 continuation bytes are 10xxxxxx; every other byte starts a character.
  for (let i = start; i < end; i++) if ((bytes[i]! & 0xc0) !== 0x80) count++;
  return count;
}
