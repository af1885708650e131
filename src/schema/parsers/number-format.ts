/**
 * Rewrites numbers with another decimal sign, or with digits in groups, as the types read them; null where one is not written
 * so. Groups have three digits each: with "." between them, "1.5" is no number rather than fifteen.
 */
export function numberRewriter(
  decimalChar: string,
  groupChar: string | null,
): (text: string) => string | null {
  const decimal = escaped(decimalChar);
  const group = groupChar === null ? null : escaped(groupChar);
  const whole = group === null ? '\\d*' : `\\d{1,3}(?:${group}\\d{3})+|\\d*`;
  const form = new RegExp(`^([+-]?)(${whole})(?:${decimal}(\\d*))?([eE][+-]?\\d+)?$`, 'u');
  return (text) => {
    const found = form.exec(text);
    if (found === null) return null;
    const [, sign = '', digits = '', fraction, exponent = ''] = found;
    const plain = groupChar === null ? digits : digits.replaceAll(groupChar, '');
    return `${sign}${plain}${fraction === undefined ? '' : `.${fraction}`}${exponent}`;
  };
}

function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)!.toString(16)}}`;
}
