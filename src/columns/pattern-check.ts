import type { Kernel } from '../kernel/kernel.ts';
import { type ByteAutomaton, byteAutomaton } from '../schema/pattern/byte-automaton.ts';
import { Pattern } from '../schema/pattern/pattern.ts';
import type { Entries } from './column-batch.ts';

const BYTES = 256;
const STATE_BYTES = BYTES * Uint32Array.BYTES_PER_ELEMENT;

/** An automaton in the kernel's memory: a state is the address of its row. */
interface PlacedAutomaton {
  memory: Uint8Array;
  start: number;
  accepting: number;
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
    const { start, accepting } = matcher;
    const { functions } = this.#kernel;
    const [at, offsetsAt] = [bytes.byteOffset, offsets.byteOffset];
    for (let id = from; id < count; id++) {
      id = functions.findUnmatched(start, accepting, at, offsetsAt, id, count);
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
  const memory = kernel.take(states * STATE_BYTES);
  const { buffer, byteOffset } = memory;
  const addressOf = (state: number): number => byteOffset + state * STATE_BYTES;
  const rows = new Uint32Array(buffer, byteOffset, next.length);
  for (const [at, state] of next.entries()) rows[at] = addressOf(state);
  return { memory, start: addressOf(start), accepting: addressOf(accepting) };
}
