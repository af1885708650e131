// Dates and times that are written in another way than YYYY-MM-DD HH:MM:SS: patterns as strptime has them.
import type { ColumnType } from '../column-type.ts';

/** The parts of a date or time, each with how it is written; those that have two digits may have one where nothing follows. */
const directives: Readonly<Record<string, string>> = {
  Y: '\\d{4}',
  y: '\\d{2}',
  m: '\\d{2}',
  d: '\\d{2}',
  H: '\\d{2}',
  I: '\\d{2}',
  M: '\\d{2}',
  S: '\\d{2}',
  f: '\\d{1,6}',
  p: '[AaPp][Mm]',
  z: 'Z|[+-]\\d{2}:?\\d{2}',
};
const shortened = new Set(['m', 'd', 'H', 'I']);

/** 31 December 2024, 23:59:58 in a zone two hours ahead: which part is which can be seen. */
const examples: Readonly<Record<string, string>> = {
  ...{ Y: '2024', y: '24', m: '12', d: '31' },
  ...{ H: '23', I: '11', p: 'PM', M: '59', S: '58', f: '0', z: '+02:00' },
};

/** What a pattern consists of: the letters of its directives, and the text between them. */
type Part = { directive: string } | { text: string };

function partsOf(pattern: string): Part[] {
  return Array.from(pattern.matchAll(/%(.)|([^%]+)|%$/gsu), ([whole, letter, text]) =>
    text !== undefined || letter === '%' ? { text: text ?? '%' } : { directive: letter ?? whole },
  );
}

/** What is wrong with a pattern for a type, or null. */
export function temporalFormatProblem(pattern: string, { name }: ColumnType): string | null {
  const used = partsOf(pattern).flatMap((part) => ('directive' in part ? [part.directive] : []));
  for (const [i, letter] of used.entries()) {
    if (!Object.hasOwn(directives, letter)) {
      const known = Object.keys(directives).map((each) => `%${each}`);
      return `has a "%${letter.replace('%', '')}"; there are ${known.join(' ')} and %%`;
    }
    if (used.includes(letter, i + 1)) return `has %${letter} twice`;
  }
  const has = (letter: string): boolean => used.includes(letter);
  const hasDate = has('m') && has('d') && has('Y') !== has('y');
  const hasTime = has('M') && (has('H') ? !has('I') && !has('p') : has('I') && has('p'));
  const hasDateParts = ['Y', 'y', 'm', 'd'].some(has);
  const hasTimeParts = ['H', 'I', 'M', 'S', 'f', 'p', 'z'].some(has);
  const needed = ['a year (%Y or %y), %m and %d', '%H (or %I and %p) and %M'] as const;
  if (name === 'DATE')
    return hasDate && !hasTimeParts ? null : `must have ${needed[0]}, and no time`;
  if (has('f') && !has('S')) return 'has %f without %S';
  if (has('z') && name !== 'TIMESTAMP') return `has %z, and a ${name} has no zone`;
  if (name === 'TIME')
    return hasTime && !hasDateParts ? null : `must have ${needed[1]}, and no date`;
  return hasDate && hasTime ? null : `must have ${needed[0]}; ${needed[1]}`;
}

/** A date or time that is written as a pattern says. */
export function temporalExample(pattern: string): string {
  return partsOf(pattern)
    .map((part) => ('text' in part ? part.text : examples[part.directive]))
    .join('');
}

/** Rewrites cells that are written as a pattern says into YYYY-MM-DD HH:MM:SS; null where one is not. */
export function temporalRewriter(pattern: string): (text: string) => string | null {
  const parts = partsOf(pattern);
  const form = parts.map((part, i) => {
    if ('text' in part) return Array.from(part.text, escaped).join('');
    const { directive } = part;
    // Digits that follow one another at once are told apart by their number only.
    const isApart = [parts[i - 1], parts[i + 1]].every(
      (next) => next === undefined || 'text' in next,
    );
    const digits = isApart && shortened.has(directive) ? '\\d{1,2}' : directives[directive]!;
    return `(?<${directive}>${digits})`;
  });
  const whole = new RegExp(`^${form.join('')}$`, 'u');
  return (text) => {
    const { groups: read } = whole.exec(text) ?? {};
    return read === undefined ? null : [dateOf(read), timeOf(read)].filter(Boolean).join(' ');
  };
}

/** Writes YYYY-MM-DD HH:MM:SS, with a fraction or a zone where it has them, as a pattern says; null where that does not hold all of it. */
export function writeTemporal(pattern: string, text: string): string | null {
  const [, Y, m, d, H, M, S, f = '0', z] =
    /^(?:(\d{4})-(\d\d)-(\d\d))? ?(?:(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(.+)?)?$/.exec(text) ?? [];
  const hour = Number(H);
  const [I, p] = [String(hour % 12 || 12).padStart(2, '0'), hour < 12 ? 'AM' : 'PM'];
  const values: Read = { Y, y: Y?.slice(2), m, d, H, I, p, M, S, f, z };
  const written = partsOf(pattern).map((part) =>
    'text' in part ? part.text : values[part.directive],
  );
  if (written.includes(undefined)) return null;
  const cell = written.join('');
  const read = temporalRewriter(pattern)(cell);
  return read?.replace(noFraction, '') === text.replace(noFraction, '') ? cell : null;
}

const noFraction = /\.0+(?!\d)/;

type Read = Readonly<Record<string, string | undefined>>;

function dateOf({ Y, y, m = '', d = '' }: Read): string {
  if (Y === undefined && y === undefined) return '';
  const year = Y ?? fullYear(y ?? '');
  return `${year}-${m.padStart(2, '0')}-${d.padStart(2, '0')}`;
}

/** The year that two digits stand for. POSIX: 69 to 99 are of the last century. */
export function fullYear(digits: string): string {
  return `${Number(digits) >= 69 ? 19 : 20}${digits}`;
}

function timeOf({ H, I, p, M, S, f, z }: Read): string {
  if (M === undefined) return '';
  const hour = H?.padStart(2, '0') ?? hourOf(I ?? '', p ?? '');
  const zone = z === undefined || z === 'Z' ? (z ?? '') : `${z.slice(0, 3)}:${z.slice(-2)}`;
  return `${hour}:${M}:${S ?? '00'}${f === undefined ? '' : `.${f}`}${zone}`;
}

/** On a clock of twelve hours 12 comes before 1. Others are no hour, which the type's parser says. */
function hourOf(hour: string, half: string): string {
  const number = Number(hour);
  if (number < 1 || number > 12) return '99';
  return String((number % 12) + (half.toLowerCase() === 'pm' ? 12 : 0)).padStart(2, '0');
}

function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)!.toString(16)}}`;
}
