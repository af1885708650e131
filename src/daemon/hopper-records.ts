import { stat } from 'node:fs/promises';
import type { Config } from '../config/config.ts';
import { environmentError } from '../core/environment-error.ts';
import { HopperError } from '../errors/hopper-error.ts';
import type { ConversionLog } from '../log/conversion-log.ts';
import type { LoadTables } from '../pipeline/load-tables.ts';
import { ProfileBook, profilesPath } from '../pipeline/profile-book.ts';
import { ReceiptBook, receiptsPath } from '../pipeline/receipt-book.ts';
import { SenderReceipts } from '../pipeline/sender-receipts.ts';
import { historyLoads } from '../schema/expectations.ts';

/** What a hopper writes to besides folders and log. */
export interface Records {
  /** Those of each dataset, by its name. */
  receipts: Map<string, ReceiptBook>;
  profiles: Map<string, ProfileBook>;
  senderReceipts: SenderReceipts | null;
  tables: LoadTables | null;
}

/** Opens them, under the lock of the folder. Throws environment errors. */
export async function openRecords({
  config,
  log,
}: {
  config: Config;
  log: ConversionLog;
}): Promise<Records> {
  const receipts = await openReceipts(config);
  const profiles = await openProfiles(config, receipts);
  const senderReceipts = await openSenderReceipts(config);
  const tables = await openTables(config, log);
  return { receipts, profiles, senderReceipts, tables };
}

/** The driver takes 65 ms to load, which a run without a database is spared. */
async function openTables(config: Config, log: ConversionLog): Promise<LoadTables | null> {
  const { database, datasets } = config;
  if (database === null) return null;
  const { LoadTables } = await import('../pipeline/load-tables.ts');
  return new LoadTables(database, datasets, log);
}

async function openReceipts(config: Config): Promise<Map<string, ReceiptBook>> {
  const books = new Map<string, ReceiptBook>();
  for (const { name } of config.datasets) {
    const book = new ReceiptBook(receiptsPath(config.folders.output, name));
    await book.open();
    books.set(name, book);
  }
  return books;
}

async function openSenderReceipts({ folders }: Config): Promise<SenderReceipts | null> {
  const folder = folders.receipts;
  if (folder === null) return null;
  try {
    const receipts = new SenderReceipts(folder);
    await receipts.open();
    await refuseDetour(folder, folders.input);
    return receipts;
  } catch (error) {
    if (error instanceof HopperError) throw error;
    throw environmentError(error, `The folder ${folder} cannot be used`, 'folder_unusable', {
      folder,
    });
  }
}

/** By a link the folder may be the input folder all the same: each receipt would be a file, with a receipt of its own, without end. */
async function refuseDetour(receipts: string, input: string): Promise<void> {
  const [one, other] = await Promise.all([stat(receipts), stat(input)]);
  if (one.dev !== other.dev || one.ino !== other.ino) return;
  throw new HopperError('folder_unusable', {
    message: `The folder ${receipts} is the input folder ${input} under another name, and receipts would be taken for files.`,
    hint: 'Name another folder for receipts in the configuration.',
    details: { folder: receipts },
  });
}

/** Of the datasets whose loads have profiles. */
async function openProfiles(
  { folders, datasets }: Config,
  receipts: ReadonlyMap<string, ReceiptBook>,
): Promise<Map<string, ProfileBook>> {
  const books = new Map<string, ProfileBook>();
  for (const { name, profiled, expect } of datasets) {
    if (profiled !== true) continue;
    const isFinished = (loadId: string): boolean =>
      receipts.get(name)?.wasFinished(loadId) === true;
    const endsOf = (loadId: string): number => receipts.get(name)?.endsOf(loadId) ?? 0;
    const last = expect === undefined ? 0 : historyLoads(expect);
    const book = new ProfileBook(profilesPath(folders.output, name), last, isFinished, endsOf);
    await book.open();
    books.set(name, book);
  }
  return books;
}
