/** Work shorter than this needs no progress line. */
const FIRST_MS = 1000;
const EVERY_MS = 250;

/**
 * A line at the bottom of a terminal that says how far work is, from its second second on. Where output is not a
 * terminal it shows nothing. Returns what ends it and clears the line.
 */
export function showProgress(text: (elapsedSeconds: number) => string): () => void {
  const { stderr } = process;
  if (!stderr.isTTY) return () => undefined;
  const startedMs = performance.now();
  let shown = false;
  const timer = setInterval(() => {
    const elapsedMs = performance.now() - startedMs;
    if (elapsedMs < FIRST_MS) return;
    shown = true;
    const line = text(Math.floor(elapsedMs / 1000)).slice(0, stderr.columns - 1);
    stderr.write(`\r\u001B[K${line}`);
  }, EVERY_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    if (shown) stderr.write('\r\u001B[K');
  };
}
