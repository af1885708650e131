/** Stands for the hash of a value where there is none. */
const NULL_HASH = 0x6a09e667;

/**
 * A 64-bit fingerprint for each row of a batch, made of the hashes of its values: rows with equal values have equal
 * fingerprints. Two words that mix differently, filled column by column.
 */
export class RowFingerprints {
  first = new Int32Array(1024);
  second = new Int32Array(1024);

  /** Begins the rows [from, to). */
  begin(from: number, to: number): void {
    if (to > this.first.length) {
      this.first = longer(this.first, to);
      this.second = longer(this.second, to);
    }
    this.first.fill(0, from, to);
    this.second.fill(0, from, to);
  }

  /** Adds a column to the rows [from, to): the ids of their entries, and a hash for each entry. */
  addColumn(ids: Int32Array, hashes: Int32Array, from: number, to: number): void {
    const { first, second } = this;
    for (let row = from; row < to; row++) {
      const id = ids[row]!;
      const hash = id < 0 ? NULL_HASH : hashes[id]!;
      // Multiplying by an odd number loses nothing, so equal results need equal columns or a collision in both words.
      first[row] = Math.imul(first[row]! ^ hash, 0x9e3779b1);
      const turned = second[row]!;
      second[row] = Math.imul(((turned << 7) | (turned >>> 25)) + hash, 0x85ebca6b);
    }
  }

  /** Moves the fingerprint of a row to another place. */
  move(from: number, to: number): void {
    this.first[to] = this.first[from]!;
    this.second[to] = this.second[from]!;
  }
}

function longer(words: Int32Array, rows: number): Int32Array<ArrayBuffer> {
  const more = new Int32Array(Math.max(rows, words.length * 2));
  more.set(words);
  return more;
}
