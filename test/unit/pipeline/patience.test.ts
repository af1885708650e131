import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HopperError } from '../../../src/errors/hopper-error.ts';
import { PARKED_NOTE } from '../../../src/intake/transient-name.ts';
import { type ConversionLog, openConversionLog } from '../../../src/log/conversion-log.ts';
import type { Passage } from '../../../src/pipeline/passage.ts';
import { DatabaseReturn } from '../../../src/pipeline/database-return.ts';
import { patiently } from '../../../src/pipeline/patience.ts';
import { datasetOf } from '../../support/loads.ts';

let folder: string;
let log: ConversionLog;
let passage: Passage;
let asides: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'csv-hopper-patience-'));
  asides = 0;
  log = openConversionLog({
    folder,
    ...{ rotateBytes: 1 << 20, rotateDays: 1, keepFiles: 1 },
    now: () => new Date(),
  });
  passage = {
    claim: { folder, path: join(folder, 'a.csv'), file: 'a.csv' },
    dataset: datasetOf('people', []),
    origin: 'new',
    startedMs: 0,
    turn: {
      load: () => Promise.reject(new Error('not used')),
      loadNow: () => null,
      stepAside: () => asides++,
    },
    log,
    progress: {
      published: false,
      loadTried: false,
      repeated: false,
      isRedrop: false,
      replaced: [],
      identity: null,
      suspicion: null,
    },
    place: null,
    freeConversion: () => undefined,
  };
});
afterEach(() => {
  log.close();
  rmSync(folder, { recursive: true });
});

function events(): unknown[] {
  const text = readFileSync(join(folder, 'conversion_log.jsonl'), 'utf8').trimEnd();
  return text === ''
    ? []
    : text.split('\n').map((line) => (JSON.parse(line) as { event: string }).event);
}

const signal = new AbortController().signal;
const databaseReturn = new DatabaseReturn();
const note = (): string => join(folder, PARKED_NOTE);

test('a step that fails for its environment is tried until it succeeds, parked and resumed once', async () => {
  let attempts = 0;
  const result = await patiently(passage, { signal, attemptsMax: Infinity, databaseReturn }, () => {
    if (++attempts === 3) return Promise.resolve('done');
    if (attempts === 2) expect(existsSync(note())).toBe(true);
    return Promise.reject(new HopperError('disk_full'));
  });
  expect(result).toBe('done');
  expect(events()).toEqual(['parked', 'resumed']);
  expect(existsSync(note())).toBe(false);
});

test.each(['content_invalid', 'rows_refused', 'source_changed', 'load_file_unusable'] as const)(
  '%s is thrown at once, because waiting does not help',
  async (code) => {
    let attempts = 0;
    const step = (): Promise<never> => {
      attempts++;
      return Promise.reject(new HopperError(code));
    };
    const end = patiently(passage, { signal, attemptsMax: Infinity, databaseReturn }, step);
    await expect(end).rejects.toMatchObject({ code });
    expect(attempts).toBe(1);
    expect(events()).toEqual([]);
  },
);

test('the last attempt throws what it ran into, and the note says what that is', async () => {
  const end = patiently(passage, { signal, attemptsMax: 2, databaseReturn }, () =>
    Promise.reject(new HopperError('database_denied')),
  );
  await expect(end).rejects.toMatchObject({ code: 'database_denied' });
  expect(JSON.parse(readFileSync(note(), 'utf8'))).toMatchObject({ code: 'database_denied' });
});

test('a parked file lets others pass, unless the trouble is that of all', async () => {
  const once = { signal, attemptsMax: 1, databaseReturn };
  const step = (): Promise<never> => Promise.reject(new HopperError('disk_full'));
  await expect(patiently(passage, { ...once, keepsTurn: true }, step)).rejects.toThrow();
  expect(asides).toBe(0);
  await expect(patiently(passage, once, step)).rejects.toThrow();
  expect(asides).toBe(1);
});

test('the signal ends the wait, and no step begins after it', async () => {
  const stop = new AbortController();
  const options = { signal: stop.signal, attemptsMax: Infinity, databaseReturn };
  let attempts = 0;
  const end = patiently(passage, options, () => {
    attempts++;
    // While the pause after this attempt runs.
    setImmediate(() => {
      stop.abort();
    });
    return Promise.reject(new HopperError('disk_full'));
  });
  await expect(end).rejects.toThrow();
  await expect(patiently(passage, options, () => Promise.resolve())).rejects.toThrow();
  expect(attempts).toBe(1);
});

/** Passes no time, and keeps how long it should have been. */
class Impatience extends DatabaseReturn {
  readonly pauses: number[] = [];

  override pause(ms: number): Promise<void> {
    this.pauses.push(ms);
    return Promise.resolve();
  }
}

test.each([
  ['a load', true, 2000],
  ['any other step', false, 30_000],
])(
  '%s asks for a database that is away with pauses up to its own longest',
  async (...[, keepsTurn, longest]) => {
    const impatience = new Impatience();
    const options = { signal, attemptsMax: 12, keepsTurn, databaseReturn: impatience };
    const end = patiently(passage, options, () =>
      Promise.reject(new HopperError('database_unreachable')),
    );
    await expect(end).rejects.toThrow();
    expect(impatience.pauses.slice(0, 3)).toEqual([250, 500, 1000]);
    expect(impatience.pauses.at(-1)).toBe(longest);
  },
);

test('the first answer of a database that was away ends the pauses of all', async () => {
  const waiting = databaseReturn.pause(1_000_000, signal);
  let attempts = 0;
  await patiently(passage, { signal, attemptsMax: Infinity, databaseReturn }, () =>
    ++attempts === 1 ? Promise.reject(new HopperError('database_timeout')) : Promise.resolve(),
  );
  await waiting;
});

test("the end of other trouble ends nobody else's pause", async () => {
  const stop = new AbortController();
  const waiting = databaseReturn.pause(1_000_000, stop.signal);
  let attempts = 0;
  await patiently(passage, { signal, attemptsMax: Infinity, databaseReturn }, () =>
    ++attempts === 1 ? Promise.reject(new HopperError('disk_full')) : Promise.resolve(),
  );
  stop.abort();
  await expect(waiting).rejects.toThrow('aborted');
});
