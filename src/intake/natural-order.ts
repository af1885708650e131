const collator = new Intl.Collator('en', { numeric: true });

/** Compares names as people count: copy2 before copy10. A total order, so that equal times never leave it to chance. */
export function compareNaturally(a: string, b: string): number {
  return collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}
