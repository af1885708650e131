/** One event, as its line of conversion_log.jsonl has it. */
export type LoggedEvent = Readonly<Record<string, unknown>>;

/** Null for a line that a crash has torn; the writer ended it with a line feed when it started again. */
export function parsedLine(line: string): LoggedEvent | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as LoggedEvent) : null;
  } catch {
    return null;
  }
}
