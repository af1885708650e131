import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { asyncBufferFromFile, parquetMetadataAsync } from 'hyparquet';
import { expect } from 'vitest';
import { fitName } from '../../src/core/file-name.ts';
import { loadIdOf } from '../../src/core/load-id.ts';
import { shortLoadId } from '../../src/core/load.ts';
import { type Receipt, readReceipts, receiptsPath } from '../../src/pipeline/receipt-book.ts';
import { filesIn, type HopperProject } from './hopper-project.ts';
import type { TestDatabase } from './test-database.ts';
import { until } from './until.ts';

/** Rows by load id. */
export type RowsByLoad = Record<string, number>;

export function loadIdFor(dataset: string, file: string, content: string | Uint8Array): string {
  return loadIdOf(dataset, file, createHash('sha256').update(content).digest('hex'));
}

export async function receiptsIn(project: HopperProject, dataset: string): Promise<Receipt[]> {
  const receipts: Receipt[] = [];
  for await (const receipt of readReceipts(receiptsPath(project.output, dataset))) {
    receipts.push(receipt);
  }
  return receipts;
}

/** The rows in the footers of a dataset's Parquet files. Fails where two files are of one load. */
export async function parquetRows(project: HopperProject, dataset: string): Promise<RowsByLoad> {
  const rows: RowsByLoad = {};
  for (const name of filesIn(join(project.output, dataset))) {
    const file = await asyncBufferFromFile(join(project.output, dataset, name));
    const { num_rows: rowCount, key_value_metadata: pairs } = await parquetMetadataAsync(file);
    const loadId = pairs?.find(({ key }) => key === 'csv_hopper.load_id')?.value ?? name;
    expect(rows, `two Parquet files of load ${loadId}`).not.toHaveProperty(loadId);
    rows[loadId] = Number(rowCount);
  }
  return rows;
}

/** Names of the folders under .processing, which are the claims. */
export function claimsIn(project: HopperProject): string[] {
  if (!existsSync(project.processing)) return [];
  const entries = readdirSync(project.processing, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

type NamedContent = readonly [name: string, content: string];

interface Circumstances {
  /** Files that were loaded before those meant and gave way, of which the sources are left. */
  gaveWay?: readonly NamedContent[];
  /** Rows of a load may have become those of later ones. */
  isByKey?: boolean;
  /** Otherwise sources are deleted when they are loaded. */
  isArchived?: boolean;
}

/**
 * Holds everything that csv-hopper keeps against what was dropped: each file is one receipt, one Parquet file with the
 * rows of its content, one archived source, and where there is a database one ledger row and its rows; rows are
 * conserved; and nothing else is left anywhere. `files` are those that must be loaded, name and content, of which each
 * line but the first is a row.
 */
export async function expectExactlyOnce(
  project: HopperProject,
  dataset: string,
  files: Iterable<NamedContent>,
  database: TestDatabase | null = null,
  { gaveWay = [], isByKey = false, isArchived = true }: Circumstances = {},
): Promise<void> {
  const expected: RowsByLoad = {};
  const archived: Record<string, string> = {};
  const enterArchived = ([file, content]: NamedContent): string => {
    const loadId = loadIdFor(dataset, file, content);
    const extension = extname(file);
    archived[fitName(basename(file, extension), `-${shortLoadId(loadId)}${extension}`)] = content;
    return loadId;
  };
  for (const file of gaveWay) enterArchived(file);
  for (const file of files) expected[enterArchived(file)] = file[1].split('\n').length - 2;
  const receipts = await receiptsIn(project, dataset);
  expect(receipts.map(({ loadId }) => loadId).sort()).toEqual(Object.keys(expected).sort());
  const accepted: RowsByLoad = {};
  for (const receipt of receipts) {
    const { loadId, rowsRead, rowsAccepted, rowsRejected } = receipt;
    const dropped = receipt.rowsDroppedNull + receipt.rowsDroppedDuplicate;
    expect(rowsRead).toBe(rowsAccepted + rowsRejected + dropped);
    expect(rowsRead).toBe(expected[loadId]);
    accepted[loadId] = rowsAccepted;
  }
  expect(await parquetRows(project, dataset)).toEqual(accepted);
  if (database !== null) {
    expect(await database.ledgerRows(dataset)).toEqual(accepted);
    if (!isByKey) expect(await database.tableRows(dataset)).toEqual(accepted);
  }
  const archive = join(project.archive, dataset);
  const sources = filesIn(archive).map((name) => [name, readFileSync(join(archive, name), 'utf8')]);
  expect(Object.fromEntries(sources)).toEqual(isArchived ? archived : {});
  await expectNothingLeft(project);
}

/** Waits until no claim is left. The end of a file stands in the log a moment before its claim is gone. */
export async function noClaims(project: HopperProject): Promise<void> {
  await until(
    () => claimsIn(project).length === 0,
    () => `Claims are left: ${claimsIn(project).join(', ')}`,
  );
}

/** Kills the daemon once it has let go of all claims. */
export async function stopIdle(project: HopperProject): Promise<void> {
  await noClaims(project);
  await project.stopAll();
}

/** Nothing waits, nothing is claimed, nothing temporary lies about. */
export async function expectNothingLeft(project: HopperProject): Promise<void> {
  await noClaims(project);
  expect(filesIn(project.input)).toEqual([]);
  const writing = join(project.output, '.writing');
  expect(existsSync(writing) ? readdirSync(writing) : []).toEqual([]);
}
