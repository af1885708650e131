import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { syncFolder, writeFileDurably } from '../core/durable-file.ts';
import type { LoadIdentity } from '../core/load.ts';
import { readJournal, receiptsPath } from '../pipeline/receipt-book.ts';
import { processingFolder } from './processing-folder.ts';

/**
 * That a load is being taken back: it lies in the folder of the claims from before the first step until after the last, so that after a
 * kill in between the next start does the rest. Half of it would be a load that the history has and the table has not.
 */
export interface UndoNote {
  loadId: string;
  /** The time of the load's receipt; null where it has none. With another the load was loaded again since, which came later and stands. */
  receiptTime: string | null;
}

const NOTE = /^\.undo-[0-9a-f]{32}\.json$/;

/** Durable when it returns. */
export async function noteUndo(
  config: Config,
  load: Pick<LoadIdentity, 'loadId' | 'dataset'>,
): Promise<void> {
  const note: UndoNote = { loadId: load.loadId, receiptTime: await receiptTime(config, load) };
  await writeFileDurably(notePath(config, load.loadId), JSON.stringify(note));
}

export async function dropUndoNote(config: Config, loadId: string): Promise<void> {
  await rm(notePath(config, loadId), { force: true });
  await syncFolder(processingFolder(config));
}

/** Those of a run that was killed. */
export async function undoNotes(config: Config): Promise<UndoNote[]> {
  const folder = processingFolder(config);
  const names = (await readdir(folder)).filter((name) => NOTE.test(name));
  return Promise.all(
    names.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8')) as UndoNote),
  );
}

/** When the last receipt for the load was written, whether or not it stands. */
export async function receiptTime(
  { folders }: Config,
  { loadId, dataset }: Pick<LoadIdentity, 'loadId' | 'dataset'>,
): Promise<string | null> {
  let time: string | null = null;
  for await (const line of readJournal(receiptsPath(folders.output, dataset))) {
    if ('loadId' in line && line.loadId === loadId) ({ time } = line);
  }
  return time;
}

function notePath(config: Config, loadId: string): string {
  return join(processingFolder(config), `.undo-${loadId}.json`);
}
