import { createHash } from 'node:crypto';
import { copyFileSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, extname, join, relative } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { expect } from 'vitest';
import { fitName } from '../../src/core/file-name.ts';
import { shortLoadId } from '../../src/core/load.ts';
import { expectExactlyOnce } from '../support/exactly-once.ts';
import { filesIn, type HopperProject } from '../support/hopper-project.ts';
import type { TestDatabase } from '../support/test-database.ts';
import { type DuckDB, openDuckDB } from '../unit/parquet/read-back.ts';
import { isLoaded } from './ends.ts';
import { checksumOf, DATASET, type Delivery, type Mode } from './producer.ts';
import { expectSenderReceipts } from './sender-accounts.ts';

/** What a reader finds of one load. */
interface RowsFound {
  rows: number;
  /** Row numbers that are different. */
  distinct: number;
  lowest: number;
  highest: number;
  /** Rows whose checksum is not that of their columns, or that are another file's. */
  damaged: number;
}

/** So many files are read row by row; of more, so many that are spread over them. The footers of all are looked at. */
const PARQUET_FILES_MAX = 2000;

function spread(deliveries: readonly Delivery[]): readonly Delivery[] {
  const step = Math.ceil(deliveries.length / PARQUET_FILES_MAX);
  return deliveries.filter((_, n) => n % step === 0);
}

export interface AccountSettings {
  mode: Mode;
  /** Files that are in no journal, of other datasets. */
  isOther: (file: string) => boolean;
  /** Where the log could not be written for a while, or has lost its end with the power. */
  mayLackLines: boolean;
  /** Whether the source of a loaded file is deleted. */
  deletesSources: boolean;
  /** Whether senders find receipts. */
  tellsSenders: boolean;
}

/**
 * What must hold after any fault, when the daemon has been idle: every file of the journal in exactly one end; every row
 * of it exactly once and whole in MySQL and, for two readers, in one Parquet file; counts conserved; ledger and rows in
 * agreement; nothing half done anywhere; only files whose content is at fault in the failed folder, byte for byte, each
 * with a report; and a log in which each line is JSON, and each file's end. Where files change rows of those before them, the rows are
 * those of the versions that stand, or of the last file that has their key.
 */
export async function expectAccountsToBalance(
  project: HopperProject,
  journal: readonly Delivery[],
  database: TestDatabase | null,
  { mode, isOther, mayLackLines, deletesSources, tellsSenders }: AccountSettings,
): Promise<void> {
  const all = journal.filter(isLoaded);
  const loaded = mode === 'replace' ? all.filter((one) => !givesWay(one, all)) : all;
  const filesOf = (deliveries: Delivery[]): (readonly [string, string])[] =>
    deliveries.map(({ name, content }) => [name, content]);
  await expectExactlyOnce(project, DATASET, filesOf(loaded), database, {
    gaveWay: filesOf(all.filter((one) => !loaded.includes(one))),
    isByKey: mode === 'upsert',
    isArchived: !deletesSources,
  });
  const expected = Object.fromEntries(
    loaded.map((delivery) => [delivery.loadId, rowsOf(delivery)]),
  );
  if (database !== null && mode !== 'upsert') expect(await rowsInTable(database)).toEqual(expected);
  if (database !== null && mode === 'upsert')
    expect(await rowsByKey(database)).toEqual(lastRows(loaded));
  const duckDB = await openDuckDB();
  try {
    for (const delivery of spread(loaded)) await expectParquet(project, delivery, duckDB);
  } finally {
    duckDB.close();
  }
  expectFailedFolder(
    project,
    journal.filter(({ end }) => end !== 'loaded'),
  );
  if (tellsSenders) expectSenderReceipts(project, journal);
  expectEndsInLog(project, journal, isOther);
  if (!mayLackLines) expectEveryEndInLog(project, journal);
}

/** Content of every file by its path, and the rows in the tables: what starting once more must not change. */
export async function stateOf(
  project: HopperProject,
  database: TestDatabase | null,
): Promise<Record<string, unknown>> {
  const state: Record<string, unknown> = {};
  for (const folder of [project.input, project.output]) {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || entry.name === 'lock.json') continue;
      const path = join(entry.parentPath, entry.name);
      const digest = createHash('sha256').update(readFileSync(path)).digest('hex');
      state[relative(project.root, path)] = digest;
    }
  }
  if (database !== null) {
    const sql = 'CHECKSUM TABLE $csv_hopper_ledger, $deliveries';
    state['tables'] = await database.query(sql);
  }
  return state;
}

