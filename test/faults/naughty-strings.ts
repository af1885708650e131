import type { SeededRandom } from '../support/seeded-random.ts';

/** What spreadsheets, databases, shells, templates, terminals and careless programs take for something else than text. */
const FRAGMENTS = [
  ...['=1+1', '+1', '-1', '@SUM(A1)', "=cmd|' /C calc'!A0", '=HYPERLINK("x")'],
  ...["'; DROP TABLE t; --", '" OR ""="', '`', '\\', '\\N', '\\0', "\\'", '%s%n', '0x41'],
  ...['NULL', 'null', 'None', 'NaN', 'Infinity', '-0', '1e309', 'true', '1970-01-01', '007'],
  ...[
    '${HOME}',
    '$(id)',
    '`id`',
    '{{7*7}}',
    '<script>',
    '<!--',
    ']]>',
    '&amp;',
    '%2e%2e%2f',
    '../..',
  ],
  ...['__proto__', 'constructor', 'toString', 'undefined', '[object Object]'],
  ...['\u001b[31m', '\u0007', '\u0008', '\u007f', '\u0085', '\u2028', '\u2029'],
  ...['\u202e', '\u2066', '\u200b', '\u200d', '\u00ad', '\ufeff', '\ufffd', '\ufffe', '\uffff'],
  ...['e\u0301', '\u00e9', '\u0130', '\u1e9e', '\uff21', '漢字', '한글', 'ابجد', 'नमस्ते'],
  ...[
    '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}',
    '\u{1f3f3}\ufe0f',
    '\u{10ffff}',
    'a\u0300\u0316\u0317',
  ],
  ...[',', ';', '\t', '|', '"', '""', "'", '\n', '\r', '\r\n', ' ', '#', '//'],
] as const;

const FRAGMENTS_MAX = 6;

/** Text from a few of them, which is more than white space and is not empty. */
export function naughtyString(random: SeededRandom): string {
  for (;;) {
    const count = 1 + random.below(FRAGMENTS_MAX);
    const text = Array.from({ length: count }, () => random.oneOf(FRAGMENTS)).join('');
    if (text.trim() !== '') return text;
  }
}
