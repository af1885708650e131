/** Items of several kinds, which have their turns one after another; those of one kind leave in the order in which they came. */
export class FairQueue<Item> {
  /** The kind whose turn is next is the first; none is empty. */
  readonly #kinds = new Map<string, Item[]>();

  /** A method, because the compiler takes a field that was false before a call to be false behind it. */
  isEmpty(): boolean {
    return this.#kinds.size === 0;
  }

  push(kind: string, item: Item): void {
    const items = this.#kinds.get(kind);
    if (items === undefined) this.#kinds.set(kind, [item]);
    else items.push(item);
  }

  /** The next one, which stays. */
  peek(): Item | undefined {
    for (const [next] of this.#kinds.values()) return next;
    return undefined;
  }

  /** Takes the next one out: its kind has its turn again when all others had theirs. */
  shift(): Item | undefined {
    for (const [kind, items] of this.#kinds) {
      const next = items.shift();
      this.#kinds.delete(kind);
      if (items.length > 0) this.#kinds.set(kind, items);
      return next;
    }
    return undefined;
  }

  /** How many of them are so. */
  count(isSo: (item: Item) => boolean): number {
    let count = 0;
    for (const items of this.#kinds.values()) for (const item of items) if (isSo(item)) count++;
    return count;
  }

  /** Takes all of them out. */
  clear(): Item[] {
    const items = [...this.#kinds.values()].flat();
    this.#kinds.clear();
    return items;
  }
}
