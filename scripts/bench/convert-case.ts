import zlib from 'node:zlib';
import type { BenchContext } from './bench-context.ts';
import { expectedContents } from './contents.ts';
import { duckdbConverting, duckdbName, oursConverting, oursName } from './convert-contenders.ts';
import type { DataFile } from './data.ts';
import {
  type Bar,
  interleave,
  type Line,
  medianIn,
  type Section,
  speedAgainst,
} from './section.ts';

/** One file to Parquet, nothing loaded. */
export async function convertCase(context: BenchContext): Promise<Section[]> {
  const sections: Section[] = [];
  for (const codec of context.codecs) {
    for (const file of [context.data.students, context.data.orders]) {
      sections.push(await convertOne(context, file, codec));
    }
  }
  return sections;
}

async function convertOne(
  context: BenchContext,
  file: DataFile,
  codec: 'zstd' | 'snappy',
): Promise<Section> {
  const expected = await expectedContents(file);
  const title = `Convert ${sizeName(file)} to ${codec} Parquet`;
  const contenders = [
    oursConverting(context, file, 2, codec, expected),
    duckdbConverting(context, file, 2, codec, 'typed', expected),
    duckdbConverting(context, file, 2, codec, 'cleaned', expected),
    oursConverting(context, file, 1, codec, expected),
    duckdbConverting(context, file, 1, codec, 'typed', expected),
  ];
  const lines = await interleave(title, contenders, context.runs);
  const bars = convertBars(sizeName(file), codec, lines);
  return { title, bytes: file.bytes, files: 1, base: duckdbName(2, 'typed'), lines, bars };
}

function convertBars(file: string, codec: 'zstd' | 'snappy', lines: readonly Line[]): Bar[] {
  const against = (workers: number, limit: number): Bar => ({
    claim: `${file}, ${codec}: speed of ${oursName(workers)} against ${duckdbName(workers, 'typed')}`,
    measured: speedAgainst(lines, oursName(workers), duckdbName(workers, 'typed')),
    rule: 'at least',
    limit,
    unit: ' x',
  });
  const sizes = medianIn(lines, oursName(2), 'parquetBytes');
  const rivalSizes = medianIn(lines, duckdbName(2, 'typed'), 'parquetBytes');
  return [
    ...speedLimits(codec).map(([workers, limit]) => against(workers, limit)),
    {
      claim: `${file}, ${codec}: Parquet size against DuckDB's`,
      measured: sizes / rivalSizes,
      rule: 'at most',
      limit: 1,
      unit: ' x',
    },
    {
      claim: `${file}, ${codec}: peak memory of ${oursName(2)}`,
      measured: medianIn(lines, oursName(2), 'rssBytes') / 1e6,
      rule: 'at most',
      limit: 256,
      unit: ' MB',
    },
  ];
}

/** Numbers of workers, each with the least speed. Before 22.15 Node has no zstd of its own, and snappy is the fair match. */
function speedLimits(codec: 'zstd' | 'snappy'): [workers: number, limit: number][] {
  const hasNativeZstd = 'zstdCompressSync' in zlib;
  if (codec === 'snappy') return hasNativeZstd ? [] : [[2, 1]];
  return hasNativeZstd
    ? [
        [2, 1.3],
        [1, 1.2],
      ]
    : [[2, 0.8]];
}

export function sizeName({ shape, bytes }: DataFile): string {
  return `${(bytes / 1e6).toFixed(0)} MB of ${shape.name}`;
}
