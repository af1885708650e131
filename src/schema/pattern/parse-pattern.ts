import {
  anyCharacter,
  CODE_POINT_MAX,
  type CodePointSet,
  complementOf,
  escapedSets,
  setOf,
  unionOf,
} from './code-point-set.ts';

/** A regular expression, taken apart. `steps`: how many characters it is when its repetitions are written out. */
export type PatternNode =
  | { kind: 'set'; set: CodePointSet; steps: number }
  | { kind: 'sequence' | 'choice'; parts: PatternNode[]; steps: number }
  /** `most` is null where there is no limit. */
  | { kind: 'repeat'; part: PatternNode; least: number; most: number | null; steps: number };

/** What is wrong with a pattern, in words that follow its name. */
export class PatternMistake extends Error {}

const CHARACTERS_MAX = 1000;
/** What is repeated a counted number of times is written out, and each step costs time for each character of a value. */
const STEPS_MAX = 1000;
const DEPTH_MAX = 50;

/**
 * Takes a regular expression apart, in the notation of JavaScript as far as it describes a set of texts: literals, classes,
 * groups, alternatives, repetitions. Back references and looking around are not part of it: no engine matches them in a time that
 * grows with the text only. `^` and `$` may stand at the ends, where they change nothing: a pattern has to match the whole value.
 * @throws PatternMistake
 */
export function parsePattern(text: string): PatternNode {
  const parser = new PatternParser(Array.from(text));
  return parser.parse();
}

class PatternParser {
  readonly #characters: readonly string[];
  #at = 0;
  #depth = 0;

  constructor(characters: readonly string[]) {
    this.#characters = characters;
  }

  parse(): PatternNode {
    if (this.#characters.length > CHARACTERS_MAX) {
      throw new PatternMistake(`is longer than ${CHARACTERS_MAX} characters`);
    }
    const node = this.#choice();
    if (this.#next !== undefined) throw this.#mistake('has a ")" without its "("');
    return node;
  }

  get #next(): string | undefined {
    return this.#characters[this.#at];
  }

  /** Steps over a text if it comes next. */
  #takes(text: string): boolean {
    for (let i = 0; i < text.length; i++) {
      if (this.#characters[this.#at + i] !== text[i]) return false;
    }
    this.#at += text.length;
    return true;
  }