function rowsOf({ rows, first, faulty }: Delivery): RowsFound {
  const sound = rows - faulty.length;
  return { rows: sound, distinct: sound, lowest: first, highest: first + rows - 1, damaged: 0 };
}

/** Whether a later version of the file is there. */
function givesWay({ name, number }: Delivery, loaded: readonly Delivery[]): boolean {
  return loaded.some((later) => later.name === name && later.number > number);
}

/** The file that each key's row is of in the end, and that the row is whole. */
type RowsByKey = Record<number, { loadId: string; number: number; damaged: number }>;

function lastRows(loaded: readonly Delivery[]): RowsByKey {
  const rows: RowsByKey = {};
  for (const delivery of loaded) {
    const { loadId, number, first, faulty } = delivery;
    for (let row = 0; row < delivery.rows; row++)
      if (!faulty.includes(row)) rows[first + row] = { loadId, number, damaged: 0 };
  }
  return rows;
}

async function rowsByKey(database: TestDatabase): Promise<RowsByKey> {
  const found = await database.query(
    `SELECT _load_id, file_number, row_place,
       checksum <> LEFT(SHA2(CONCAT_WS('|', file_number, row_place, payload), 256), 16) AS damaged
     FROM $deliveries`,
  );
  return Object.fromEntries(
    found.map((row) => [
      Number(row['row_place']),
      {
        loadId: String(row['_load_id']),
        number: Number(row['file_number']),
        damaged: Number(row['damaged']),
      },
    ]),
  );
}

async function rowsInTable(database: TestDatabase): Promise<Record<string, RowsFound>> {
  const found = await database.query(
    `SELECT _load_id AS id, COUNT(*) AS n, COUNT(DISTINCT row_place) AS distinct_rows,
       MIN(row_place) AS lowest, MAX(row_place) AS highest, COUNT(DISTINCT file_number) AS files,
       CAST(SUM(checksum <> LEFT(SHA2(CONCAT_WS('|', file_number, row_place, payload), 256), 16)) AS SIGNED) AS damaged
     FROM $deliveries GROUP BY _load_id`,
  );
  return Object.fromEntries(found.map((row) => [String(row['id']), summaryOf(row)]));
}

async function expectParquet(
  project: HopperProject,
  delivery: Delivery,
  duckDB: DuckDB,
): Promise<void> {
  const base = basename(delivery.name, extname(delivery.name));
  const name = fitName(base, `-${shortLoadId(delivery.loadId)}.parquet`);
  // DuckDB takes the name of a file for a pattern, and keeps blocks of a file that had the same name a moment ago.
  const path = join(project.root, `read-${delivery.loadId}.parquet`);
  copyFileSync(join(project.output, DATASET, name), path);
  const table = await duckDB.query(
    `SELECT COUNT(*) AS n, COUNT(DISTINCT row_place) AS distinct_rows, MIN(row_place) AS lowest,
       MAX(row_place) AS highest, COUNT(DISTINCT file_number) AS files,
       SUM(checksum <> LEFT(SHA256(CONCAT_WS('|', file_number, row_place, payload)), 16)) AS damaged
     FROM read_parquet($file)`,
    path,
  );
  const row = Object.fromEntries(Object.entries(table).map(([column, [value]]) => [column, value]));
  expect(summaryOf(row), `DuckDB reads ${name}`).toEqual(rowsOf(delivery));
  expect(await readByHyparquet(path), `hyparquet reads ${name}`).toEqual(rowsOf(delivery));
  rmSync(path);
}

async function readByHyparquet(path: string): Promise<RowsFound> {
  const rows = await parquetReadObjects({ file: await asyncBufferFromFile(path), compressors });
  const numbers = rows.map((row) => Number(row['row_place']));
  const isDamaged = (row: Record<string, unknown>): boolean =>
    row['checksum'] !==
    checksumOf(Number(row['file_number']), Number(row['row_place']), String(row['payload']));
  return {
    rows: rows.length,
    distinct: new Set(numbers).size,
    lowest: numbers.reduce((a, b) => Math.min(a, b), Infinity),
    highest: numbers.reduce((a, b) => Math.max(a, b), -Infinity),
    damaged: rows.filter(isDamaged).length,
  };
}

