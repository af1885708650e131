import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { WorkerPool } from '../../../src/pipeline/worker-pool.ts';
import { compiled } from '../../support/hopper-process.ts';
import { column, datasetOf } from '../../support/loads.ts';
import { Conversions, type ConvertOptions } from './conversions.ts';

let at: Conversions;
beforeEach(() => {
  at = new Conversions();
});
afterEach(() => {
  at.remove();
});

const columns = [column('id', 'INTEGER'), column('name', 'VARCHAR'), column('n', 'INTEGER')];
const uniqueKeys = [['id'], ['name', 'n']];
const clean = { trim: true, lowercaseValues: true };
/** The smallest table has room for twelve rows. */
const smallTable = { fingerprintBytesMax: 0 };

function convert(lines: readonly string[], more: ConvertOptions = {}) {
  at.remove();
  at = new Conversions();
  const content = `id,name,n\n${lines.map((line) => `${line}\n`).join('')}`;
  return at.convert(content, columns, { clean, uniqueKeys, ...more });
}

const written = {
  id: fc
    .nat({ max: 40 })
    .chain((id) => fc.constantFrom(`${id}`, `+${id}`, ` ${id}`, `"${id}"`, '')),
  name: fc.constantFrom('a', 'A', ' a', 'b', '"b\nb"', '"B\nB"', ''),
  n: fc.nat({ max: 9 }).chain((n) => fc.constantFrom(`${n}`, `0${n}`, '')),
};
const line = fc.record(written);
type Line = Record<'id' | 'name' | 'n', string>;

/** What a conversion has to find: by the plainest of means. */
function expected(lines: readonly Line[], drops: boolean) {
  const rows = new Set<string>();
  const keys = [new Map<string, number>(), new Map<string, number>()] as const;
  const found: string[] = [];
  /** Lines of rows with a broken cell, and the values of rows that are loaded. */
  const broken: number[] = [];
  const kept: string[] = [];
  let dropped = 0;
  let at = 2;
  for (const { id, name, n } of lines) {
    const lineNumber = at;
    at += name.includes('\n') ? 2 : 1;
    if (n === 'x') {
      broken.push(lineNumber);
      continue;
    }
    const number = (text: string): string =>
      text === '' ? '' : String(Number(text.replaceAll('"', '')));
    const text = name.replaceAll('"', '').trim().toLowerCase();
    const values = [number(id), text, number(n)];
    const row = values.join('|');
    if (drops && rows.has(row)) {
      dropped++;
      continue;
    }
    rows.add(row);
    const before = found.length;
    for (const [i, parts] of [values.slice(0, 1), values.slice(1)].entries()) {
      if (parts.includes('')) continue;
      const key = parts.join('|');
      const earlier = keys[i]!.get(key);
      if (earlier === undefined) keys[i]!.set(key, lineNumber);
      else found.push(`${lineNumber} ${i} ${earlier}`);
    }
    if (found.length === before) kept.push(row);
  }
  return { found, dropped, broken, kept };
}

function foundIn(result: ReturnType<typeof convert>): string[] {
  return result.problems.map(({ line: of, column: name, rule, message }) => {
    expect(rule).toBe('unique');
    return `${of} ${name === 'id' ? 0 : 1} ${/line (\d+)/.exec(message)![1]!}`;
  });
}

const lines = fc.array(line, { minLength: 1, maxLength: 60, size: 'max' });
const pieceSizes = fc.constantFrom(30, 100, 1 << 20);

