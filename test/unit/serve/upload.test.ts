import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import { Uploads } from '../../../src/serve/upload.ts';
import { mountMissing, SmallDisk } from '../../support/small-disk.ts';

const lack = mountMissing();
const testIf = lack === null ? test : test.skip;
testIf(
  `an upload of unknown length that fills the disk is refused with what to do, and leaves nothing${lack === null ? '' : ` (skipped: ${lack})`}`,
  async () => {
    const root = mkdtempSync(join(tmpdir(), 'csv-hopper-upload-'));
    const disk = new SmallDisk(join(root, 'disk'), '20m');
    try {
      const input = join(disk.folder, 'in');
      mkdirSync(join(input, '.processing'), { recursive: true });
      const folders = { input, failed: join(input, 'failed'), archive: null, receipts: null };
      const config = { folders, datasets: [{ name: 'people', match: '*.csv' }] };
      const uploads = new Uploads(config as unknown as Config, 1e9);
      const body = Readable.from(Array.from({ length: 30 }, () => Buffer.alloc(1 << 20)));
      await expect(uploads.take('large.csv', body, null)).rejects.toMatchObject({
        ...{ status: 507, message: 'The disk has no room for this file.' },
        hint: 'Free space, then try again.',
      });
      expect(readdirSync(join(input, '.processing'))).toEqual([]);
      expect(readdirSync(input)).toEqual(['.processing']);
    } finally {
      disk.unmount();
      rmSync(root, { recursive: true });
    }
  },
);
