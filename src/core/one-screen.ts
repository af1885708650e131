/** What a terminal of 24 lines leaves for a list, when a heading, what to do and the prompt are on it too. */
const ROWS = 18;
const COLUMNS = 80;

/**
 * The first lines of a list that fit on one screen with the others counted, so that the heading is still in sight. `total`: of how
 * many; `indent`: how many columns the caller puts before each. The first line always stays.
 */
export function firstThatFit(lines: readonly string[], total = lines.length, indent = 0): string[] {
  const shown: string[] = [];
  let rows = 0;
  for (const line of lines) {
    rows += Math.max(1, Math.ceil((line.length + indent) / COLUMNS));
    if (shown.length > 0 && rows > ROWS) break;
    shown.push(line);
  }
  return total > shown.length ? [...shown, `and ${total - shown.length} more`] : shown;
}