function summaryOf(row: Record<string, unknown>): RowsFound {
  const foreign = Number(row['files']) - 1;
  return {
    rows: Number(row['n']),
    distinct: Number(row['distinct_rows']),
    lowest: Number(row['lowest']),
    highest: Number(row['highest']),
    damaged: Number(row['damaged']) + foreign,
  };
}

function expectFailedFolder(project: HopperProject, failed: readonly Delivery[]): void {
  const names = failed.flatMap(({ name, end }) => [
    end === 'diverted' ? `${name}.rejects.csv` : name,
    ...[`${name}.report.html`, `${name}.report.json`],
  ]);
  expect(filesIn(project.failed)).toEqual(names.sort());
  for (const delivery of failed) {
    const { name, content } = delivery;
    if (delivery.end === 'diverted') expectRejects(project, delivery);
    else expect(readFileSync(join(project.failed, name), 'utf8')).toBe(content);
    const page = readFileSync(join(project.failed, `${name}.report.html`), 'utf8');
    expect(page.endsWith('</html>\n'), `the page on ${name} is complete`).toBe(true);
    const text = readFileSync(join(project.failed, `${name}.report.json`), 'utf8');
    expect(JSON.parse(text)).toMatchObject(reportOn(delivery));
  }
}

function expectRejects(project: HopperProject, { name, content, faulty, repeats }: Delivery): void {
  const lines = content.split('\n');
  const rejects = readFileSync(join(project.failed, `${name}.rejects.csv`), 'utf8').split('\n');
  expect(rejects[0]).toBe(`${lines[0]!};_line;_column;_value;_rule;_message;_hint`);
  expect(rejects).toHaveLength(faulty.length + 2);
  for (const [at, row] of faulty.entries()) {
    const line = rejects[at + 1] ?? '';
    const start = `${lines[row + 1]!};${row + 2};`;
    const isRejected = line.startsWith(repeats ? start : `${start}"row_place";"none";"type";`);
    expect(isRejected, `line ${row + 2} of ${name} is rejected`).toBe(true);
    if (repeats) expect(line).toContain(';"database";');
  }
}

function reportOn({ end, loadId, rows, faulty, problems }: Delivery): Record<string, unknown> {
  const counts = { loadId, rowsRead: rows, rowsRejected: faulty.length };
  if (end === 'diverted') return { ...counts, verdict: 'diverted', problemsTotal: problems };
  if (end === 'failed') return { ...counts, problemsTotal: problems };
  return {
    code: 'set_aside',
    loadId: end === 'unread' ? null : loadId,
    rowsRead: 0,
    problemsTotal: 1,
  };
}

/** None may be wrong; whether one is missing is another question. */
export function expectEndsInLog(
  project: HopperProject,
  journal: readonly Delivery[],
  isOther: (file: string) => boolean,
): void {
  const endByName = new Map(journal.map(({ name, end }) => [name, end]));
  // Reading the events fails where a line is not JSON.
  for (const { event, file = '' } of project.events()) {
    if (isOther(file)) continue;
    const end = endByName.get(file);
    const loads = end === 'loaded' || end === 'diverted';
    if (event === 'failed') expect(loads, `${file} is said to have failed`).toBe(false);
    if (event === 'loaded') expect(loads, `${file} is said to be loaded`).toBe(true);
    if (event === 'diverted') expect(end, `rows of ${file} are said to be diverted`).toBe(event);
    expect(event, `${file} is said to be a repetition`).not.toBe('skipped');
  }
}

export function expectEveryEndInLog(project: HopperProject, journal: readonly Delivery[]): void {
  const events = project.allEvents();
  const finished = new Set(
    events.flatMap((line) => (line.event === 'finished' ? line.loadId : [])),
  );
  const failed = new Set(events.flatMap((line) => (line.event === 'failed' ? line.file : [])));
  const isSaid = (delivery: Delivery): boolean =>
    isLoaded(delivery) ? finished.has(delivery.loadId) : failed.has(delivery.name);
  const unsaid = journal.filter((delivery) => !isSaid(delivery)).map(({ name }) => name);
  expect(unsaid, 'files whose end is not in the log').toEqual([]);
}
