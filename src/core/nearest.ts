/**
 * The candidates that a mistyped word most likely means, best first: at most `count`, none further away than a third of
 * its letters (at least two). Letter case is ignored.
 */
export function nearest(word: string, candidates: Iterable<string>, count: number): string[] {
  const text = word.toLowerCase();
  const limit = Math.max(2, Math.floor(text.length / 3));
  return [...candidates]
    .map((candidate) => ({ candidate, distance: editDistance(text, candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= limit && distance < candidate.length)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, count)
    .map(({ candidate }) => candidate);
}

/** Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  // Only the first letters of a very long word are compared, so that a hostile file costs no time.
  const left = a.slice(0, 100);
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= left.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = left[i - 1] === b[j - 1];
      let cost = Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && left[i - 1] === b[j - 2] && left[i - 2] === b[j - 1];
      if (swapped) cost = Math.min(cost, beforePrevious[j - 2]! + 1);
      current.push(cost);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length]!;
}