  #mistake(what: string): PatternMistake {
    return new PatternMistake(`${what} (at character ${this.#at + 1})`);
  }

  #choice(): PatternNode {
    const parts = [this.#sequence()];
    while (this.#takes('|')) parts.push(this.#sequence());
    return parts.length === 1
      ? parts[0]!
      : this.#counted({ kind: 'choice', parts, steps: sum(parts) });
  }

  #sequence(): PatternNode {
    const parts: PatternNode[] = [];
    if (this.#depth === 0) this.#takes('^');
    for (;;) {
      const next = this.#next;
      if (next === undefined || next === '|' || next === ')') break;
      if (
        this.#depth === 0 &&
        next === '$' &&
        [undefined, '|'].includes(this.#characters[this.#at + 1])
      ) {
        this.#at++;
        break;
      }
      parts.push(this.#repeated());
    }
    return this.#counted({ kind: 'sequence', parts, steps: sum(parts) });
  }

  #repeated(): PatternNode {
    const part = this.#atom();
    const times = this.#times();
    if (times === null) return part;
    // Whether few or many are taken first makes no difference to whether the whole matches.
    this.#takes('?');
    if (/^[*+?]$/.test(this.#next ?? '') || this.#isTimes()) {
      throw this.#mistake('has two repetitions in a row');
    }
    const { least, most } = times;
    const steps = part.steps * Math.max(1, least, most ?? least + 1);
    return this.#counted({ kind: 'repeat', part, least, most, steps });
  }

  #times(): { least: number; most: number | null } | null {
    if (this.#takes('*')) return { least: 0, most: null };
    if (this.#takes('+')) return { least: 1, most: null };
    if (this.#takes('?')) return { least: 0, most: 1 };
    if (this.#next !== '{') return null;
    const found = this.#timesText();
    if (found === null) throw this.#mistake('has a "{" that is no repetition; write "\\{"');
    this.#at += found[0].length;
    const least = Number(found[1]);
    const most = found[2] === undefined ? least : found[3] === '' ? null : Number(found[3]);
    if (most !== null && most < least) throw this.#mistake('has a repetition from more to less');
    return { least, most };
  }

  #isTimes(): boolean {
    return this.#next === '{' && this.#timesText() !== null;
  }

  #timesText(): RegExpExecArray | null {
    const rest = this.#characters.slice(this.#at, this.#at + 24).join('');
    return /^\{(\d{1,9})(,(\d{0,9}))?\}/.exec(rest);
  }

  #atom(): PatternNode {
    const character = this.#characters[this.#at]!;
    if (character === '(') return this.#group();
    if (/^[*+?{]$/.test(character)) throw this.#mistake('has a repetition of nothing');
    if (/^[\^$]$/.test(character)) {
      throw this.#mistake(`has a "${character}" inside; it must match the whole value anyway`);
    }
    if (/^[\]}]$/.test(character)) {
      throw this.#mistake(`has a "${character}" without its beginning; write "\\${character}"`);
    }
    this.#at++;
    if (character === '.') return single(anyCharacter);
    if (character === '[') return single(this.#class());
    return single(character === '\\' ? this.#escaped() : only(character));
  }

  #group(): PatternNode {
    this.#at++;
    if (this.#next === '?' && !this.#takes('?:')) {
      throw this.#mistake('looks around or names a group; only (...) and (?:...) are possible');
    }
    if (++this.#depth > DEPTH_MAX)
      throw this.#mistake(`has more than ${DEPTH_MAX} groups in one another`);
    const node = this.#choice();
    this.#depth--;
    if (!this.#takes(')')) throw this.#mistake('has a "(" without its ")"');
    return node;
  }

  /** Behind the bracket. */
  #class(): CodePointSet {
    const isComplement = this.#takes('^');
    const sets: CodePointSet[] = [];
    while (!this.#takes(']')) {
      if (this.#next === undefined) throw this.#mistake('has a "[" without its "]"');
      const first = this.#member();
      const isRange = this.#next === '-' && (this.#characters[this.#at + 1] ?? ']') !== ']';
      if (!isRange) {
        sets.push(first);
        continue;
      }
      this.#at++;
      const from = theOnly(first);
      const to = theOnly(this.#member());
      if (from === null || to === null || from > to) {
        throw this.#mistake('has a range in "[...]" that is not from a character to a later one');
      }
      sets.push(setOf([from, to]));
    }
    const union = unionOf(sets);
    return isComplement ? complementOf(union) : union;
  }

  #member(): CodePointSet {
    const character = this.#characters[this.#at++]!;
    return character === '\\' ? this.#escaped() : only(character);
  }

  /** Behind the backslash. */
  #escaped(): CodePointSet {
    const letter = this.#characters[this.#at++];
    if (letter === undefined) throw this.#mistake('ends with a "\\"');
    const known = escapedSets.get(letter);
    if (known !== undefined) return known;
    const control = { t: 0x09, n: 0x0a, v: 0x0b, f: 0x0c, r: 0x0d }[letter];
    if (control !== undefined) return setOf([control, control]);
    if (letter === 'x' || letter === 'u') return this.#numbered(letter);
    if (/^[1-9k]$/.test(letter))
      throw this.#mistake('refers back to a group, which is not possible');
    if (/^[0-9A-Za-z]$/.test(letter)) {
      throw this.#mistake(`has a "\\${letter}", which is not possible`);
    }
    return only(letter);
  }

  /** \xHH, \uHHHH or \u{H...}. */
  #numbered(letter: 'x' | 'u'): CodePointSet {
    const rest = this.#characters.slice(this.#at, this.#at + 12).join('');
    const form = letter === 'x' ? /^([0-9a-f]{2})/i : /^(?:([0-9a-f]{4})|\{([0-9a-f]{1,6})\})/i;
    const found = form.exec(rest);
    const codePoint = parseInt(found?.[1] ?? found?.[2] ?? '', 16);
    if (found === null || codePoint > CODE_POINT_MAX) {
      throw this.#mistake(`has a "\\${letter}" without the number of a character`);
    }
    this.#at += found[0].length;
    return setOf([codePoint, codePoint]);
  }

  #counted(node: PatternNode): PatternNode {
    if (node.steps <= STEPS_MAX) return node;
    throw this.#mistake(`has more than ${STEPS_MAX} steps when its repetitions are written out`);
  }
}

function single(set: CodePointSet): PatternNode {
  return { kind: 'set', set, steps: 1 };
}

function only(character: string): CodePointSet {
  const codePoint = character.codePointAt(0)!;
  return setOf([codePoint, codePoint]);
}

/** The code point of a set of one; else null. */
function theOnly(set: CodePointSet): number | null {
  const [range] = set;
  return set.length === 1 && range![0] === range![1] ? range![0] : null;
}

/** At least one, so that nothing repeated very often is not free either. */
function sum(parts: readonly PatternNode[]): number {
  return parts.reduce((total, { steps }) => total + steps, 1);
}
