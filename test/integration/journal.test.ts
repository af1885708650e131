import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { straceMissing } from '../faults/system-calls.ts';

const program = `
  import { Journal } from './src/core/journal.ts';
  const journal = new Journal(process.argv[1]);
  await journal.open();
  await journal.add({ n: 1 });
  await journal.close();
`;

// Only system calls tell what is flushed, and no installation gives a right to trace: not even under CI=true does it fail without.
const missing = straceMissing();
const describeOrSkip = missing === null ? describe : describe.skip;
describeOrSkip(missing === null ? 'a journal' : `a journal (skipped: ${missing})`, () => {
  test('is there after a power cut, with the folders that were made for it', () => {
    const root = realpathSync(mkdtempSync(join(tmpdir(), 'csv-hopper-journal-')));
    try {
      const path = join(root, 'lake', 'people', '.lines.jsonl');
      const lake = join(root, 'lake');
      expect(flushed(path)).toEqual([root, lake, join(lake, 'people'), path]);
      // Now it is there, and so is a line that nobody may have flushed.
      expect(flushed(path)).toEqual([path, path]);
      rmSync(path);
      expect(flushed(path)).toEqual([join(lake, 'people'), path]);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});

/** What is flushed to the disk, in this order, while a journal is opened and a line is added. */
function flushed(path: string): string[] {
  const trace = `${path.split('/lake/')[0]!}/trace`;
  const node = [process.execPath, '--import', 'tsx', '--input-type=module', '-e', program, path];
  const strace = ['-f', '-y', '-e', 'trace=fsync,fdatasync', '-o', trace];
  const { status, stderr } = spawnSync('strace', [...strace, ...node], { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  return [...readFileSync(trace, 'utf8').matchAll(/f(?:data)?sync\(\d+<([^>]+)>/g)].map(
    ([, flushedPath]) => flushedPath!,
  );
}
