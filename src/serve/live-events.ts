// Tells every page that is open how things stand and what the log has, as it changes, by server-sent events. Nothing is looked up while
// no page is open, and for any number of them it is looked up once.
import { PassThrough, type Readable } from 'node:stream';
import { LogReader } from '../log/log-reader.ts';
import { parsedLine } from '../log/logged-event.ts';
import { HttpRefusal } from './http-refusal.ts';
import { logLine } from './log-line.ts';
import type { LogLine, StateData } from './page-data.ts';

const LOOK_MS = 500;
/** Well below the time after which a connection without a byte is cut off. */
const BEAT_MS = 10_000;
/** Further connections are for what pages ask for. */
const PAGES_MAX = 64;
/** Of a burst the last ones are shown. */
const LINES_MAX = 200;
/** What a page has not taken by then is too much for it, or it hangs. */
const BEHIND_BYTES_MAX = 4 * 1024 * 1024;

export class LiveEvents {
  readonly #readState: () => Promise<StateData>;
  readonly #logFolder: string;
  readonly #pages = new Set<PassThrough>();
  #log: LogReader | null = null;
  #timer: NodeJS.Timeout | undefined;
  #lastState = '';
  #beatMs = 0;

  constructor(readState: () => Promise<StateData>, logFolder: string) {
    this.#readState = readState;
    this.#logFolder = logFolder;
  }

  /** The events for one more page, which begin with how things stand. Throws an HttpRefusal where there are too many. */
  async open(): Promise<Readable> {
    if (this.#pages.size >= PAGES_MAX) {
      throw new HttpRefusal(503, 'Too many pages are open.', 'Close some; this one tries again.');
    }
    const page = new PassThrough();
    this.#pages.add(page);
    page.once('close', () => {
      this.#pages.delete(page);
      if (this.#pages.size === 0) this.#rest();
    });
    // A browser that has lost the connection waits for so long.
    page.write('retry: 2000\n\n');
    if (this.#log === null) this.#begin();
    try {
      page.write(eventText('state', JSON.stringify(await this.#readState())));
    } catch (error) {
      page.destroy();
      throw error;
    }
    return page;
  }

  close(): void {
    for (const page of this.#pages) page.end();
    this.#rest();
  }

  #begin(): void {
    this.#log = new LogReader(this.#logFolder);
    // What there is already, a page asks for.
    this.#log.lastLines(1);
    this.#beatMs = performance.now();
    this.#lookLater();
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#log?.close();
    this.#log = null;
    this.#lastState = '';
  }

  #lookLater(): void {
    // One that was begun for a page that has gone since may still be at its look.
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), LOOK_MS);
  }

  async #look(): Promise<void> {
    try {
      const state = JSON.stringify(await this.#readState());
      if (state !== this.#lastState) this.#tell(eventText('state', state));
      this.#lastState = state;
      const lines = this.#newLines();
      if (lines.length > 0) this.#tell(eventText('lines', JSON.stringify(lines)));
    } catch {
      // What cannot be read now is read at the next look.
    }
    const nowMs = performance.now();
    if (nowMs - this.#beatMs > BEAT_MS) {
      this.#beatMs = nowMs;
      this.#tell(': still there\n\n');
    }
    if (this.#log !== null) this.#lookLater();
  }

  #newLines(): LogLine[] {
    let last: string[] = [];
    for (const line of this.#log?.newLines() ?? []) {
      last.push(line);
      if (last.length >= 2 * LINES_MAX) last = last.slice(-LINES_MAX);
    }
    return last.slice(-LINES_MAX).flatMap((line) => {
      const event = parsedLine(line);
      return event === null ? [] : [logLine(event)];
    });
  }

  #tell(text: string): void {
    for (const page of this.#pages) {
      if (page.writableLength > BEHIND_BYTES_MAX) page.destroy();
      else page.write(text);
    }
  }
}

function eventText(name: string, data: string): string {
  return `event: ${name}\ndata: ${data}\n\n`;
}
