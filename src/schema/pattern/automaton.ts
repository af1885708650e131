import type { CodePointSet } from './code-point-set.ts';
import type { PatternNode } from './parse-pattern.ts';

/** The steps that wait for a character at the same time, ascending. Empty: nothing can match any more. */
export type States = readonly number[];

/** One step of a pattern: take a character of a set, go on in two places, or end. */
type Step =
  { kind: 'take'; set: number; next: number } | { kind: 'fork'; ways: number[] } | { kind: 'end' };

const END = 0;

/** A pattern as steps. Characters that no set of the pattern tells apart are one class. */
export class Automaton {
  readonly start: States;
  readonly #steps: Step[] = [{ kind: 'end' }];
  readonly #sets: CodePointSet[] = [];
  /** The first code point of each class. */
  readonly #firsts: number[];
  /** For each set, whether each class is in it. */
  readonly #members: Uint8Array[];
  /** When each step was last reached: in which call. */
  readonly #reached: Int32Array;
  #calls = 0;

  constructor(pattern: PatternNode) {
    const first = this.#build(pattern, END);
    const bounds = this.#sets.flat().flatMap(([from, to]) => [from, to + 1]);
    this.#firsts = [...new Set([0, ...bounds])].sort((a, b) => a - b);
    this.#members = this.#sets.map((set) =>
      Uint8Array.from(this.#firsts, (codePoint) => (holds(set, codePoint) ? 1 : 0)),
    );
    this.#reached = new Int32Array(this.#steps.length);
    this.#calls++;
    const start: number[] = [];
    this.#reach(first, start);
    this.start = start.sort((a, b) => a - b);
  }

  get classCount(): number {
    return this.#firsts.length;
  }

  classOf(codePoint: number): number {
    let low = 0;
    let high = this.#firsts.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#firsts[middle]! <= codePoint) low = middle;
      else high = middle;
    }
    return low;
  }

  /** Where a character of a class leads. */
  advance(states: States, kind: number): States {
    this.#calls++;
    const next: number[] = [];
    for (const state of states) {
      const step = this.#steps[state]!;
      if (step.kind === 'take' && this.#members[step.set]![kind] === 1)
        this.#reach(step.next, next);
    }
    return next.sort((a, b) => a - b);
  }

  accepts(states: States): boolean {
    return states[0] === END;
  }

  /** Adds the steps that wait for a character, or the end, from `first` on; each once a call. */
  #reach(first: number, into: number[]): void {
    const open = [first];
    for (let step = open.pop(); step !== undefined; step = open.pop()) {
      if (this.#reached[step] === this.#calls) continue;
      this.#reached[step] = this.#calls;
      const { [step]: found } = this.#steps;
      if (found!.kind === 'fork') open.push(...found!.ways);
      else into.push(step);
    }
  }

  /** The first step of a pattern behind which `next` follows. */
  #build(node: PatternNode, next: number): number {
    switch (node.kind) {
      case 'set':
        return this.#add({ kind: 'take', set: this.#sets.push(node.set) - 1, next });
      case 'sequence':
        return node.parts.reduceRight((behind, part) => this.#build(part, behind), next);
      case 'choice':
        return this.#add({ kind: 'fork', ways: node.parts.map((part) => this.#build(part, next)) });
      case 'repeat':
        return this.#buildRepeat(node, next);
    }
  }

  #buildRepeat({ part, least, most }: PatternNode & { kind: 'repeat' }, next: number): number {
    let first = next;
    if (most === null) {
      const ways = [next];
      first = this.#add({ kind: 'fork', ways });
      ways.push(this.#build(part, first));
    } else {
      for (let i = least; i < most; i++) {
        first = this.#add({ kind: 'fork', ways: [next, this.#build(part, first)] });
      }
    }
    for (let i = 0; i < least; i++) first = this.#build(part, first);
    return first;
  }

  #add(step: Step): number {
    return this.#steps.push(step) - 1;
  }
}

function holds(set: CodePointSet, codePoint: number): boolean {
  return set.some(([first, last]) => first <= codePoint && codePoint <= last);
}
