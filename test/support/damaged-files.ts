// Files whose damage is known: what a sender meant to write, and how it went wrong on the way. In: a seed. Out: the file, its sound rows,
// and for each damaged place the line and the rules by which it ought to be refused.
import { SeededRandom } from './seeded-random.ts';

export const damagedSchema = `
id: { type: INTEGER, required: true, min: 1, unique: true }
customer: { type: VARCHAR(20), required: true, minLength: 2 }
country: { type: CHAR(2), enum: [de, fr, nl] }
placed: { type: DATE, required: true, min: 2020-01-01 }
amount: { type: 'DECIMAL(9,2)', required: true, max: 99999 }
rate: DOUBLE
paid: BOOLEAN
code: { type: VARCHAR(12), pattern: '[A-Z]{2}-\\d{4}' }
note: VARCHAR(60)
closed: { type: DATETIME, required: true }
$checks:
  - date(closed) >= placed
`;

const header = 'id;customer;country;placed;amount;rate;paid;code;note;closed';

/** Raw fields of a row, in the order of the header. */
type Fields = string[];

export interface DamagedFile {
  kind: string;
  content: Buffer;
  /** Lines of the damage, and the rules of which one has to be named there; line 0: the file as a whole. */
  damage: { line: number; rules: readonly string[] }[];
  /** Customers and notes of the rows that nothing has happened to, as their sender means them, by id. */
  sound: Map<number, string>;
  /** Whether the whole file has to be refused. */
  isRefused: boolean;
}

const at = {
  id: 0,
  customer: 1,
  country: 2,
  placed: 3,
  amount: 4,
  rate: 5,
  paid: 6,
  code: 7,
  note: 8,
  closed: 9,
};

function soundRow(id: number, random: SeededRandom): Fields {
  const two = (number: number): string => String(number).padStart(2, '0');
  const day = `2026-${two(1 + random.below(12))}-${two(1 + random.below(28))}`;
  return [
    String(id),
    random.oneOf(['Müller', 'de Vries', '"Dupont; Fils"', 'O’Brien', 'Łukasz']),
    random.oneOf(['de', 'fr', 'nl', '']),
    day,
    `${random.below(90_000)}.${two(random.below(100))}`,
    random.oneOf(['0.5', '1e3', '-2', '']),
    random.oneOf(['true', 'false', '']),
    `${random.oneOf(['AB', 'XY'])}-${1000 + random.below(9000)}`,
    random.oneOf([
      '',
      'none',
      '"said ""yes"", and left"',
      '"two\nlines"',
      '"a;b"',
      '12" pipe'.replace('"', '″'),
    ]),
    `${day} 12:30:00`,
  ];
}

/** What a row's texts say without their quotes; a text that is empty is none. */
function meaningOf(fields: Fields): string {
  const [customer, note] = [fields[at.customer], fields[at.note]].map((field = '') =>
    field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field,
  );
  return `${customer}/${note}`;
}

/** What becomes of one row: the text in its place, and each of its lines that ought to be refused, counted from its first. */
type RowDamage = (
  fields: Fields,
  random: SeededRandom,
) => { text: string; refused: [lineOffset: number, ...rules: string[]][] };

/** A cell is replaced. */
function cell(column: keyof typeof at, values: readonly string[], ...rules: string[]): RowDamage {
  return (fields, random) => ({
    text: fields.with(at[column], random.oneOf(values)).join(';'),
    // An editor shows the cell on the line that those before it have come to.
    refused: [[lineCount(fields.slice(0, at[column]).join(';')) - 1, ...rules]],
  });
}

