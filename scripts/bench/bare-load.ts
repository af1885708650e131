// The floor that nothing which loads rows can go below: the server's own dump of the rows that csv-hopper loaded, read
// back by one LOAD DATA LOCAL of the command-line client into a table like csv-hopper's.
import { join } from 'node:path';
import type { BenchContext } from './bench-context.ts';
import { checkRows } from './contents.ts';
import type { Contender, Sample } from './section.ts';
import type { Server } from './server.ts';
import type { Shape } from './shape.ts';

const LOAD_ID = '0123456789abcdef0123456789abcdef';
const WITH_ID = 'bare_with_id';
const WITHOUT_ID = 'bare_without_id';

export const bareWithId = 'bare LOAD DATA LOCAL, SET load id';
export const bareWithoutId = 'bare LOAD DATA LOCAL, no load id';

/**
 * Both contenders. The rows are dumped to `folder` in the order of the table; none may be missing of `rows`, which are in
 * csv-hopper's table now.
 */
export async function bareLoads(
  context: BenchContext,
  shape: Shape,
  rows: number,
  folder: string,
): Promise<Contender[]> {
  const server = await context.server();
  const dump = join(folder, `${shape.name}.tsv`);
  const columns = Object.keys(shape.columns).join(', ');
  await server.query(
    `SELECT ${columns} INTO OUTFILE '${dump}' CHARACTER SET utf8mb4 FROM ${shape.name}`,
  );
  await server.query(`CREATE TABLE ${WITH_ID} LIKE ${shape.name}`);
  await server.query(`CREATE TABLE ${WITHOUT_ID} LIKE ${shape.name}`);
  await server.query(`ALTER TABLE ${WITHOUT_ID} DROP COLUMN _load_id`);
  const load = (table: string, set: string): (() => Promise<Sample>) => {
    const into = `INTO TABLE ${table} CHARACTER SET utf8mb4 (${columns})`;
    const sql = `LOAD DATA LOCAL INFILE '${dump}' ${into}${set}`;
    return async () => {
      await server.emptyTables();
      const measured = await withServerCpu(server, () =>
        server.runClient(sql, folder, context.cleanup),
      );
      checkRows(table, await server.countRows(table), rows);
      return measured;
    };
  };
  return [
    { name: bareWithId, run: load(WITH_ID, ` SET _load_id = '${LOAD_ID}'`) },
    { name: bareWithoutId, run: load(WITHOUT_ID, '') },
  ];
}

export async function withServerCpu(
  server: Server,
  measure: () => Promise<Sample>,
): Promise<Sample> {
  const beforeMs = server.cpuMs();
  const sample = await measure();
  return { ...sample, serverCpuMs: server.cpuMs() - beforeMs };
}
