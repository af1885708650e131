import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HopperError } from '../../../src/errors/hopper-error.ts';
import { PARKED_NOTE } from '../../../src/intake/transient-name.ts';
import { type ConversionLog, openConversionLog } from '../../../src/log/conversion-log.ts';
import type { Passage } from '../../../src/pipeline/passage.ts';
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
    resumed: false,
    startedMs: 0,
    turn: {
      load: () => Promise.reject(new Error('not used')),
      loadNow: () => null,
      stepAside: () => asides++,
    },
    log,
    progress: { published: false, loadTried: false, identity: null, suspicion: null },
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
const note = (): string => join(folder, PARKED_NOTE);

test('a step that fails for its environment is tried until it succeeds, parked and resumed once', async () => {
  let attempts = 0;
  const result = await patiently(passage, { signal, attemptsMax: Infinity }, () => {
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
    const end = patiently(passage, { signal, attemptsMax: Infinity }, step);
    await expect(end).rejects.toMatchObject({ code });
    expect(attempts).toBe(1);
    expect(events()).toEqual([]);
  },
);

test('the last attempt throws what it ran into, and the note says what that is', async () => {
  const end = patiently(passage, { signal, attemptsMax: 2 }, () =>
    Promise.reject(new HopperError('database_denied')),
  );
  await expect(end).rejects.toMatchObject({ code: 'database_denied' });
  expect(JSON.parse(readFileSync(note(), 'utf8'))).toMatchObject({ code: 'database_denied' });
});

test('a parked file lets others pass, unless the trouble is that of all', async () => {
  const once = { signal, attemptsMax: 1 };
  const step = (): Promise<never> => Promise.reject(new HopperError('disk_full'));
  await expect(patiently(passage, { ...once, keepsTurn: true }, step)).rejects.toThrow();
  expect(asides).toBe(0);
  await expect(patiently(passage, once, step)).rejects.toThrow();
  expect(asides).toBe(1);
});

test('the signal ends the wait, and no step begins after it', async () => {
  const stop = new AbortController();
  const options = { signal: stop.signal, attemptsMax: Infinity };
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
