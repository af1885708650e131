import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HopperError } from '../../../src/errors/hopper-error.ts';
import { openConversionLog, type ConversionLogOptions } from '../../../src/log/conversion-log.ts';

const module = join(import.meta.dirname, '../../../src/log/conversion-log.ts');

let folder: string;
let clock: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hopper-log-'));
  clock = Date.parse('2025-01-02T03:04:05.678Z');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function open(options: Partial<ConversionLogOptions> = {}) {
  return openConversionLog({
    folder,
    rotateBytes: 1024 * 1024,
    rotateDays: 7,
    keepFiles: 10,
    now: () => new Date(clock),
    ...options,
  });
}

const text = (name: string) => readFileSync(join(folder, name), 'utf8');
const events = (name = 'conversion_log.jsonl') =>
  text(name)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const rotated = (extension: string) =>
  readdirSync(folder).filter(
    (name) => name.startsWith('conversion_log-') && name.endsWith(extension),
  );

describe('an event', () => {
  test('is a JSON line of the documented names and nothing else', () => {
    const log = open();
    log.info('finished', 'file finished', { file: 'a.csv', rowsRead: 2, table: undefined });
    expect(events()).toEqual([
      {
        level: 'info',
        time: '2025-01-02T03:04:05.678Z',
        event: 'finished',
        file: 'a.csv',
        rowsRead: 2,
        msg: 'file finished',
      },
    ]);
    log.close();
  });

  test('is a readable line too, which is also handed on', () => {
    const lines: string[] = [];
    const log = open({ onLine: (line, level) => lines.push(`${level}|${line}`) });
    log.warn('parked', 'file parked', { file: 'a.csv', reason: 'no space' });
    const line = '2025-01-02T03:04:05Z  WARN  parked     a.csv  no space';
    expect(text('conversion_log.txt')).toBe(`${line}\n`);
    expect(lines).toEqual([`warn|${line}`]);
    log.close();
  });

  test('has the fields it is bound to, and its own come first', () => {
    const log = open();
    log
      .with({ dataset: 'd', file: 'a.csv' })
      .with({ loadId: 'f00' })
      .error('failed', 'm', { file: 'b.csv' });
    expect(events()[0]).toMatchObject({
      level: 'error',
      dataset: 'd',
      file: 'b.csv',
      loadId: 'f00',
    });
    expect(text('conversion_log.jsonl').match(/"file"/g)).toHaveLength(1);
    log.close();
  });

  test('is in the file when the call returns, so that kill -9 right after it loses nothing', () => {
    const script = `
      const { openConversionLog } = await import(${JSON.stringify(module)});
      const log = openConversionLog({ folder: ${JSON.stringify(folder)}, rotateBytes: 1e6, rotateDays: 7, keepFiles: 1, now: () => new Date() });
      for (let i = 0; i < 100; i++) log.info('found', 'm', { bytes: i });
      process.kill(process.pid, 'SIGKILL');`;
    const child = spawnSync(process.execPath, evaluate(script), {
      encoding: 'utf8',
      env,
    });
    expect(child.signal, child.stderr).toBe('SIGKILL');
    expect(events().map(({ bytes }) => bytes)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(text('conversion_log.txt').split('\n')).toHaveLength(101);
  });

  test('has of an error its code and words, but no cell value that a database quotes', () => {
    const log = open();
    const cause = Object.assign(new Error("Duplicate entry 'secret cell'"), {
      code: 'ER_DUP_ENTRY',
      sqlState: '23000',
    });
    log.error('failed', 'm', { err: new HopperError('rows_refused', { cause }) });
    expect(events()[0]?.['err']).toMatchObject({
      code: 'rows_refused',
      stage: 'load',
      message: 'The database refuses rows of the file.',
      cause: { code: 'ER_DUP_ENTRY', sqlState: '23000' },
    });
    log.error('parked', 'm', { err: new SyntaxError('Unexpected token in "secret cell"') });
    expect(text('conversion_log.jsonl') + text('conversion_log.txt')).not.toContain('secret cell');
    log.close();
  });
});

describe('opening', () => {
  test('ends a line that a crash has torn, so that the next event is whole', () => {
    writeFileSync(join(folder, 'conversion_log.jsonl'), '{"level":"info"}\n{"level":"in');
    const log = open();
    log.info('watching', 'waiting for CSV files');
    const lines = text('conversion_log.jsonl').split('\n');
    expect(lines[1]).toBe('{"level":"in');
    expect(JSON.parse(lines[2] ?? '')).toMatchObject({ event: 'watching' });
    log.close();
  });

  test('makes the folder, and says so when it cannot', () => {
    const log = open({ folder: join(folder, 'a/b') });
    log.close();
    expect(readdirSync(join(folder, 'a/b')).sort()).toEqual([
      'conversion_log.jsonl',
      'conversion_log.txt',
    ]);
    writeFileSync(join(folder, 'file'), '');
    expect(() => open({ folder: join(folder, 'file') })).toThrow(
      expect.objectContaining({ code: 'folder_unusable' }),
    );
  });
});

describe('rotation', () => {
  test('by size keeps every event in order and no file above the limit', () => {
    const log = open({ rotateBytes: 1024, keepFiles: 1000 });
    for (let i = 0; i < 100; i++) log.info('found', 'm', { bytes: i });
    log.close();
    const files = [...rotated('jsonl').sort(), 'conversion_log.jsonl'];
    expect(files.length).toBeGreaterThan(5);
    expect(files.flatMap((name) => events(name).map(({ bytes }) => bytes))).toEqual(
      Array.from({ length: 100 }, (_, i) => i),
    );
    for (const name of files) expect(text(name).length).toBeLessThanOrEqual(1024);
    expect(rotated('txt').length).toBeGreaterThan(1);
  });

  test('keeps the newest files and removes the oldest', () => {
    const log = open({ rotateBytes: 1024, keepFiles: 2 });
    for (let i = 0; i < 100; i++) log.info('found', 'm', { bytes: i });
    log.close();
    const kept = rotated('jsonl').sort();
    expect(kept).toHaveLength(2);
    expect(events(kept[1]).at(-1)?.['bytes']).toBe((events()[0]?.['bytes'] as number) - 1);
  });

  test('by age counts from the first event, over restarts', () => {
    const log = open({ rotateDays: 2 });
    log.info('found', 'first');
    log.close();
    clock += 1.5 * 86_400_000;
    const again = open({ rotateDays: 2 });
    again.info('found', 'second');
    expect(rotated('jsonl')).toEqual([]);
    clock += 0.5 * 86_400_000;
    again.info('found', 'third');
    again.close();
    expect(rotated('jsonl')).toEqual(['conversion_log-20250104T030405.678Z.jsonl']);
    expect(events().map(({ msg }) => msg)).toEqual(['third']);
    expect(rotated('txt')).toHaveLength(1);
  });

  test('leaves files of other names alone', () => {
    writeFileSync(join(folder, 'conversion_log-notes.jsonl'), 'mine');
    const log = open({ rotateBytes: 1024, keepFiles: 0 });
    for (let i = 0; i < 50; i++) log.info('found', 'm');
    log.close();
    expect(rotated('jsonl')).toEqual(['conversion_log-notes.jsonl']);
  });

  test('a file that logrotate has moved is let go on reopen', () => {
    const log = open();
    log.info('found', 'before');
    renameSync(join(folder, 'conversion_log.jsonl'), join(folder, 'moved'));
    log.reopen();
    log.info('found', 'after');
    log.close();
    expect(events('moved').map(({ msg }) => msg)).toEqual(['before']);
    expect(events().map(({ msg }) => msg)).toEqual(['after']);
  });
});

describe('a log that cannot be written', () => {
  test('loses no count of its events and says so once it can', () => {
    const lines: string[] = [];
    const log = open({ onLine: (line) => lines.push(line) });
    log.info('found', 'm', { bytes: 1 });
    // A folder under the name of the file: opening it fails for every user, as on a disk that is gone.
    const path = join(folder, 'conversion_log.jsonl');
    renameSync(path, join(folder, 'moved'));
    mkdirSync(path);
    log.reopen();
    for (const bytes of [2, 3, 4]) log.info('found', 'm', { bytes });
    rmSync(path, { recursive: true });
    log.info('found', 'm', { bytes: 5 });
    log.info('found', 'm', { bytes: 6 });
    log.close();
    expect(events().map(({ event, bytes, reason }) => [event, bytes ?? reason])).toEqual([
      ['resumed', '3 events could not be written to conversion_log.jsonl'],
      ['found', 5],
      ['found', 6],
    ]);
    // The other file was never in trouble.
    expect(text('conversion_log.txt').match(/ bytes?/g)).toHaveLength(6);
    expect(lines.filter((line) => line.includes('(EISDIR)'))).toHaveLength(1);
    expect(lines.filter((line) => line.includes('3 events'))).toHaveLength(1);
    expect(lines.filter((line) => / bytes?/.test(line))).toHaveLength(6);
  });

  test('goes on in a new file when somebody has removed it', () => {
    const log = open({ rotateBytes: 1024 });
    for (let i = 0; i < 5; i++) log.info('found', 'm', { bytes: i });
    rmSync(join(folder, 'conversion_log.jsonl'));
    for (let i = 5; i < 100; i++) log.info('found', 'm', { bytes: i });
    log.close();
    expect(events().at(-1)?.['bytes']).toBe(99);
  });

  test('says once that old files cannot be removed, and goes on', () => {
    const lines: string[] = [];
    const log = open({ rotateBytes: 1024, keepFiles: 0, onLine: (line) => lines.push(line) });
    mkdirSync(join(folder, 'conversion_log-20240101T000000.000Z.jsonl'));
    for (let i = 0; i < 100; i++) log.info('found', 'm', { bytes: i });
    log.close();
    expect(lines.filter((line) => line.includes('log rotation failed'))).toHaveLength(1);
    expect(events().at(-1)?.['bytes']).toBe(99);
  });

  test.skipIf(process.platform !== 'linux')('a full disk stops nothing', () => {
    const lines: string[] = [];
    symlinkSync('/dev/full', join(folder, 'conversion_log.jsonl'));
    const log = open({ onLine: (line) => lines.push(line) });
    log.info('found', 'm', { bytes: 1 });
    expect(lines.at(-1)).toContain('(ENOSPC)');
    expect(text('conversion_log.txt')).toMatch(/ 1 byte$/m);
    log.close();
  });

  test.skipIf(process.platform !== 'linux')(
    'a line of which only a part could be written is taken back, so that every line is an event',
    () => {
      // The process may write no more than 1 KiB into a file, until it lifts that limit itself.
      const script = `
      const { spawnSync } = await import('node:child_process');
      const { openConversionLog } = await import(${JSON.stringify(module)});
      const log = openConversionLog({ folder: ${JSON.stringify(folder)}, rotateBytes: 1e6, rotateDays: 7, keepFiles: 1, now: () => new Date() });
      for (let i = 0; i < 50; i++) log.info('found', 'm', { bytes: i });
      spawnSync('prlimit', ['--pid', String(process.pid), '--fsize=unlimited']);
      log.info('found', 'm', { bytes: 50 });`;
      const child = spawnSync(
        'bash',
        ['-c', 'ulimit -Sf 1 && exec "$@"', '-', process.execPath, ...evaluate(script)],
        {
          encoding: 'utf8',
          env,
        },
      );
      expect(child.status, child.stderr).toBe(0);
      const written = text('conversion_log.jsonl').trimEnd().split('\n');
      const events = written.map((line) => JSON.parse(line) as Record<string, unknown>);
      const [gap, last] = events.slice(-2);
      expect(gap?.['reason']).toContain(`${50 - (events.length - 2)} events could not be written`);
      expect(last?.['bytes']).toBe(50);
    },
  );
});

// Without its cache: a process that is killed or may not write would leave a torn one behind.
const env = { ...process.env, TSX_DISABLE_CACHE: '1' };

/** Arguments with which Node.js runs a script that imports TypeScript. */
function evaluate(script: string): string[] {
  return ['--import', 'tsx', '--input-type=module', '-e', script];
}
