// A pattern as a table from state and byte to state: all that a loop over bytes needs.
import { Automaton, type States } from './automaton.ts';
import { type Behind, behindFirst } from './character-bytes.ts';
import { parsePattern } from './parse-pattern.ts';

/** Takes texts in UTF-8 byte by byte. Plain data. */
export interface ByteAutomaton {
  states: number;
  /** At 256 * s + b: where byte b leads from state s. */
  next: Uint16Array;
  start: number;
  /** States from this one on accept a text that ends in them. */
  accepting: number;
}

/** Each takes a row of all bytes: 1 KiB in the kernel. */
const STATES_MAX = 1 << 10;
/** What making it may take, some milliseconds: steps of the pattern that are looked at, and places within characters. */
const STEPS_MAX = 1 << 18;
const PLACES_MAX = 1 << 13;

const BYTES = 256;
const DEAD = 0;

/**
 * The table of a pattern, or null where it would be too large: it may have a state for each set of the pattern's steps. Accepts what
 * `Pattern` matches, also in bytes that are not UTF-8.
 * @throws PatternMistake
 */
export function byteAutomaton(text: string): ByteAutomaton | null {
  const automaton = new Automaton(parsePattern(text));
  const between = statesBetween(automaton);
  if (between === null) return null;
  const all = withStatesWithin(
    between,
    behindFirst((codePoint) => automaton.classOf(codePoint)),
  );
  return all === null ? null : inOrder(all);
}

/** Row s says where each class of characters, or each byte, leads from state s. */
interface StateRows {
  rows: Uint16Array[];
  accepts: boolean[];
  start: number;
}

/** The states between characters: the sets of steps to which texts lead, the empty one first. */
function statesBetween(automaton: Automaton): StateRows | null {
  const sets: States[] = [];
  const numbers = new Map<string, number>();
  const numberOf = (set: States): number => {
    const key = set.join();
    let number = numbers.get(key);
    if (number === undefined) numbers.set(key, (number = sets.push(set) - 1));
    return number;
  };
  numberOf([]);
  const start = numberOf(automaton.start);
  const rows: Uint16Array[] = [];
  let steps = 0;
  // It goes on with those that it finds on the way.
  for (const set of sets) {
    steps += (set.length + 1) * automaton.classCount;
    if (steps > STEPS_MAX || sets.length > STATES_MAX) return null;
    const row = new Uint16Array(automaton.classCount);
    for (let kind = 0; kind < row.length; kind++) {
      row[kind] = numberOf(automaton.advance(set, kind));
    }
    rows.push(row);
  }
  return { rows, accepts: sets.map((set) => automaton.accepts(set)), start };
}

/** The same by bytes, with the states within characters behind those between them. */
function withStatesWithin(between: StateRows, firsts: readonly Behind[]): StateRows | null {
  const rows = between.rows.map(() => new Uint16Array(BYTES));
  const accepts = [...between.accepts];
  const numbers = new Map<string, number>();
  const withinOf = (targets: readonly number[]): number => {
    if (targets.every((target) => target === DEAD)) return DEAD;
    const key = targets.join();
    const known = numbers.get(key);
    if (known !== undefined) return known;
    // Bytes that a character lacks count as 0.
    accepts.push(accepts[targets[0]!]!);
    const row = new Uint16Array(BYTES);
    for (let at = 0; at < BYTES; at += targets.length) row.set(targets, at);
    const number = rows.push(row) - 1;
    numbers.set(key, number);
    return number;
  };
  let places = 0;
  for (const [state, byClass] of between.rows.entries()) {
    const known = new Map<Behind, number>();
    const stateOf = (behind: Behind): number => {
      if (typeof behind === 'number') return byClass[behind]!;
      let number = known.get(behind);
      if (number === undefined) known.set(behind, (number = withinOf(behind.map(stateOf))));
      return number;
    };
    for (let byte = 0; byte < BYTES; byte++) rows[state]![byte] = stateOf(firsts[byte]!);
    places += known.size;
    if (places > PLACES_MAX || rows.length > STATES_MAX) return null;
  }
  return { rows, accepts, start: between.start };
}

/** With the states that accept behind the others. */
function inOrder({ rows, accepts, start }: StateRows): ByteAutomaton {
  const states = [...rows.keys()];
  const refusing = states.filter((state) => !accepts[state]!);
  const order = [...refusing, ...states.filter((state) => accepts[state]!)];
  const places = new Uint16Array(states.length);
  for (const [place, state] of order.entries()) places[state] = place;
  const next = new Uint16Array(BYTES * states.length);
  for (const [place, state] of order.entries()) {
    next.set(
      rows[state]!.map((to) => places[to]!),
      BYTES * place,
    );
  }
  return { states: states.length, next, start: places[start]!, accepting: refusing.length };
}
