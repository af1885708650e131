import type { BenchContext } from './bench-context.ts';
import { oursConverting, oursName } from './convert-contenders.ts';
import { sizeName } from './convert-case.ts';
import type { DataFile } from './data.ts';
import { type Bar, interleave, medianIn, type Section } from './section.ts';

/** A run over 2 GB takes half a minute and its peak hardly varies. */
const RUNS_MAX = 3;

/** Peak memory at ten times the size. */
export async function memoryCase(context: BenchContext): Promise<Section[]> {
  const { data } = context;
  const sections: Section[] = [];
  for (const [index, file] of [data.students, data.orders].entries()) {
    const large = data.large[index];
    if (large === undefined) throw new Error('The large files are missing.');
    sections.push(await compareSizes(context, file, large));
  }
  return sections;
}

async function compareSizes(
  context: BenchContext,
  file: DataFile,
  large: DataFile,
): Promise<Section> {
  const title = `Peak memory, ${sizeName(file)} and ${sizeName(large)}`;
  const contenders = [file, large].map((each) => ({
    ...oursConverting(context, each, 2, 'zstd'),
    name: `${oursName(2)}, ${sizeName(each)}`,
  }));
  const lines = await interleave(title, contenders, Math.min(context.runs, RUNS_MAX));
  const [small = '', tenfold = ''] = contenders.map(({ name }) => name);
  const bar: Bar = {
    claim: `${sizeName(large)}: peak memory against that of ${sizeName(file)}`,
    measured: medianIn(lines, tenfold, 'rssBytes') / medianIn(lines, small, 'rssBytes'),
    rule: 'at most',
    limit: 1.1,
    unit: ' x',
  };
  return { title, bytes: 0, files: 1, base: null, lines, bars: [bar] };
}