test('repeated keys are found, with the lines of the first rows, in one piece or many', () => {
  fc.assert(
    fc.property(lines, fc.boolean(), pieceSizes, (rows, drops, pieceBytesMax) => {
      const duplicateRows = drops ? 'drop' : 'keep';
      const { found, dropped } = expected(rows, drops);
      const result = convert(
        rows.map(({ id, name, n }) => `${id},${name},${n}`),
        { clean: { ...clean, duplicateRows }, settings: { pieceBytesMax, rowGroupRows: 9 } },
      );
      expect(foundIn(result).toSorted()).toEqual(found.toSorted());
      expect(result.problemsTotal).toBe(found.length);
      const rejected = new Set(found.map((text) => text.split(' ')[0])).size;
      expect(result.counts).toMatchObject({
        ...{ rowsRead: rows.length, rowsDroppedDuplicate: dropped, rowsRejected: rejected },
        rowsAccepted: rows.length - dropped - rejected,
      });
      expect(at.outputs().filter((name) => name.startsWith('.'))).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

test('tables of a few rows find the same, by spilling the others', () => {
  fc.assert(
    fc.property(lines, pieceSizes, (rows, pieceBytesMax) => {
      const { found } = expected(rows, false);
      const settings = { pieceBytesMax, rowGroupRows: 9, ...smallTable };
      const result = convert(
        rows.map(({ id, name, n }) => `${id},${name},${n}`),
        { settings },
      );
      expect(foundIn(result).toSorted()).toEqual(found.toSorted());
      const rejected = new Set(found.map((text) => text.split(' ')[0])).size;
      expect(result.counts).toMatchObject({
        ...{ rowsRead: rows.length, rowsRejected: rejected },
        rowsAccepted: rows.length - rejected,
      });
      expect(at.outputs().filter((name) => name.startsWith('.'))).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

test('rows that repeat others as a whole are dropped, not refused, also where tables have no room', () => {
  fc.assert(
    fc.property(lines, pieceSizes, (rows, pieceBytesMax) => {
      const { found, dropped } = expected(rows, true);
      const settings = { pieceBytesMax, rowGroupRows: 9, ...smallTable };
      const options = { clean: { ...clean, duplicateRows: 'drop' as const }, settings };
      const result = convert(
        rows.map(({ id, name, n }) => `${id},${name},${n}`),
        options,
      );
      // Of a file that is refused anyway a row may be told of that repeats another refused one.
      expect(foundIn(result)).toEqual(expect.arrayContaining(found));
      expect(result.problemsTotal > 0).toBe(found.length > 0);
      if (found.length === 0) expect(result.counts.rowsDroppedDuplicate).toBe(dropped);
    }),
    { numRuns: 100 },
  );
});

const ROWS = 5000;
const pieces = { pieceBytesMax: 12_000, rowGroupRows: 300 };
const numbered = (idOf: (row: number) => number): string[] =>
  Array.from({ length: ROWS }, (_, row) => `${idOf(row)},some name,${row}`);

test('keys that go up are not compared, nor is a longer key with one in it', () => {
  const outputs = { scratch: `${at.folder}/none/.spilled-rows` };
  const settings = { ...pieces, ...smallTable };
  const keys = [['id'], ['id', 'name']];
  const options = { settings, outputs, uniqueKeys: keys };
  // A folder that is not there fails whoever spills.
  expect(
    convert(
      numbered((row) => row),
      options,
    ).problemsTotal,
  ).toBe(0);
  expect(() =>
    convert(
      numbered((row) => ROWS - row),
      options,
    ),
  ).toThrow();
});

test('keys that go up no more are compared after all', () => {
  const result = convert(
    numbered((row) => (row === 4000 ? 17 : row)),
    { settings: pieces },
  );
  expect(result.problems).toMatchObject([
    {
      ...{ line: 4002, column: 'id', value: '17', rule: 'unique' },
      message: 'id has a value that line 19 has already.',
    },
  ]);
  expect(at.outputs()).toEqual([]);
});

test('of very many only the first are listed and all are counted', () => {
  const result = convert(
    Array.from({ length: 30_000 }, () => '1,a,'),
    { settings: { problemsMax: 5, pieceBytesMax: 20_000, rowGroupRows: 700 } },
  );
  expect(result).toMatchObject({ problemsTotal: 29_999, groups: [{ count: 29_999 }] });
  expect(result.problems.map((problem) => problem.line)).toEqual([3, 4, 5, 6, 7]);
  expect(result.counts).toMatchObject({ rowsRead: 30_000, rowsRejected: 29_999 });
});

const diversion = { rowsMax: null, ratioMax: null };
/** Some rows have a cell that is broken, so that they have no keys either. */
const someLines = fc.array(
  fc.record({ ...written, n: fc.oneof({ weight: 5, arbitrary: written.n }, fc.constant('x')) }),
  { minLength: 1, maxLength: 60, size: 'max' },
);

/** Converts rows of which those that break a rule are diverted. */
async function divert(rows: readonly Line[], options: ConvertOptions) {
  at.remove();
  at = new Conversions();
  const rejected = join(at.folder, '.rejects.csv');
  const content = `id,name,n\n${rows.map(({ id, name, n }) => `${id},${name},${n}\n`).join('')}`;
  const given = { uniqueKeys, diversion, outputs: { rejected }, ...options };
  const result = at.convert(content, columns, given);
  const { loadFiles } = result;
  return {
    result,
    rejects: result.rejects === null ? '' : readFileSync(rejected, 'utf8'),
    table: result.refused ? {} : await at.readParquet(),
    loaded: loadFiles.reduce((sum, loadFile) => sum + loadFile.rows, 0),
  };
}

/** What a reject file says of each row: its line, rules and the lines of earlier rows, if it knows them. */
function saidIn(rejects: string): { line: number; rules: string; earlier: (number | null)[] }[] {
  const form = /,(\d+),"[^"]*","(?:[^"]|"")*","([a-z_| ]+)","((?:[^"]|"")*)","(?:[^"]|"")*"(?=\n)/g;
  return [...rejects.matchAll(form)].map(([, line, rules = '', message = '']) => ({
    line: Number(line),
    rules,
    earlier: [...message.matchAll(/that (?:line (\d+)|an earlier row) has already/g)].map(
      ([, number]) => (number === undefined ? null : Number(number)),
    ),
  }));
}

test('rows that repeat a key are diverted, and all others loaded, whatever fits in memory', async () => {
  await fc.assert(
    fc.asyncProperty(
      ...([someLines, fc.boolean(), fc.boolean(), pieceSizes] as const),
      async (rows, drops, isSmall, pieceBytesMax) => {
        const { found, dropped, broken, kept } = expected(rows, drops);
        const settings = { rowGroupRows: 9, ...(isSmall && smallTable) };
        const options = {
          clean: { ...clean, duplicateRows: drops ? ('drop' as const) : ('keep' as const) },
        };
        const whole = await divert(rows, { ...options, settings });
        const repeating = new Map<number, number[]>();
        for (const [line, , earlier] of found.map((text) => text.split(' ').map(Number))) {
          repeating.set(line!, [...(repeating.get(line!) ?? []), earlier!]);
        }
        const rejected = repeating.size + broken.length;
        expect(whole.result.counts).toMatchObject({
          ...{ rowsRead: rows.length, rowsRejected: rejected, rowsDroppedDuplicate: dropped },
          rowsAccepted: kept.length,
        });
        expect(whole.result.problemsTotal - (rejected === rows.length ? 1 : 0)).toBe(
          found.length + broken.length,
        );
        expect(whole.result.refused).toBe(rejected === rows.length);
        if (whole.result.refused) return;
        expect(whole.loaded).toBe(kept.length);
        const { id = [], name = [], n = [] } = whole.table as Record<string, (string | null)[]>;
        expect(
          id.map((value, row) => [value, name[row], n[row]].map((cell) => cell ?? '').join('|')),
        ).toEqual(kept);
        const said = saidIn(whole.rejects);
        expect(said.map(({ line: of }) => of)).toEqual(
          [...repeating.keys(), ...broken].toSorted((a, b) => a - b),
        );
        for (const { line: of, rules, earlier } of said) {
          const lines = repeating.get(of);
          expect(rules).toBe(lines === undefined ? 'type' : lines.map(() => 'unique').join(' | '));
          expect(earlier).toEqual(
            (lines ?? []).map((number, i) => (isSmall && earlier[i] === null ? null : number)),
          );
        }
        const inPieces = await divert(rows, {
          ...options,
          settings: { ...settings, pieceBytesMax },
        });
        expect(inPieces.rejects).toBe(whole.rejects);
        expect(inPieces.table).toEqual(whole.table);
        const left = at.outputs().filter((file) => file.startsWith('.'));
        expect(left).toEqual(whole.rejects === '' ? [] : ['.rejects.csv']);
      },
    ),
    { numRuns: 60 },
  );
});

test('a row that was taken for one with an earlier key, and repeats a diverted row, leaves nothing behind', async () => {
  const others = Array.from({ length: 40 }, (_, i) => ({
    ...{ id: String(100 - i), name: 'b', n: String(i) },
  }));
  const diverted = { id: '1', name: '', n: '' };
  // The last one repeats the row before it as a whole, which shows late, and by its id the first row, which shows at once.
  const rows = [{ ...diverted, name: 'a' }, ...others, diverted, ...others.slice(0, 9), diverted];
  const settings = { ...smallTable, rowGroupRows: 9, pieceBytesMax: 20 };
  const { result, rejects } = await divert(rows, {
    clean: { ...clean, duplicateRows: 'drop' },
    settings,
  });
  expect(result.counts).toMatchObject({ rowsRejected: 1, rowsDroppedDuplicate: 10 });
  expect(saidIn(rejects)).toMatchObject([{ line: 43, rules: 'unique' }]);
  expect(at.outputs().filter((file) => file.startsWith('.'))).toEqual(['.rejects.csv']);
});

test('rows that repeat a key count towards the limit of diverted rows', async () => {
  const rows = ['1', '1', '2', '2', '2'].map((id, i) => ({ id, name: 'a', n: String(i) }));
  for (const settings of [smallTable, {}]) {
    const within = await divert(rows, { settings, diversion: { rowsMax: 3, ratioMax: 0.6 } });
    expect(within.result).toMatchObject({ refused: false, counts: { rowsRejected: 3 } });
    const beyond = await divert(rows, { settings, diversion: { rowsMax: 2, ratioMax: null } });
    expect(beyond.result).toMatchObject({ refused: true, rejects: null });
    expect(at.outputs()).toEqual([]);
  }
});

test('a reject file of very many repeated rows names the lines of the first ones', async () => {
  const rows = Array.from({ length: 30_000 }, (_, i) => ({ id: '1', name: 'a', n: String(i) }));
  const settings = { pieceBytesMax: 20_000, rowGroupRows: 700, problemsMax: 5 };
  const { result, rejects } = await divert(rows, { settings, uniqueKeys: [['id'], ['n', 'id']] });
  expect(result).toMatchObject({
    refused: false,
    problemsTotal: 29_999,
    rejects: { rows: 29_999 },
  });
  expect(result.problems.map((problem) => problem.line)).toEqual([3, 4, 5, 6, 7]);
  const said = saidIn(rejects);
  expect(said.map(({ line: of }) => of)).toEqual(rows.slice(1).map((_, i) => i + 3));
  expect(new Set(said.map(({ earlier }) => earlier.join()))).toEqual(new Set(['2']));
});

test('threads find together what one finds', async () => {
  const { WorkerPool: CompiledPool } =
    await compiled<typeof import('../../../src/pipeline/worker-pool.ts')>(
      'pipeline/worker-pool.js',
    );
  const rows = Array.from({ length: 60_000 }, (_, row) => `${(row * 7919) % 59_999},n,${row}`);
  const content = `id,name,n\n${rows.join('\n')}\n`;
  const expectedState = at.write(content);
  const dataset = { ...datasetOf('d', columns), uniqueKeys };
  const pool: WorkerPool = new CompiledPool(3, {
    datasets: [dataset],
    conversion: {
      ...{ codec: 'none', rowGroupRows: 9000, lineBytesMax: 1 << 20, problemsMax: 10 },
      ...{ pieceBytesMax: 100_000, fingerprintBytesMax: 1 << 17 },
    },
    unpacking: { bytesMax: 1 << 30, ratioMax: 1000 },
    givesWay: false,
  });
  try {
    const result = await pool.convert({
      source: at.source,
      expected: expectedState,
      dataset: 'd',
      outputs: {
        ...{ parquet: at.parquet, loadFile: at.loadFile, metadata: {} },
        scratch: `${at.folder}/.spilled-rows`,
        decoded: `${at.folder}/.decoded`,
      },
    });
    expect(readFileSync(at.source, 'utf8').split('\n')[60_000]).toMatch(/^0,/);
    expect(result.problems).toMatchObject([{ line: 60_001, column: 'id', value: '0' }]);
    expect(result.problemsTotal).toBe(1);
    expect(at.outputs()).toEqual([]);
  } finally {
    await pool.close();
  }
});

test('threads divert together what one does', async () => {
  const { WorkerPool: CompiledPool } =
    await compiled<typeof import('../../../src/pipeline/worker-pool.ts')>(
      'pipeline/worker-pool.js',
    );
  const rows = Array.from({ length: 60_000 }, (_, row) => {
    const n = row % 9000 === 8000 ? 'x' : String(row);
    return `${(row * 7919) % 59_990},n,${n}`;
  });
  const content = `id,name,n\n${rows.join('\n')}\n`;
  const expectedState = at.write(content);
  const rejected = join(at.folder, '.rejects.csv');
  const convertWith = async (threads: number) => {
    const pool: WorkerPool = new CompiledPool(threads, {
      datasets: [{ ...datasetOf('d', columns), uniqueKeys, diversion }],
      conversion: {
        ...{ codec: 'none', rowGroupRows: 9000, lineBytesMax: 1 << 20, problemsMax: 10 },
        ...{ pieceBytesMax: 100_000, fingerprintBytesMax: 1 << 17 },
      },
      unpacking: { bytesMax: 1 << 30, ratioMax: 1000 },
      givesWay: false,
    });
    try {
      const { counts, rejects } = await pool.convert({
        source: at.source,
        expected: expectedState,
        dataset: 'd',
        outputs: {
          ...{ parquet: at.parquet, loadFile: at.loadFile, metadata: {}, rejected },
          scratch: `${at.folder}/.spilled-rows`,
          decoded: `${at.folder}/.decoded`,
        },
      });
      return { counts, rejects, text: readFileSync(rejected), parquet: readFileSync(at.parquet) };
    } finally {
      await pool.close();
    }
  };
  const one = await convertWith(1);
  expect(one.counts).toMatchObject({ rowsRead: 60_000, rowsRejected: 16, rowsAccepted: 59_984 });
  expect(saidIn(one.text.toString()).map(({ rules }) => rules)).toEqual([
    ...Array<string>(6).fill('type'),
    ...Array<string>(10).fill('unique'),
  ]);
  expect(await convertWith(3)).toEqual(one);
  expect(at.outputs().filter((file) => file.startsWith('.'))).toEqual(['.rejects.csv']);
});
