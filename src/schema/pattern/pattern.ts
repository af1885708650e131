import { Automaton, type States } from './automaton.ts';
import { parsePattern, PatternMistake } from './parse-pattern.ts';
import { codePointAt, lengthOf } from './utf8.ts';

/** So many sets of states are kept, with where each character leads: a pattern seldom has more than a few dozen. */
const KEPT_MAX = 256;
/** A pattern that has filled that so often makes ever new ones, and is matched without keeping them. */
const FILLED_MAX = 8;

const ASCII = 128;
const ASCII_BITS = 7;

const UNKNOWN = -1;
const DEAD = -2;

/**
 * Tells whether whole values match a regular expression, in a time that grows with their length and nothing else: all ways to
 * match are followed at the same time, so there is no expression and no value for which it would try one after the other. See
 * https://swtch.com/~rsc/regexp/regexp1.html.
 */
export class Pattern {
  readonly #automaton: Automaton;
  /** The states that are kept, each by its number; the first are those at the start. */
  #kept: States[] = [];
  #numbers = new Map<string, number>();
  /** For each of them and each class of characters the number of the next one. */
  #next: Int16Array[] = [];
  /** The same by the characters of ASCII, which are most: looking up their class first took half as long again. */
  readonly #nextAscii = new Int16Array(KEPT_MAX << ASCII_BITS);
  #filled = 0;

  /** @throws PatternMistake */
  constructor(text: string) {
    this.#automaton = new Automaton(parsePattern(text));
    this.#begin();
  }

  matchesText(text: string): boolean {
    const bytes = Buffer.from(text);
    return this.matches(bytes, 0, bytes.length);
  }

  /** Of a value in UTF-8. */
  matches(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#filled >= FILLED_MAX) return this.#matchesAnew(bytes, start, end);
    const nextAscii = this.#nextAscii;
    let state = 0;
    for (let at = start; at < end;) {
      const byte = bytes[at]!;
      let next: number;
      if (byte < ASCII) {
        next = nextAscii[(state << ASCII_BITS) | byte]!;
        if (next === UNKNOWN) next = this.#follow(state, this.#automaton.classOf(byte), byte);
        at++;
      } else {
        const length = lengthOf(byte);
        const kind = this.#classAt(bytes, at, length, end);
        next = this.#next[state]![kind]!;
        if (next === UNKNOWN) next = this.#follow(state, kind, null);
        at += length;
      }
      if (next === DEAD) return false;
      state = next;
    }
    return this.#automaton.accepts(this.#kept[state]!);
  }

  #matchesAnew(bytes: Uint8Array, start: number, end: number): boolean {
    let states = this.#automaton.start;
    for (let at = start; at < end && states.length > 0;) {
      const length = lengthOf(bytes[at]!);
      states = this.#automaton.advance(states, this.#classAt(bytes, at, length, end));
      at += length;
    }
    return this.#automaton.accepts(states);
  }

  #classAt(bytes: Uint8Array, at: number, length: number, end: number): number {
    return this.#automaton.classOf(codePointAt(bytes, at, length, end));
  }

  #begin(): void {
    this.#kept = [];
    this.#numbers = new Map();
    this.#next = [];
    this.#nextAscii.fill(UNKNOWN);
    this.#numberOf(this.#automaton.start);
  }

  /** The number of the states to which a class of characters leads, `ascii` among them. */
  #follow(state: number, kind: number, ascii: number | null): number {
    let next = this.#next[state]![kind]!;
    if (next === UNKNOWN) {
      const states = this.#automaton.advance(this.#kept[state]!, kind);
      if (this.#kept.length === KEPT_MAX && states.length > 0) {
        this.#filled++;
        this.#begin();
        return this.#numberOf(states);
      }
      next = states.length === 0 ? DEAD : this.#numberOf(states);
      this.#next[state]![kind] = next;
    }
    if (ascii !== null) this.#nextAscii[(state << ASCII_BITS) | ascii] = next;
    return next;
  }

  #numberOf(states: States): number {
    const key = states.join();
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#kept.push(states) - 1;
    this.#numbers.set(key, number);
    this.#next.push(new Int16Array(this.#automaton.classCount).fill(UNKNOWN));
    return number;
  }
}

/** What is wrong with a pattern, or null. */
export function patternProblem(text: string): string | null {
  try {
    parsePattern(text);
    return null;
  } catch (error) {
    if (error instanceof PatternMistake) return error.message;
    throw error;
  }
}
