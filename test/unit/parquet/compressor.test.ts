import { compressors } from 'hyparquet-compressors';
import { expect, test } from 'vitest';
import { codecNames } from '../../../src/core/codec-name.ts';
import { openCompressor } from '../../../src/parquet/compressor.ts';

const decompressors = {
  none: (page: Uint8Array) => page,
  gzip: compressors.GZIP!,
  snappy: compressors.SNAPPY!,
  zstd: compressors.ZSTD!,
};

const kinds = codecNames.flatMap((codec) => [[codec, 'small'] as const, [codec, 'large'] as const]);

test.each(kinds)(
  '%s pages of any size come back, small first and small last, opened for %s ones',
  async (codec, pages) => {
    const compressor = await openCompressor(codec, pages);
    expect(compressor.codec).toBe(codec);
    const random = Uint8Array.from({ length: 300_000 }, (_, at) => (at * at * 31) >>> 7);
    for (const size of [1, 2, 100, 5000, 300_000, 7]) {
      const page = random.slice(0, size);
      // A copy: a Buffer's slice would be a view of memory that the next call may give back.
      const compressed = Uint8Array.from(compressor.compress(page));
      expect(Buffer.compare(decompressors[codec](compressed, size), random.subarray(0, size))).toBe(
        0,
      );
      expect(Buffer.compare(compressor.compress(page), compressed)).toBe(0);
    }
  },
);

test.each(['gzip', 'snappy', 'zstd'] as const)('%s makes repeated bytes fewer', async (codec) => {
  const compressor = await openCompressor(codec, 'small');
  expect(compressor.compress(new Uint8Array(100_000)).length).toBeLessThan(6000);
});
