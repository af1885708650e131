import { mkdir, rm, stat } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { counted } from '../core/counted.ts';
import { systemCode } from '../core/environment-error.ts';
import { type ConvertedLoad, countsOf, noRows, type RowCounts } from '../core/load.ts';
import { moveFile } from '../core/move-file.ts';
import { listProblems } from '../core/problem-list.ts';
import { type Claim, dropClaim, holdsSource } from '../intake/claim.ts';
import { noteReturn } from './archive-note.ts';
import { archivedPath } from './archived-path.ts';
import type { Diverted } from './divert.ts';
import { fail } from './fail.ts';
import {
  durationMs,
  type IdentifiedPassage,
  type Outcome,
  type PipelineContext,
} from './passage.ts';
import { patiently } from './patience.ts';
import { takeOver } from './replacement.ts';
import { wasChanged } from './source-state.ts';
import { type Receipt, receiptsOf } from './receipt-book.ts';
import { logFormerEnd, logRepetition } from './tell-former-ends.ts';
import { tellOfLoad, tellOfRepetition } from './tell-sender.ts';

/**
 * Writes the receipt, then lets go of the source. The receipt first: a crash between the two finds it at the next start
 * and only clears up. `diverted`: the rows that were not loaded, where there are any.
 */
export async function finish(
  passage: IdentifiedPassage,
  load: ConvertedLoad,
  context: PipelineContext,
  diverted: Diverted | null = null,
): Promise<Outcome> {
  const { identity, log } = passage;
  // Not after a sender's receipt, which may have to wait: the database has the new version already.
  await takeOver(passage, identity.loadId, context);
  await tellOfLoad(passage, load, diverted, context);
  const { counts, repairs } = await writeReceipt(passage, load, context);
  const { claim, state } = passage;
  // Somebody may have written to it after it had been converted, through a handle from before the claim.
  if (await patiently(passage, context.patience, () => wasChanged(claim.path, state)))
    return failChanged(passage, identity.loadId, context);
  await letGo(passage, context, () => {
    const linked = repairs === undefined ? {} : { repairs };
    const took = { durationMs: durationMs(passage) };
    log.info('finished', 'done', { bytes: identity.bytes, ...counts, ...linked, ...took });
  });
  return 'finished';
}

/** Remembers the load; its counts are returned, and the load whose rejected rows it holds. */
export async function writeReceipt(
  passage: IdentifiedPassage,
  load: ConvertedLoad,
  context: PipelineContext,
): Promise<{ counts: RowCounts; repairs: string | undefined }> {
  const { dataset, identity, progress } = passage;
  const book = receiptsOf(context.receipts, dataset.name);
  const repairs = book.findDiverted(identity.file)?.loadId;
  const counts = countsOf(load);
  const receipt: Receipt = {
    time: new Date().toISOString(),
    ...identity,
    ...counts,
    parquet: relative(context.config.folders.output, load.parquet),
    table: passage.turn === null ? null : dataset.table.name,
    durationMs: durationMs(passage),
    ...(progress.warnings?.length ? { warnings: progress.warnings } : {}),
    ...(progress.outlierBounds !== undefined && { outlierBounds: progress.outlierBounds }),
    ...(repairs !== undefined && { repairs }),
    ...(book.findLoad(identity.loadId) !== undefined && { again: true }),
  };
  await patiently(passage, context.patience, () => book.add(receipt));
  return { counts, repairs };
}

/** A load that was finished before: clears up after a crash, or says that the file was dropped again. */
export async function finishRepetition(
  passage: IdentifiedPassage,
  context: PipelineContext,
): Promise<Outcome> {
  const { dataset, identity, log, progress } = passage;
  const book = receiptsOf(context.receipts, dataset.name);
  await tellOfRepetition(passage, context);
  const wasDone = passage.origin === 'resumed' && !progress.isRedrop;
  await letGo(passage, context, () => {
    if (wasDone) logFormerEnd(log, book.findEnd(identity.loadId));
    else logRepetition(log, identity.loadId, { bytes: identity.bytes });
  });
  return wasDone ? 'finished' : 'skipped';
}

/**
 * Moves the source into the archive, or deletes it where there is none, says so, and removes the claim. In this order, because from an
 * empty folder with the load's name the next start knows that the end has yet to be said. A repetition falls on the archived file of
 * the same load, which has the same bytes.
 */
async function letGo(
  passage: IdentifiedPassage,
  context: PipelineContext,
  tell: () => void,
): Promise<void> {
  const { claim, identity } = passage;
  const { archive } = context.config.folders;
  let isTold = false;
  const tellOnce = (): void => {
    if (!isTold) tell();
    isTold = true;
  };
  await patiently(passage, context.patience, async () => {
    if (passage.origin === 'brought_back') await noteReturn(claim);
    if (archive === null) await rm(claim.path, { force: true });
    else await moveToArchive(claim, archivedPath(archive, identity));
  });
  // By itself, because where it is tried again the folder may be gone already.
  await patiently(passage, context.patience, () =>
    dropClaim(claim, context.spareFolders, tellOnce),
  );
  tellOnce();
}

async function moveToArchive(claim: Claim, archived: string): Promise<void> {
  try {
    await moveFile(claim.path, archived);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    // One that is gone was moved by an attempt whose fsync failed.
    if (!(await holdsSource(claim))) return;
    await mkdir(dirname(archived), { recursive: true });
    await moveFile(claim.path, archived);
  }
}

/** What was converted is loaded; the changed file goes back to people, who alone can know what is new in it. */
export async function failChanged(
  passage: IdentifiedPassage,
  loadedAs: string,
  context: PipelineContext,
): Promise<Outcome> {
  const { size } = await stat(passage.claim.path);
  return fail(
    passage,
    {
      code: 'content_invalid',
      counts: noRows,
      delimiter: null,
      ...listProblems([
        {
          line: 0,
          column: null,
          value: null,
          rule: 'changed',
          message: `The file was written to after it had been read: what it held then is loaded as ${loadedAs}, now it has ${counted(size, 'byte')}.`,
          hint: 'Drop what is new in it as a file of its own. Write files under a temporary name and rename them when they are complete.',
        },
      ]),
    },
    context,
  );
}
