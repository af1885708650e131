import { environment } from '../config/environment.ts';
import { visibleText } from '../core/visible-text.ts';

/** Work shorter than this needs no progress line. */
const FIRST_MS = 1000;
const EVERY_MS = 250;

export interface ProgressLine {
  /** Takes the line away, so that other output can be printed; it comes back by itself. */
  clear: () => void;
  end: () => void;
}

/**
 * A line at the bottom of a terminal that says how far work is, from its second second on. Where standard error is not
 * a terminal, or one that cannot take a line back, it shows nothing.
 */
export function showProgress(text: (elapsedSeconds: number) => string): ProgressLine {
  const { stderr } = process;
  if (!stderr.isTTY || environment()['TERM'] === 'dumb') {
    return { clear: () => undefined, end: () => undefined };
  }
  const startedMs = performance.now();
  let shown = '';
  const timer = setInterval(() => {
    const elapsedMs = performance.now() - startedMs;
    if (elapsedMs < FIRST_MS) return;
    // A terminal that does not tell its width has 0 columns. A line that fills the last one would wrap.
    const columns = stderr.columns > 1 ? stderr.columns : 80;
    const line = visibleText(text(Math.floor(elapsedMs / 1000))).slice(0, columns - 1);
    // Drawn again without need it would flicker.
    if (line === shown) return;
    stderr.write(`\r\u001B[K${line}`);
    shown = line;
  }, EVERY_MS);
  timer.unref();
  const clear = (): void => {
    if (shown !== '') stderr.write('\r\u001B[K');
    shown = '';
  };
  return {
    clear,
    end: () => {
      clearInterval(timer);
      clear();
    },
  };
}
