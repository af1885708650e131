import { beginningOf, characterOf, INNER_BITS, isCharacter, lengthOf } from './utf8.ts';

/** What a byte of a character leads to: the character's class, or the same for each value of the next byte's last six bits. */
export type Behind = number | readonly Behind[];

const BYTES = 256;
const INNER = 1 << INNER_BITS;

/** For each first byte of a character what it leads to. `classOf`: ascends. What leads to one class only is one object. */
export function behindFirst(classOf: (codePoint: number) => number): readonly Behind[] {
  const uniform = new Map<string, Behind>();
  return Array.from({ length: BYTES }, (_, byte) => {
    const length = lengthOf(byte);
    const beginning = beginningOf(byte, length);
    if (length === 1) return classOf(beginning);
    /** What is behind bytes that leave `left` more: those of the numbers from `first` on. */
    const behind = (first: number, left: number): Behind => {
      const kind = classOf(characterOf(first, length));
      if (left === 0) return kind;
      const last = first + (1 << (left * INNER_BITS)) - 1;
      const isUniform =
        isCharacter(first, length) === isCharacter(last, length) &&
        kind === classOf(characterOf(last, length));
      const key = `${kind} ${left}`;
      const known = isUniform ? uniform.get(key) : undefined;
      if (known !== undefined) return known;
      const step = 1 << ((left - 1) * INNER_BITS);
      const made = Array.from({ length: INNER }, (_, i) => behind(first + i * step, left - 1));
      if (isUniform) uniform.set(key, made);
      return made;
    };
    return behind(beginning, length - 1);
  });
}
