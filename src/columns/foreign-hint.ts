import { isUtf8 } from 'node:buffer';
import type { CellHint } from './cell-hint.ts';

/** A longer cell is not shown whole, so neither is its repair. */
const DECODED_MAX = 200;

/** Bytes to which Windows-1252 gives no character. */
const notWindows: ReadonlySet<number> = new Set([0x81, 0x8d, 0x8f, 0x90, 0x9d]);

/** What Windows-1252 has from 0x80 to 0x9f; spaces where it has nothing. */
const windowsOnly = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';

/** What bytes look like that are not UTF-8: in which encoding they were probably written. */
export function foreignHint(bytes: Uint8Array): CellHint {
  if (isCutUtf8(bytes)) {
    return {
      looksLike:
        'It looks like UTF-8 whose last character was cut in two, as when text is cut by bytes.',
      repairs: [],
    };
  }
  if (bytes.some((byte) => notWindows.has(byte))) {
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
    looksLike: `It looks like ${named}: save the file as UTF-8 (in Excel: "CSV UTF-8").`,
    repairs: bytes.length > DECODED_MAX ? [] : [windowsText(bytes)],
  };
}

/** Own, because the TextDecoder of some versions of Node.js takes Windows-1252 for Latin-1 (nodejs/node issue 56542). */
function windowsText(bytes: Uint8Array): string {
  const latin = Buffer.from(bytes).toString('latin1');
  return latin.replaceAll(/[\u0080-\u009f]/g, (c) => windowsOnly[c.charCodeAt(0) - 0x80]!);
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
