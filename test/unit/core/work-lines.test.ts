import { mkdtempSync, openSync, closeSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { readWorkLines, WorkLines } from '../../../src/core/work-lines.ts';

const folder = mkdtempSync(join(tmpdir(), 'csv-hopper-lines-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Line {
  n: number;
  text: string;
}

function write(name: string, lines: readonly Line[]): string {
  const path = join(folder, name);
  const file = new WorkLines(path);
  for (const line of lines) file.add(line);
  file.finish();
  return path;
}

const fromLine = (path: string, n: number): Line[] =>
  [...readWorkLines(path, (line) => (line as Line).n < n)] as Line[];

test('lines are read on from the first that is wanted, whatever their lengths', () => {
  let files = 0;
  const lengths = fc.array(fc.oneof(fc.nat(20), fc.integer({ min: 100_000, max: 400_000 })), {
    ...{ minLength: 1, maxLength: 12 },
  });
  fc.assert(
    fc.property(lengths, fc.nat(13), (sizes, n) => {
      const lines = sizes.map((size, i) => ({ n: i, text: 'ä'.repeat(size) }));
      const path = write(`${++files}`, lines);
      const found = fromLine(path, n);
      expect(found.filter((line) => line.n >= n)).toEqual(lines.slice(n));
      expect(found).toEqual(lines.slice(lines.length - found.length));
      rmSync(path);
    }),
    { numRuns: 12 },
  );
});

test('what is far before the first that is wanted is not looked at', () => {
  const lines = Array.from({ length: 60_000 }, (_, n) => ({ n, text: 'of a row that is refused' }));
  const path = write('long', lines);
  const fd = openSync(path, 'r+');
  writeSync(fd, 'x'.repeat(100_000));
  closeSync(fd);
  expect(() => [...readWorkLines(path)]).toThrow(SyntaxError);
  const found = fromLine(path, 50_000);
  expect(found.at(-1)).toEqual(lines.at(-1));
  expect(found.length).toBeLessThan(20_000);
  expect(found.filter(({ n }) => n >= 50_000)).toEqual(lines.slice(50_000));
});
