import { isUtf8 } from 'node:buffer';
import { notWindows1252, windows1252Text } from '../core/windows-1252.ts';
import type { CellHint } from './cell-hint.ts';

/** A longer cell is not shown whole, so neither is its repair. */
const DECODED_MAX = 200;

/** What bytes look like that are not UTF-8: in which encoding they were probably written. */
export function foreignHint(bytes: Uint8Array): CellHint {
  if (isCutUtf8(bytes)) {
    return {
      looksLike:
        'It looks like UTF-8 whose last character was cut in two, as when text is cut by bytes.',
      repairs: [],
    };
  }
  const latin = Buffer.from(bytes).toString('latin1');
  if (notWindows1252.test(latin)) {
    return {
      looksLike:
        'It looks like an old code page of DOS or the Macintosh: save the file as UTF-8 and look at its special letters.',
      repairs: [],
    };
  }
  const named = bytes.some((byte) => byte >= 0x80 && byte < 0xa0)
    ? 'Windows-1252'
    : 'Windows-1252 or Latin-1';
  return {
    looksLike: `It looks like ${named}: save the file as UTF-8 (in Excel: "CSV UTF-8"), or set encoding: windows-1252 for its dataset in the configuration if all its files are so.`,
    repairs: bytes.length > DECODED_MAX ? [] : [windows1252Text(latin)],
  };
}

/** Whether the bytes would be UTF-8 without a character at their end that is not complete. */
function isCutUtf8(bytes: Uint8Array): boolean {
  for (let cut = 1; cut <= 3 && cut <= bytes.length; cut++) {
    const lead = bytes[bytes.length - cut]!;
    if (lead < 0x80) return false;
    if (lead < 0xc2) continue;
    const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    // One byte above 0x7f behind letters is how a word ends in Latin-1 too; a started sequence of three bytes is not.
    return cut > 1 && cut < length && isUtf8(bytes.subarray(0, bytes.length - cut));
  }
  return false;
}
