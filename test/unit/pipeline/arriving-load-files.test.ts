import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LoadFile } from '../../../src/core/load.ts';
import { ArrivingLoadFiles } from '../../../src/pipeline/arriving-load-files.ts';

const fileOf = (piece: number): LoadFile => ({ path: String(piece), bytes: 1, rows: 1 });

test('files are read in the order of the pieces, in whatever order they come', async () => {
  const arrivals = fc.integer({ min: 1, max: 20 }).chain((count) => {
    const pieces = Array.from({ length: count }, (_, piece) => piece);
    return fc.shuffledSubarray(pieces, { minLength: count });
  });
  await fc.assert(
    fc.asyncProperty(arrivals, fc.nat(20), async (order, readFrom) => {
      const files = new ArrivingLoadFiles();
      let read: Promise<string[]> | null = null;
      for (const [n, piece] of order.entries()) {
        if (n === readFrom) read = pathsOf(files);
        files.add(piece, fileOf(piece));
        await Promise.resolve();
      }
      files.end();
      expect(await (read ?? pathsOf(files))).toEqual(order.map((_, piece) => String(piece)));
    }),
  );
});

test('a reader that waits gets the failure, and so does one that has files before it', async () => {
  const files = new ArrivingLoadFiles();
  const waiting = pathsOf(files);
  files.fail(new Error('no more'));
  await expect(waiting).rejects.toThrow('no more');
  files.add(0, fileOf(0));
  await expect(pathsOf(files)).rejects.toThrow('no more');
});

async function pathsOf(files: ArrivingLoadFiles): Promise<string[]> {
  const paths: string[] = [];
  for await (const { path } of files) paths.push(path);
  return paths;
}
