import {
  appendFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openConversionLog } from '../../../src/log/conversion-log.ts';
import { tailLog, type TailOptions } from '../../../src/log/tail-log.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hopper-tail-'));
  path = join(folder, 'conversion_log.jsonl');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const line = (n: number) => `${JSON.stringify({ n })}\n`;
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);
const lines = (from: number, to: number) => numbers(from, to).map(line).join('');

async function past(last: number): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const event of tailLog({ folder, last, follow: false })) found.push(event['n']);
  return found;
}

/** Follows the log; take(n) awaits the next n events, end() stops and gives whatever came besides. */
function follow(options: Partial<TailOptions> = {}) {
  const abort = new AbortController();
  const tail = tailLog({
    folder,
    last: 0,
    follow: true,
    pollMs: 5,
    signal: abort.signal,
    ...options,
  });
  return {
    async take(count: number): Promise<unknown[]> {
      const found: unknown[] = [];
      while (found.length < count) {
        const next = await tail.next();
        if (next.done === true) throw new Error('The log ended.');
        found.push(next.value['n']);
      }
      return found;
    },
    async end(): Promise<unknown[]> {
      abort.abort();
      const found: unknown[] = [];
      for await (const event of tail) found.push(event['n']);
      return found;
    },
  };
}

describe('the past', () => {
  test('is the last events, oldest first, however large the file', async () => {
    writeFileSync(path, lines(1, 20_000));
    expect(await past(3)).toEqual([19_998, 19_999, 20_000]);
    expect(await past(10_000)).toEqual(numbers(10_001, 20_000));
    expect(await past(0)).toEqual([]);
    expect(await past(30_000)).toHaveLength(20_000);
  });

  test('goes back into rotated files', async () => {
    writeFileSync(join(folder, 'conversion_log-20250101T000000.000Z.jsonl'), lines(1, 3));
    writeFileSync(join(folder, 'conversion_log-20250102T000000.000Z.jsonl'), lines(4, 6));
    writeFileSync(path, lines(7, 7));
    expect(await past(2)).toEqual([6, 7]);
    expect(await past(5)).toEqual([3, 4, 5, 6, 7]);
  });

  test('leaves out lines that a crash has torn', async () => {
    writeFileSync(path, `${line(1)}{"n":2\n${line(3)}{"n":4`);
    expect(await past(10)).toEqual([1, 3]);
  });

  test('of a folder without a log is empty', async () => {
    expect(await past(10)).toEqual([]);
  });
});

describe('following', () => {
  test('gives new events after the past ones, and a torn line when it is whole', async () => {
    writeFileSync(path, lines(1, 3));
    const tail = follow({ last: 1 });
    expect(await tail.take(1)).toEqual([3]);
    appendFileSync(path, `${line(4)}{"n"`);
    expect(await tail.take(1)).toEqual([4]);
    appendFileSync(path, ':5}\n');
    expect(await tail.take(1)).toEqual([5]);
    expect(await tail.end()).toEqual([]);
  });

  test('a line that is torn when it begins is given once it is whole', async () => {
    writeFileSync(path, `${line(1)}{"n"`);
    const tail = follow({ last: 5 });
    expect(await tail.take(1)).toEqual([1]);
    appendFileSync(path, ':2}\n');
    expect(await tail.take(1)).toEqual([2]);
    await tail.end();
  });

  test('a part of a line that its writer takes back repeats nothing and spoils nothing', async () => {
    writeFileSync(path, line(1));
    const tail = follow({ last: 1 });
    expect(await tail.take(1)).toEqual([1]);
    appendFileSync(path, `${line(2)}{"n":`);
    expect(await tail.take(1)).toEqual([2]);
    truncateSync(path, line(1).length + line(2).length);
    appendFileSync(path, line(3));
    expect(await tail.take(1)).toEqual([3]);
    expect(await tail.end()).toEqual([]);
  });

  test('waits for a log that is not there yet', async () => {
    const tail = follow();
    const first = tail.take(2);
    writeFileSync(path, lines(1, 2));
    expect(await first).toEqual([1, 2]);
    await tail.end();
  });

  test('loses and repeats nothing over many rotations of the writer', async () => {
    const log = openConversionLog({
      folder,
      rotateBytes: 1024,
      rotateDays: 1,
      keepFiles: 1000,
      now: () => new Date('2025-01-01T00:00:00Z'),
    });
    const seen: unknown[] = [];
    const abort = new AbortController();
    const reading = (async () => {
      for await (const event of tailLog({
        folder,
        last: 10,
        follow: true,
        pollMs: 1,
        signal: abort.signal,
      })) {
        seen.push(event['bytes']);
        if (seen.length === 500) abort.abort();
      }
    })();
    for (let i = 0; i < 500; i++) {
      log.info('found', 'm', { bytes: i });
      if (i % 40 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await reading;
    log.close();
    expect(seen).toEqual(numbers(0, 499));
  });

  test('follows the name when logrotate moves the file', async () => {
    writeFileSync(path, line(1));
    const tail = follow({ last: 1 });
    expect(await tail.take(1)).toEqual([1]);
    renameSync(path, join(folder, 'conversion_log.jsonl.1'));
    appendFileSync(join(folder, 'conversion_log.jsonl.1'), line(2));
    expect(await tail.take(1)).toEqual([2]);
    appendFileSync(join(folder, 'conversion_log.jsonl.1'), line(3));
    writeFileSync(path, line(4));
    expect(await tail.take(2)).toEqual([3, 4]);
    await tail.end();
  });

  test('starts again in a file that was truncated', async () => {
    writeFileSync(path, lines(1, 5));
    const tail = follow({ last: 1 });
    expect(await tail.take(1)).toEqual([5]);
    truncateSync(path, 0);
    appendFileSync(path, line(6));
    expect(await tail.take(1)).toEqual([6]);
    await tail.end();
  });

  test('ends at once when the signal is aborted', async () => {
    writeFileSync(path, lines(1, 2));
    const tail = follow({ last: 2, pollMs: 600_000 });
    expect(await tail.take(2)).toEqual([1, 2]);
    expect(await tail.end()).toEqual([]);
  });
});