const rowDamages: Record<string, RowDamage> = {
  'letters in a number': cell('id', ['12a', 'unknown', 'O1', '1 2'], 'type'),
  'a decimal where whole numbers are': cell('id', ['1.5', '1,5'], 'type'),
  'a number beyond its type': cell('id', ['99999999999'], 'range'),
  'a number beyond its bounds': cell('amount', ['100000.00', '99999.01'], 'max'),
  'a decimal comma': cell('amount', ['12,50', '1.234,50'], 'type'),
  'too many decimals': cell('amount', ['12.505'], 'range', 'type'),
  'a currency sign': cell('amount', ['€ 12.50', '$12'], 'type'),
  'a day that does not exist': cell('placed', ['2026-02-30', '2026-13-01'], 'range', 'type'),
  'a date in another order': cell('placed', ['24.12.2026', '12/24/2026'], 'type'),
  'a serial number of a spreadsheet for a date': cell('placed', ['46010'], 'type'),
  'a date before its bound': cell('placed', ['1926-01-05'], 'min'),
  'a time that does not exist': cell('closed', ['2026-05-05 25:00:00'], 'range', 'type'),
  'a value that is required and missing': cell('customer', ['', '  '], 'nullable'),
  'a text that is too long': cell('customer', ['x'.repeat(21)], 'length'),
  'a text that is too short': cell('customer', ['M'], 'min_length'),
  'a word that is none of the list': cell('country', ['DE', 'uk', 'xx'], 'enum'),
  'a code of another form': cell('code', ['ab-1234', 'AB1234', 'AB-12345'], 'pattern'),
  'a number that is none': cell('rate', ['NaN', 'inf', '1.2.3', '--'], 'type'),
  'a truth that is none': cell('paid', ['maybe', '2', 'wahr'], 'type'),
  'an end before its beginning': (fields) => ({
    text: fields.with(at.closed, '2019-01-01 00:00:00').join(';'),
    // What is wrong is the row, so its first line is named.
    refused: [[0, 'check']],
  }),
  'an error of a spreadsheet': cell('amount', ['#REF!', '#N/A', '#####'], 'type'),
  'a quote inside a value': cell('note', ['12" pipe', 'say "yes"'], 'quote'),
  'text behind a closing quote': cell('note', ['"a" b', '"a"b"'], 'quote'),
  'a delimiter that is not quoted': cell('note', ['a;b', 'one;two;three'], 'field_count'),
  'a field too few': (fields, random) => ({
    text: fields.toSpliced(1 + random.below(8), 1).join(';'),
    refused: [[0, 'field_count']],
  }),
  'cells that are shifted': (fields) => ({
    text: ['', ...fields.slice(0, -1)].join(';'),
    // Each cell is held against the rules of its neighbour.
    refused: [[0, 'nullable', 'type', 'length', 'pattern']],
  }),
  'a row without its end': (fields, random) => ({
    text: fields.slice(0, 2 + random.below(7)).join(';'),
    refused: [[0, 'field_count']],
  }),
  'a line break that is not quoted': (fields) => ({
    text: fields.with(at.note, 'first\nsecond').join(';'),
    refused: [
      [0, 'field_count'],
      [1, 'field_count'],
    ],
  }),
  'two rows in one line': (fields) => ({
    text: [...fields, ...fields].map((field) => field.replaceAll('\n', ' ')).join(';'),
    refused: [[0, 'field_count']],
  }),
  'a quote that is not closed': cell('note', ['"said and left'], 'quote'),
};

const FIRST_LINE = 2;

function lineCount(text: string): number {
  return text.split('\n').length;
}

/** A file of sound rows, of which a few are damaged in the same way. */
function withDamagedRows(
  kind: string,
  damageRow: RowDamage,
  random: SeededRandom,
  rows: number,
): DamagedFile {
  const damaged = new Set(Array.from({ length: 3 }, () => random.below(rows)));
  const file: DamagedFile = {
    kind,
    content: Buffer.alloc(0),
    damage: [],
    sound: new Map(),
    isRefused: false,
  };
  const texts = [header];
  let line = FIRST_LINE;
  for (let row = 0; row < rows; row++) {
    const fields = soundRow(row + 1, random);
    if (damaged.has(row)) {
      const { text, refused } = damageRow(fields, random);
      file.damage.push(...refused.map(([offset, ...rules]) => ({ line: line + offset, rules })));
      texts.push(text);
    } else {
      file.sound.set(row + 1, meaningOf(fields));
      texts.push(fields.join(';'));
    }
    line += lineCount(texts.at(-1) ?? '');
  }
  return { ...file, content: Buffer.from(`${texts.join('\n')}\n`) };
}

