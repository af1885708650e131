import { SeededRandom } from '../support/seeded-random.ts';

/** A dataset for files that nobody should have to read. */
export const HOSTILE = 'hostile';
export const hostileSchema = `a: INTEGER
b: VARCHAR(40)
`;

/** One that has names which mean something to programs. */
export const ODD_NAMES = 'odd_names';
export const oddNamesSchema = `__proto__: INTEGER
constructor: VARCHAR(40)
`;

export interface HostileContent {
  dataset: typeof HOSTILE | typeof ODD_NAMES;
  end: 'failed' | 'finished';
  /** The rule that the first problem has broken. */
  rule?: string;
  /** The bytes, part by part; `large` is about a gigabyte in the long form. */
  parts: (size: { large: number; random: SeededRandom }) => Iterable<string | Buffer>;
}

const PART_BYTES = 1 << 20;
const HEADER = 'a;b\n';

/** So many bytes of the same text over and over. */
function* repeated(text: string | Buffer, bytes: number): Generator<Buffer> {
  const pattern = Buffer.from(text);
  const part = Buffer.alloc(PART_BYTES - (PART_BYTES % pattern.length), pattern);
  for (let left = bytes; left > 0; left -= part.length) {
    yield left >= part.length ? part : part.subarray(0, left - (left % pattern.length));
  }
}

function* rows(bytes: number): Generator<string> {
  for (let row = 0, made = 0; made < bytes;) {
    let text = '';
    while (text.length < PART_BYTES) text += `${row++};some text of row ${row}\n`;
    made += text.length;
    yield text;
  }
}

function* columnNames(count: number): Generator<string> {
  for (let from = 0; from < count; from += 1 << 14) {
    const upTo = Math.min(count, from + (1 << 14));
    let text = from === 0 ? 'a;b' : '';
    for (let column = from; column < upTo; column++) text += `;column ${column}`;
    yield text;
  }
  yield '\n';
}

function* inUtf16(texts: Iterable<string>, order: 'little' | 'big'): Generator<Buffer> {
  for (const text of texts) {
    const bytes = Buffer.from(text, 'utf16le');
    yield order === 'little' ? bytes : bytes.swap16();
  }
}

const fails = { dataset: HOSTILE, end: 'failed' } as const;

/** Made to take memory or time, or to be understood as something else than values. */
export const hostileContents: Readonly<Record<string, HostileContent>> = {
  'a line of 2 GB': {
    ...fails,
    rule: 'line_length',
    *parts({ large }) {
      yield `${HEADER}1;`;
      yield* repeated('x', 2 * large);
    },
  },
  'a header of 2 GB': {
    ...fails,
    rule: 'line_length',
    parts: ({ large }) => repeated('x', 2 * large),
  },
  '10^8 delimiters in a line': {
    ...fails,
    rule: 'line_length',
    *parts({ large }) {
      yield HEADER;
      yield* repeated(';', large / 10);
    },
  },
  '10^8 delimiters in the header': {
    ...fails,
    rule: 'line_length',
    parts: ({ large }) => repeated(';', large / 10),
  },
  'lines of delimiters, each as long as a line may be': {
    ...fails,
    rule: 'field_count',
    *parts({ large }) {
      yield HEADER;
      for (let line = 0; line < 10; line++) {
        yield* repeated(';', large / 80);
        yield '\n';
      }
    },
  },
  'a header of delimiters, as long as a line may be': {
    ...fails,
    *parts({ large }) {
      yield* repeated(';', large / 80);
      yield '\n1;2\n';
    },
  },
  '10^6 columns': {
    ...fails,
    *parts({ large }) {
      yield* columnNames(large / 1000);
      yield* repeated('1;', (2 * large) / 1000);
      yield '\n';
    },
  },
  'a quote at the start that is never closed': {
    ...fails,
    *parts({ large }) {
      yield '"';
      yield HEADER;
      yield* rows(large);
    },
  },
  'a quote behind the header that is never closed': {
    ...fails,
    rule: 'line_length',
    *parts({ large }) {
      yield HEADER;
      yield '1;"';
      yield* rows(large);
    },
  },
  'a gigabyte of quotes': {
    ...fails,
    parts: ({ large }) => repeated('"', large),
  },
  'a gigabyte of quotes behind the header': {
    ...fails,
    rule: 'line_length',
    *parts({ large }) {
      yield HEADER;
      yield* repeated('"', large);
    },
  },
  'a quote in each of very many lines': {
    ...fails,
    rule: 'quote',
    *parts({ large }) {
      yield HEADER;
      yield* repeated('1;x"\n', large / 2);
    },
  },
  'a gigabyte of NULs': {
    ...fails,
    rule: 'nul_byte',
    parts: ({ large }) => repeated('\0', large),
  },
  'NULs behind half a gigabyte of sound rows': {
    ...fails,
    rule: 'nul_byte',
    *parts({ large }) {
      yield HEADER;
      yield* rows(large / 2);
      yield* repeated('\0', large / 10);
    },
  },
  'UTF-16 without its mark, low bytes first': {
    ...fails,
    *parts({ large }) {
      yield* inUtf16([HEADER], 'little');
      yield* inUtf16(rows(large / 10), 'little');
    },
  },
  'UTF-16 without its mark, high bytes first': {
    ...fails,
    *parts({ large }) {
      yield* inUtf16([HEADER], 'big');
      yield* inUtf16(rows(large / 10), 'big');
    },
  },
  'random bytes': {
    ...fails,
    *parts({ large, random }) {
      for (let made = 0; made < large / 10; made += PART_BYTES) {
        yield Buffer.from(Array.from({ length: PART_BYTES }, () => random.below(256)));
      }
    },
  },
  'empty lines only, a gigabyte of them': {
    ...fails,
    parts: ({ large }) => repeated('\n', large),
  },
  'a header and a gigabyte of empty lines': {
    dataset: HOSTILE,
    end: 'finished',
    *parts({ large }) {
      yield HEADER;
      yield* repeated('\n', large);
    },
  },
  'very many rows that are all wrong': {
    ...fails,
    rule: 'type',
    *parts({ large }) {
      yield HEADER;
      yield* repeated('x;\n', large / 2);
    },
  },
  'columns named __proto__ and constructor that nobody expects': {
    ...fails,
    *parts() {
      yield 'a;b;__proto__;constructor;hasOwnProperty;toString\n1;2;3;4;5;6\n';
    },
  },
  'columns named __proto__ and constructor as the schema has them': {
    dataset: ODD_NAMES,
    end: 'finished',
    *parts() {
      yield '__proto__;constructor\n1;text\n2;__proto__\n';
    },
  },
};
