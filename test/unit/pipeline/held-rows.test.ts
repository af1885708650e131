import { expect, test } from 'vitest';
import { HeldRows } from '../../../src/pipeline/held-rows.ts';

test('load files are held until all together take 32 MiB, and again when some are let go', () => {
  const held = new HeldRows();
  const loadFiles = [{ path: '', bytes: 32 << 20, rows: 1, content: new Uint8Array(32 << 20) }];
  expect(held.bytesMax).toBeGreaterThan(0);
  held.hold(loadFiles);
  expect(held.bytesMax).toBe(0);
  held.letGo(loadFiles);
  expect(held.bytesMax).toBeGreaterThan(0);
});

test('those that are in a file do not count', () => {
  const held = new HeldRows();
  held.hold([{ path: 'a', bytes: 1 << 30, rows: 1 }]);
  expect(held.bytesMax).toBeGreaterThan(0);
});
