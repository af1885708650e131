// The three-valued logic of SQL.
import type { CellSlot } from './cell-slot.ts';
import { FALSE, TRUE, type Truth, type TruthOf, UNKNOWN } from './value.ts';

export function negation(of: TruthOf): TruthOf {
  return (row) => {
    const truth = of(row);
    return truth === UNKNOWN ? UNKNOWN : truth === TRUE ? FALSE : TRUE;
  };
}

export function conjunction(parts: readonly TruthOf[]): TruthOf {
  return joined(parts, FALSE);
}

export function disjunction(parts: readonly TruthOf[]): TruthOf {
  return joined(parts, TRUE);
}

/** One part with the `deciding` value decides; otherwise one without a value does. */
function joined(parts: readonly TruthOf[], deciding: typeof FALSE | typeof TRUE): TruthOf {
  const neutral = deciding === FALSE ? TRUE : FALSE;
  return (row) => {
    let found: Truth = neutral;
    for (const part of parts) {
      const truth = part(row);
      if (truth === deciding) return deciding;
      if (truth === UNKNOWN) found = UNKNOWN;
    }
    return found;
  };
}

/** What follows from one column is found out once for each of its entries. */
export function remembered(slot: CellSlot, truth: TruthOf): TruthOf {
  /** Of each entry one more than its truth, or 0. */
  let known = new Uint8Array(0);
  let batch = -1;
  return (row) => {
    const id = slot.ids[row]!;
    if (id < 0) return truth(row);
    if (batch !== slot.batch) {
      known.fill(0);
      batch = slot.batch;
    }
    if (id >= known.length) {
      const grown = new Uint8Array(Math.max(slot.count, 2 * known.length));
      grown.set(known);
      known = grown;
    }
    const there = known[id]!;
    if (there !== 0) return (there - 1) as Truth;
    const found = truth(row);
    known[id] = found + 1;
    return found;
  };
}
