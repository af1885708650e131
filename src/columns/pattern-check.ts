import type { Kernel } from '../kernel/kernel.ts';
import { type ByteAutomaton, byteAutomaton } from '../schema/pattern/byte-automaton.ts';
import { Pattern } from '../schema/pattern/pattern.ts';
import type { Entries } from './column-batch.ts';

const BYTES = 256;

/** A row of a state as the kernel has it (match.ts): the next states, two tables of a byte for each half of a byte, and a flag. */
const HALVES = 16;
const LOW_AT = BYTES * Uint32Array.BYTES_PER_ELEMENT;
const HIGH_AT = LOW_AT + HALVES;
const SKIPS_AT = HIGH_AT + HALVES;
const STATE_BYTES = SKIPS_AT + HALVES;

/** As many digits as there are: where fewer bytes stay in a state, texts hardly stay there for long. */
const STAYING_MIN = 10;

/** An automaton in the kernel's memory: a state is the address of its row. */
interface PlacedAutomaton {
  memory: Uint8Array;
  start: number;
  accepting: number;
  /** Whether texts may stay in a state for long. */
  skips: boolean;
}

/**
 * Holds texts against a pattern, in the kernel if an automaton of the pattern is small enough; else one after the other. Either looks at
 * each byte once.
 */
export class PatternCheck {
  readonly #text: string;
  readonly #kernel: Kernel;
  /** Made for the first entries: a builder may never see any. */
  #matcher: PlacedAutomaton | Pattern | null = null;

  /** `text`: of the pattern. */
  constructor(text: string, kernel: Kernel) {
    this.#text = text;
    this.#kernel = kernel;
  }

  /** Reports the ids of those that do not match, from `from` on. They lie in the kernel's memory. */
  check(entries: Entries, from: number, report: (id: number) => void): void {
    if (entries.storage !== 'bytes') return;
    const { bytes, offsets, count } = entries;
    const matcher = (this.#matcher ??= this.#makeMatcher());
    if (matcher instanceof Pattern) {
      for (let id = from; id < count; id++) {
        if (!matcher.matches(bytes, offsets[id]!, offsets[id + 1]!)) report(id);
      }
      return;
    }
    const { start, accepting, skips } = matcher;
    const { functions } = this.#kernel;
    const [at, offsetsAt] = [bytes.byteOffset, offsets.byteOffset];
    for (let id = from; id < count; id++) {
      id = functions.findUnmatched(start, accepting, Number(skips), at, offsetsAt, id, count);
      if (id < count) report(id);
    }
  }

  close(): void {
    if (this.#matcher !== null && !(this.#matcher instanceof Pattern)) {
      this.#kernel.giveBack(this.#matcher.memory);
    }
    this.#matcher = null;
  }

  #makeMatcher(): PlacedAutomaton | Pattern {
    const automaton = byteAutomaton(this.#text);
    return automaton === null ? new Pattern(this.#text) : place(automaton, this.#kernel);
  }
}

function place({ states, next, start, accepting }: ByteAutomaton, kernel: Kernel): PlacedAutomaton {
  const memory = kernel.take(states * STATE_BYTES).fill(0);
  const { buffer, byteOffset } = memory;
  const addressOf = (state: number): number => byteOffset + state * STATE_BYTES;
  let skips = false;
  for (let state = 0; state < states; state++) {
    const targets = next.subarray(state * BYTES, (state + 1) * BYTES);
    const row = memory.subarray(state * STATE_BYTES, (state + 1) * STATE_BYTES);
    new Uint32Array(buffer, addressOf(state), BYTES).set(Array.from(targets, addressOf));
    const leaving = [...targets.keys()].filter((byte) => targets[byte] !== state);
    const canSkip = BYTES - leaving.length >= STAYING_MIN && placeLeaving(leaving, row);
    row[SKIPS_AT] = Number(canSkip);
    // Texts that do not match lead into a state that none leaves, which is no reason to look for one.
    if (canSkip && (leaving.length > 0 || state >= accepting)) skips = true;
  }
  return { memory, start: addressOf(start), accepting: addressOf(accepting), skips };
}

/**
 * Puts the bytes that leave a state into its row. High halves with the same low halves share a bit, of which there are eight; false,
 * where these do not do.
 */
function placeLeaving(leaving: readonly number[], row: Uint8Array): boolean {
  const lowsOf = new Map<number, number[]>();
  for (const byte of leaving) lowsOf.set(byte >> 4, [...(lowsOf.get(byte >> 4) ?? []), byte & 15]);
  const bits = new Map<string, number>();
  for (const [high, lows] of lowsOf) {
    const key = lows.join();
    const bit = bits.get(key) ?? 1 << bits.size;
    if (bit > 0x80) return false;
    bits.set(key, bit);
    row[HIGH_AT + high]! |= bit;
    for (const low of lows) row[LOW_AT + low]! |= bit;
  }
  return true;
}
