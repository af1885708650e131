/** What the first bytes of a text say about its encoding. */
export type ByteOrderMark = 'utf-8' | 'utf-16le' | 'utf-16be' | 'utf-32';

/** How many bytes are needed to tell. */
export const MARK_BYTES_MAX = 4;

/** The mark with which bytes begin; null where there is none. Spec: Unicode 17, 2.13 and 23.8. */
export function byteOrderMark(bytes: Uint8Array): ByteOrderMark | null {
  const [first, second, third, fourth] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first === 0xff && second === 0xfe) {
    return third === 0 && fourth === 0 ? 'utf-32' : 'utf-16le';
  }
  if (first === 0 && second === 0 && third === 0xfe && fourth === 0xff) return 'utf-32';
  return null;
}