/** What becomes of a whole file; the line and the rules by which it ought to be refused. */
type FileDamage = (
  content: Buffer,
  random: SeededRandom,
) => { content: Buffer; line: number; rules: string[] };

function changed(change: (text: string) => string, line: number, ...rules: string[]): FileDamage {
  return (content) => ({ content: Buffer.from(change(content.toString())), line, rules });
}

const fileDamages: Record<string, FileDamage> = {
  'no header': changed(
    (text) => text.slice(text.indexOf('\n') + 1),
    1,
    'header_missing_column',
    'header_delimiter',
    'header_duplicate_column',
  ),
  'a column with another name': changed(
    (text) => text.replace(';amount;', ';sum;'),
    1,
    'header_missing_column',
    'header_extra_column',
  ),
  'a column too many': changed(
    (text) => text.replace(';note;', ';note;extra;'),
    1,
    'header_extra_column',
  ),
  'a column twice': changed(
    (text) => text.replace(';note;', ';code;'),
    1,
    'header_duplicate_column',
    'header_missing_column',
  ),
  'a delimiter that is none': changed(
    (text) => text.replaceAll(';', '#'),
    1,
    'header_delimiter',
    'header_missing_column',
  ),
  'nothing at all': changed(() => '', 0, 'empty_file'),
  'UTF-16 without its mark': (content) => ({
    content: Buffer.from(content.toString(), 'utf16le'),
    line: 1,
    rules: ['encoding', 'nul_byte'],
  }),
  'a byte of zeros': (content, random) => {
    const line = 2 + random.below(50);
    const lines = content.toString().split('\n');
    lines[line - 1] = `${lines[line - 1] ?? ''}\0`;
    return { content: Buffer.from(lines.join('\n')), line, rules: ['nul_byte'] };
  },
  'an archive under the name of a CSV': (content) => ({
    content: Buffer.concat([Buffer.from('PK\u0003\u0004\u0014\0'), content]),
    ...{ line: 1, rules: ['nul_byte'] },
  }),
};

/** Files with each kind of damage, `times` of each. */
export function damagedFiles(seed: number, times: number, rows: number): DamagedFile[] {
  const random = new SeededRandom(seed);
  const files: DamagedFile[] = [];
  for (let time = 0; time < times; time++) {
    for (const [kind, damageRow] of Object.entries(rowDamages))
      files.push(withDamagedRows(kind, damageRow, random, rows));
    files.push(withForeignRow(random, rows), withRepeatedKey(random, rows));
    for (const [kind, damageFile] of Object.entries(fileDamages)) {
      const texts = Array.from({ length: rows }, (_, row) => soundRow(row + 1, random).join(';'));
      const sound = Buffer.from(`${[header, ...texts].join('\n')}\n`);
      const { content, line, rules } = damageFile(sound, random);
      files.push({ kind, content, damage: [{ line, rules }], sound: new Map(), isRefused: true });
    }
  }
  return files;
}

/** One row of a file in UTF-8 was written in ISO-8859-1. */
function withForeignRow(random: SeededRandom, rows: number): DamagedFile {
  const file = withDamagedRows(
    'a row in another encoding',
    cell('customer', ['M@ller'], 'encoding'),
    random,
    rows,
  );
  return {
    ...file,
    content: Buffer.from(file.content.map((byte) => (byte === 0x40 ? 0xfc : byte))),
  };
}

function withRepeatedKey(random: SeededRandom, rows: number): DamagedFile {
  const texts = Array.from({ length: rows }, (_, row) => soundRow(row + 1, random));
  const twice = 1 + random.below(rows - 1);
  texts[twice] = (texts[twice] ?? []).with(at.id, '1');
  const line =
    FIRST_LINE +
    texts.slice(0, twice).reduce((sum, fields) => sum + lineCount(fields.join(';')), 0);
  return {
    ...{
      kind: 'a key that was there before',
      content: Buffer.from(`${[header, ...texts.map((fields) => fields.join(';'))].join('\n')}\n`),
    },
    ...{ damage: [{ line, rules: ['unique'] }], isRefused: false },
    sound: new Map(
      texts.flatMap((fields, row) => (row === twice ? [] : [[row + 1, meaningOf(fields)]])),
    ),
  };
}
