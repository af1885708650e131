import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { ConvertedLoad } from '../../../src/core/load.ts';
import { readLoadFiles } from '../../../src/load/read-load-files.ts';
import { column, convertedLoad, datasetOf } from '../../support/loads.ts';

const folder = mkdtempSync(join(tmpdir(), 'hopper-load-files-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A load whose rows stand in files of these contents, in this order. */
function loadOf(contents: readonly string[]): ConvertedLoad {
  const load = convertedLoad(folder, datasetOf('people', [column('a', 'TEXT')]), 'a.csv', []);
  const loadFiles = contents.map((content, n) => {
    const path = join(folder, `${n}.tsv`);
    writeFileSync(path, content);
    return { path, bytes: Buffer.byteLength(content), rows: content.split('\n').length - 1 };
  });
  return { ...load, loadFiles, rowsAccepted: loadFiles.reduce((sum, { rows }) => sum + rows, 0) };
}

async function blocksOf(load: ConvertedLoad): Promise<string[]> {
  const blocks: string[] = [];
  for await (const block of readLoadFiles(load)) blocks.push(block.toString());
  return blocks;
}

test('the load files of a load are read in their order, in blocks of whole lines', async () => {
  // Up to 600 KB: shorter than a block, and longer than two.
  const line = fc.oneof(
    fc.string(),
    fc.nat(600_000).map((length) => 'x'.repeat(length)),
  );
  const lines = fc.array(
    line.map((text) => `${text.replaceAll('\n', '')}\n`),
    { maxLength: 5 },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(lines, { maxLength: 4 }), async (files) => {
      const contents = files.map((content) => content.join(''));
      const blocks = await blocksOf(loadOf(contents));
      expect(blocks.join('')).toBe(contents.join(''));
      expect(blocks.every((block) => block.endsWith('\n'))).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test.each([
  ['a row that two files are to share', ['1\n2', '\n3\n'], [2, 1]],
  ['a row in the wrong file', ['1\n', '2\n3\n'], [2, 1]],
])('%s is refused, though the sum of the rows is right', async (_, contents, rows) => {
  const load = loadOf(contents);
  const loadFiles = load.loadFiles.map((loadFile, n) => ({ ...loadFile, rows: rows[n] ?? 0 }));
  await expect(blocksOf({ ...load, loadFiles })).rejects.toMatchObject({
    code: 'load_file_unusable',
    details: { loadFile: join(folder, '0.tsv') },
  });
});

test('a load of which a file is missing in the list is refused', async () => {
  const load = loadOf(['1\n', '2\n']);
  const incomplete = { ...load, loadFiles: load.loadFiles.slice(0, 1) };
  await expect(blocksOf(incomplete)).rejects.toMatchObject({ code: 'load_file_unusable' });
});
