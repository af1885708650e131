import { naughtyString } from './naughty-strings.ts';
import type { SeededRandom } from '../support/seeded-random.ts';

const NAME_BYTES_MAX = 255;
const EXTENSION = '.csv';

/** Names that are allowed, and that a program easily takes for something else: each is of a file that has to be loaded. */
const awkwardNames = [
  ...[
    'new\nline.csv',
    'return\rhere.csv',
    'tab\tbed.csv',
    '\u001b[31mred\u001b[0m.csv',
    'bell\u0007.csv',
  ],
  ...['-rf.csv', '--help.csv', '- .csv', ' leading.csv', 'trailing .csv', 'a..csv', 'a...b.csv'],
  ...['up\\..\\..\\up.csv', '%2e%2e%2fup.csv', 'back\\slash.csv', 'C:\\con.csv', 'stream:name.csv'],
  ...['*.csv', '?.csv', '[a-z].csv', '{a,b}.csv', '!(a).csv', '@(a|b).csv', '+(a).csv', '**.csv'],
  ...[
    '$(id).csv',
    '`id`.csv',
    '${HOME}.csv',
    '$HOME.csv',
    ';id;.csv',
    '&& id.csv',
    '| id.csv',
    '> a.csv',
  ],
  ..."'|\"|''|\"\"|'; DROP TABLE deliveries; --|\\'".split('|').map((name) => `${name}.csv`),
  ...[
    '__proto__.csv',
    'constructor.csv',
    'NULL.csv',
    'NaN.csv',
    '0.csv',
    '=1+1.csv',
    '%s%n.csv',
    'CON.csv',
  ],
  ...[
    '\u202ecod.csv',
    'zero\u200bwidth.csv',
    'bom\ufeff.csv',
    '\ufeffbom.csv',
    'line\u2028end.csv',
    'del\u007f.csv',
  ],
  ...[
    'caf\u00e9.csv',
    'cafe\u0301.csv',
    '漢字.csv',
    '\u{1f468}\u200d\u{1f469}.csv',
    '\u{10ffff}.csv',
    'İ.csv',
  ],
  ...['UPPER.CSV', 'upper.csv', 'Mixed.Csv', 'a.csv.csv', 'a.parquet.csv', 'a.csv.report.json.csv'],
  ...[
    longName('x', 'a'),
    longName('x', 'b'),
    longName('é', ''),
    longName('漢', ''),
    longName('\n', ''),
  ],
];

/** As long as a name may be, of one character and an end. */
function longName(character: string, end: string): string {
  const room = NAME_BYTES_MAX - Buffer.byteLength(end + EXTENSION);
  return character.repeat(Math.floor(room / Buffer.byteLength(character))) + end + EXTENSION;
}

/** All of the above, and as many as that from pieces of hostile text. */
export function hostileNames(random: SeededRandom): string[] {
  const names = new Set(awkwardNames);
  while (names.size < awkwardNames.length * 2) {
    const text = naughtyString(random).replaceAll(/[/\0]/g, '_');
    if (!/^[.~#@]/.test(text)) names.add(text + EXTENSION);
  }
  return [...names];
}

/** Names as bytes that are no text, and how they are told of. */
export const foreignNames: readonly (readonly [bytes: Buffer, shown: string])[] = [
  [Buffer.from('caf\u00e9.csv', 'latin1'), 'caf\\xe9.csv'],
  [Buffer.from('\u00ff\u00fe.csv', 'latin1'), '\\xff\\xfe.csv'],
  // An overlong form of "../", and half of a surrogate pair.
  [
    Buffer.from('\u00c0\u00ae\u00c0\u00ae\u00c0\u00af.csv', 'latin1'),
    '\\xc0\\xae\\xc0\\xae\\xc0\\xaf.csv',
  ],
  [Buffer.from('\u00ed\u00a0\u0080.csv', 'latin1'), '\\xed\\xa0\\x80.csv'],
  [Buffer.from('\u001b[2J\u00e9.csv', 'latin1'), '\\x1b[2J\\xe9.csv'],
];
