/**
 * Text as one line that is safe to print: what would break the line, steer a terminal or make a name read as another
 * (control characters, direction marks, invisible characters) is shown as \n, \x1b or \u{202e}. A file name may hold any
 * of them.
 */
export function visibleText(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
    if (character === '\n') return '\\n';
    if (character === '\r') return '\\r';
    if (character === '\t') return '\\t';
    const code = character.codePointAt(0) ?? 0;
    const digits = code.toString(16);
    return code < 256 ? `\\x${digits.padStart(2, '0')}` : `\\u{${digits}}`;
  });
}
