import type { BenchContext } from './bench-context.ts';
import { expectedContents } from './contents.ts';
import { sizeName } from './convert-case.ts';
import { oursConverting } from './convert-contenders.ts';
import type { DataFile } from './data.ts';
import { oursLoading } from './load-case.ts';
import { type Contender, interleave, type Section } from './section.ts';

/** How much a machine gets through, and what it takes of disk and memory: a table for docs/OPERATIONS.md, by kind and size of file. */
export async function capacityCase(context: BenchContext): Promise<Section[]> {
  const { fewStudents, students, orders } = context.data;
  const sections: Section[] = [];
  for (const file of [fewStudents, students, orders])
    sections.push(await capacityFor(context, file));
  return sections;
}

async function capacityFor(context: BenchContext, file: DataFile): Promise<Section> {
  const server = await context.server();
  await server.dropTables();
  const expected = await expectedContents(file);
  const alone = named('without a database', oursConverting(context, file, 2, 'zstd', expected));
  const loading = named('with MariaDB', oursLoading(context, file, expected));
  const title = `Capacity: ${sizeName(file)}`;
  // The first load, which is not counted, makes the table.
  await loading.run();
  const lines = await interleave(title, [alone, loading], context.runs);
  return { title, bytes: file.bytes, files: 1, rows: file.rows, base: null, lines, bars: [] };
}

function named(name: string, { run }: Contender): Contender {
  return { name, run };
}
