/** What Windows-1252 has from 0x80 to 0x9f; spaces where it has nothing. Spec: CP1252.TXT of Unicode. */
const windowsOnly = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';

/** The bytes to which Windows-1252 gives no character. */
export const notWindows1252 = /[\u0081\u008d\u008f\u0090\u009d]/;

/**
 * Text in Windows-1252 that has been read as ISO-8859-1, each byte as the character of its number. Own, because the TextDecoder
 * of some versions of Node.js takes Windows-1252 for Latin-1 (nodejs/node issue 56542), and because it gives control characters
 * for the bytes that have no character.
 */
export function windows1252Text(latin: string): string {
  // Nearly all text has none of them, and is then the same in both.
  if (!/[\u0080-\u009f]/.test(latin)) return latin;
  return latin.replaceAll(/[\u0080-\u009f]/g, (c) => windowsOnly[c.charCodeAt(0) - 0x80]!);
}
