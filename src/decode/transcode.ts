import type { EncodingName } from '../core/encoding-name.ts';
import { notWindows1252, windows1252Text } from '../core/windows-1252.ts';

/** Text in another encoding than UTF-8. */
export type ForeignEncoding = Exclude<EncodingName, 'utf-8'> | 'utf-16le' | 'utf-16be';

/** What cannot be read: the bytes, in UTF-8, that stand before it, and what it is. */
export interface BadCharacter {
  before: Uint8Array;
  message: string;
  hint: string;
}

/**
 * Turns bytes that come chunk by chunk into UTF-8, strictly: what is no character is told of, not replaced. `last`: nothing
 * follows.
 */
export type Transcode = (chunk: Uint8Array, last: boolean) => Uint8Array | BadCharacter;

export function transcoder(encoding: ForeignEncoding): Transcode {
  switch (encoding) {
    case 'utf-16le':
    case 'utf-16be': {
      const utf16 = new Utf16(encoding);
      return (chunk, last) => utf16.push(chunk, last);
    }
    case 'iso-8859-1':
      return (chunk) => Buffer.from(latin1(chunk), 'utf8');
    case 'windows-1252':
      return windows1252;
  }
}

const AS_UTF8 = 'Save the file anew, best as UTF-8 (in Excel: "CSV UTF-8").';

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

function windows1252(chunk: Uint8Array): Uint8Array | BadCharacter {
  const text = latin1(chunk);
  const bad = text.search(notWindows1252);
  const good = bad === -1 ? text : text.slice(0, bad);
  const before = Buffer.from(windows1252Text(good), 'utf8');
  if (bad === -1) return before;
  const byte = text.charCodeAt(bad).toString(16).toUpperCase();
  return {
    before,
    message: `The line holds the byte 0x${byte}, to which windows-1252 gives no character.`,
    hint: 'Look whether the file is really windows-1252, as the encoding of its dataset says, and not an older code page; else save it as UTF-8.',
  };
}

/** The mark is a character too, U+FEFF, and becomes that of UTF-8. */
class Utf16 {
  readonly #swaps: boolean;
  /** The last bytes, where they are half of a character. */
  #rest: Uint8Array = new Uint8Array(0);

  constructor(encoding: 'utf-16le' | 'utf-16be') {
    this.#swaps = encoding === 'utf-16be';
  }

  push(chunk: Uint8Array, last: boolean): Uint8Array | BadCharacter {
    const bytes = Buffer.concat([this.#rest, chunk]);
    const whole = last ? bytes.length & ~1 : this.#wholeBytes(bytes);
    // A copy, because the rest keeps the order of the file.
    this.#rest = Uint8Array.prototype.slice.call(bytes, whole);
    const units = bytes.subarray(0, whole);
    const text = (this.#swaps ? units.swap16() : units).toString('utf16le');
    const bad = loneSurrogate(text);
    if (bad !== -1) {
      const message =
        'The line holds half of a character (a lone surrogate), which UTF-16 does not allow.';
      return { before: Buffer.from(text.slice(0, bad), 'utf8'), message, hint: AS_UTF8 };
    }
    const read = Buffer.from(text, 'utf8');
    if (!last || this.#rest.length === 0) return read;
    const message = 'The file is UTF-16 and ends in the middle of a character.';
    return { before: read, message, hint: `${AS_UTF8} It may have been cut off.` };
  }

  /** Up to where characters are whole: an odd byte and the first half of a pair wait for the next chunk. */
  #wholeBytes(bytes: Buffer): number {
    const whole = bytes.length & ~1;
    if (whole === 0) return 0;
    const unit = this.#swaps ? bytes.readUInt16BE(whole - 2) : bytes.readUInt16LE(whole - 2);
    return unit >= 0xd800 && unit < 0xdc00 ? whole - 2 : whole;
  }
}

/** Where the first half of a character stands without its other half; -1: nowhere. */
function loneSurrogate(text: string): number {
  // Most text has no pairs either, and is looked through several times as fast for them.
  return /[\ud800-\udfff]/.test(text) ? text.search(/\p{Surrogate}/u) : -1;
}
