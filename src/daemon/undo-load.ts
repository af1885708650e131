import { join } from 'node:path';
import { counted } from '../core/counted.ts';
import type { Config } from '../config/config.ts';
import { exists } from '../core/exists.ts';
import type { LoadIdentity } from '../core/load.ts';
import { refuseNewerState } from '../core/state-format.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { lockFolder } from '../intake/folder-lock.ts';
import type { ConversionLog } from '../log/conversion-log.ts';
import { archivedPath } from '../pipeline/archived-path.ts';
import { withdrawLoad } from '../pipeline/publish-parquet.ts';
import { readJournal, readReceipts, ReceiptBook, receiptsPath } from '../pipeline/receipt-book.ts';
import { dropRefusedList } from '../pipeline/refused-list.ts';
import { undoneReceipt } from '../pipeline/sender-receipt.ts';
import { SenderReceipts } from '../pipeline/sender-receipts.ts';
import { claimedFiles, replacedBySources } from './claimed-files.ts';
import { processingFolder, stateFolders } from './processing-folder.ts';
import { dropUndoNote, noteUndo } from './undo-note.ts';

/** A load as the receipts or the ledger know it. */
interface FoundLoad extends LoadIdentity {
  /** The table that has its rows; null where it was loaded without a database. */
  table: string | null;
  rowsAccepted: number;
  /** Of a load by key; else null, or left out of a receipt. */
  rowsUpdated?: number | null;
  /** The new version of its file to which it gave way, unless the ledger has it all the same. */
  replacedBy?: string;
}

/** The version of the file whose place a load had taken, and where its source lies; null where it is gone. */
export interface FormerVersion {
  loadId: string;
  source: string | null;
}

export type LoadName = Pick<LoadIdentity, 'loadId' | 'file'>;

export interface Undone extends FoundLoad {
  /** How many rows were deleted; null without a database. */
  rowsDeleted: number | null;
  /** Where its source lies; null where it is gone. */
  source: string | null;
  /** It does not come back by itself. */
  former: FormerVersion | null;
  /** Loads of rows that were missing in it, were repaired, and stand. */
  repairedBy: LoadName[];
}

/** What is written to besides folders and database. */
export interface UndoRecords {
  /** Notes in the dataset's journal that the load does not stand any more. */
  noteUndone: (load: LoadIdentity) => Promise<void>;
  /** Null: senders get no receipts. */
  senderReceipts: Pick<SenderReceipts, 'putBelated'> | null;
  /** Keeps a drop of the same file from going on until the function returned is called. */
  holdBack: (loadId: string) => () => void;
}

/**
 * Takes exactly one load back: its rows and its ledger row in one transaction, its receipt, and its Parquet file. `id`: its
 * load id, or the first eight digits of it or more. Each step can be repeated, so where one fails the whole is called again; a
 * load that was taken back before is cleared up after. Throws folder_busy where a csv-hopper is at work.
 */
export async function undoLoad(config: Config, id: string, log: ConversionLog): Promise<Undone> {
  const lock = await lockFolder(processingFolder(config));
  const { output, receipts } = config.folders;
  try {
    await refuseNewerState(stateFolders(config));
    return await takeBack(config, id, log, {
      noteUndone: (load) => noteInJournal(output, load),
      senderReceipts: receipts === null ? null : new SenderReceipts(receipts),
      // Under the lock nothing goes on.
      holdBack: () => () => undefined,
    });
  } finally {
    await lock.release();
  }
}

/**
 * The same for whoever has the lock, and the records, of the folder already. `isNoted`: it goes on with what a run that was killed had begun;
 * the note is the caller's then, who lets no drop of its file go on.
 */
export async function takeBack(
  config: Config,
  id: string,
  log: ConversionLog,
  records: UndoRecords,
  isNoted = false,
): Promise<Undone> {
  const load = await findLoad(config, id);
  const letGoOn = records.holdBack(load.loadId);
  try {
    // Behind the call before: a drop that gets its claim's name after this look finds that it has to wait.
    if (!isNoted && (await exists(join(processingFolder(config), load.loadId)))) {
      throw new HopperError('undo_refused', {
        message: `${load.file}, load ${load.loadId}, is still under way.`,
        hint: 'Let csv-hopper ingest, or start, bring it to its end first.',
      });
    }
    refuseReplaced(load);
    if (!isNoted && replacedBySources(await claimedFiles(config), config)(load)) {
      throw new HopperError('undo_refused', {
        message: `A new version of ${load.file}, which takes the place of load ${load.loadId}, is under way (write: replace).`,
        hint: 'Let csv-hopper ingest, or start, bring it to its end first.',
      });
    }
    refuseByKey(config, load);
    const former = await formerVersion(config, load);
    if (!isNoted) await noteUndo(config, load);
    try {
      const rowsDeleted = await takeOutEverywhere(config, load, log, records);
      const repairedBy = await standingRepairs(config, load);
      const source = await archivedSource(config, load);
      return { ...load, rowsDeleted, source, former, repairedBy };
    } finally {
      // Whoever is told of a failure decides whether it is called again.
      if (!isNoted) await dropUndoNote(config, load.loadId);
    }
  } finally {
    letGoOn();
  }
}

/** How many rows were deleted; null without a database. */
async function takeOutEverywhere(
  config: Config,
  load: FoundLoad,
  log: ConversionLog,
  { noteUndone, senderReceipts }: UndoRecords,
): Promise<number | null> {
  const { loadId, dataset, file, table, rowsAccepted } = load;
  const { output } = config.folders;
  const rowsDeleted = config.database === null ? null : await takeOut(config, load);
  await noteUndone(load);
  await withdrawLoad(output, load);
  await dropRefusedList(output, load);
  await senderReceipts?.putBelated(undoneReceipt(load));
  log.warn('undone', 'taken back', {
    ...{ loadId, dataset, file, rowsAccepted },
    ...(table === null ? {} : { table }),
  });
  return rowsDeleted;
}

/** There is nothing of it to take back, and to take out the version that stands is not what was asked for. */
function refuseReplaced({ file, loadId, replacedBy }: FoundLoad): void {
  if (replacedBy === undefined) return;
  throw new HopperError('undo_refused', {
    message: `${file}, load ${loadId}, gave way to load ${replacedBy}, the new version of its file (write: replace): nothing of it is there any more.`,
    hint: `Nothing was changed. To have it back in the place of the new version, drop its source again as ${file}; to take the new version out, csv-hopper undo ${replacedBy}.`,
  });
}

async function formerVersion(config: Config, load: FoundLoad): Promise<FormerVersion | null> {
  const { dataset, file } = load;
  let former: string | null = null;
  for await (const line of readJournal(receiptsPath(config.folders.output, dataset))) {
    if ('replaced' in line && line.by === load.loadId) former = line.replaced;
  }
  if (former === null) return null;
  const source = await archivedSource(config, { dataset, file, loadId: former });
  return { loadId: former, source };
}

/**
 * Its reject file comes anew where it is loaded again, so rows of these would then be there twice. Of rows that were repaired in
 * several steps each load repairs the one before it, which may have been taken back.
 */
async function standingRepairs({ folders }: Config, load: LoadIdentity): Promise<LoadName[]> {
  const path = receiptsPath(folders.output, load.dataset);
  // In the order of the journal, so what a load repairs is known before it.
  const ofLoad = new Set([load.loadId]);
  for await (const line of readJournal(path)) {
    if ('loadId' in line && ofLoad.has(line.repairs ?? '')) ofLoad.add(line.loadId);
  }
  const found = new Map<string, LoadName>();
  for await (const { loadId, file } of readReceipts(path))
    if (loadId !== load.loadId && ofLoad.has(loadId)) found.set(loadId, { loadId, file });
  return [...found.values()];
}

async function archivedSource(
  { folders }: Config,
  load: Pick<LoadIdentity, 'loadId' | 'dataset' | 'file'>,
): Promise<string | null> {
  if (folders.archive === null) return null;
  const path = archivedPath(folders.archive, load);
  return (await exists(path)) ? path : null;
}

/** Nobody knows any more what the rows were that it has changed. In the Parquet files it has changed none. */
function refuseByKey({ database, datasets }: Config, load: FoundLoad): void {
  const { file, loadId, dataset, table, rowsUpdated } = load;
  if (database === null || table === null) return;
  const isByKey = datasets.some(({ name, write }) => name === dataset && write.mode === 'upsert');
  if (!isByKey && (rowsUpdated ?? null) === null) return;
  throw new HopperError('undo_refused', {
    message: `${file}, load ${loadId}, belongs to table ${table}, whose rows are changed by key (write: upsert): what stood there before is not known any more.`,
    hint: 'Nothing was changed. Drop a file with the right values for its keys; rows that should not be there, delete yourself.',
  });
}

/** Neither the journals nor the ledger have such a load. */
export class UnknownLoad extends HopperError {
  constructor(id: string) {
    super('usage_invalid', {
      message: `No load ${id} is known.`,
      hint: 'csv-hopper status shows the last loads, and the conversion log has the id of each.',
    });
  }
}

async function findLoad(config: Config, id: string): Promise<FoundLoad> {
  if (!/^[0-9a-f]{8,32}$/.test(id)) {
    throw new HopperError('usage_invalid', {
      message: `${id} is no load id: it has 32 hexadecimal digits, of which the first eight or more are enough.`,
      hint: 'csv-hopper status shows the last loads, and the conversion log has the id of each.',
    });
  }
  const found = new Map<string, FoundLoad>();
  for (const { name } of config.datasets) {
    for await (const line of readJournal(receiptsPath(config.folders.output, name))) {
      // One that was taken back before is found all the same: a crash may have left its Parquet file.
      if ('loadId' in line && line.loadId.startsWith(id)) found.set(line.loadId, line);
      if (!('replaced' in line)) continue;
      const former = found.get(line.replaced);
      if (former !== undefined) found.set(line.replaced, { ...former, replacedBy: line.by });
    }
  }
  for (const entry of await askLedger(config, id)) found.set(entry.loadId, entry);
  const [load, ...others] = found.values();
  if (load !== undefined && others.length === 0) return load;
  if (load === undefined) throw new UnknownLoad(id);
  throw new HopperError('usage_invalid', {
    message: `${counted(found.size, 'load begins', 'loads begin')} with ${id}: ${[...found.keys()].join(', ')}.`,
    hint: 'csv-hopper status shows the last loads, and the conversion log has the id of each.',
  });
}

/** What the ledger has, of the configured datasets; the driver takes 65 ms to load, which is spared without a database. */
async function askLedger({ database, datasets }: Config, id: string): Promise<FoundLoad[]> {
  if (database === null) return [];
  const { Ledger } = await import('../load/ledger.ts');
  const ledger = new Ledger(database);
  try {
    const entries = await ledger.findLoads(id);
    return entries.filter(({ dataset }) => datasets.some(({ name }) => name === dataset));
  } finally {
    await ledger.close();
  }
}

async function takeOut({ database, datasets }: Config, load: FoundLoad): Promise<number> {
  if (database === null) return 0;
  const { takeOutLoad } = await import('../load/take-out-load.ts');
  const table = load.table ?? datasets.find(({ name }) => name === load.dataset)?.table.name;
  if (table === undefined) throw new Error(`No table for dataset ${load.dataset}`);
  return takeOutLoad(database, { ...load, table });
}

async function noteInJournal(
  outputFolder: string,
  { dataset, loadId }: LoadIdentity,
): Promise<void> {
  const book = new ReceiptBook(receiptsPath(outputFolder, dataset));
  await book.open();
  try {
    await noteIn(book, loadId);
  } finally {
    await book.close();
  }
}

/** Says in a book that a load was taken back, also of one without a receipt: it may be noted as one to go on with when it is dropped again. */
export async function noteIn(book: ReceiptBook, loadId: string): Promise<void> {
  await book.add({ undone: loadId, time: new Date().toISOString() });
}
