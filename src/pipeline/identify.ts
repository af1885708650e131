import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { LoadIdentity } from '../core/load.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { type Claim, isPromoted, promoteClaim } from '../intake/claim.ts';
import { PARKED_NOTE } from '../intake/transient-name.ts';
import type { ConversionLog } from '../log/conversion-log.ts';
import type { LogEvent } from '../log/log-event.ts';
import type { IdentifiedPassage, Origin, Passage, PipelineContext } from './passage.ts';
import { syncFolder } from '../core/durable-file.ts';
import { noteRepetition } from './repetition-note.ts';
import { repetitionOf } from './repetition.ts';
import { outputsOf } from './convert.ts';
import { patiently } from './patience.ts';
import { loadIdentity } from './read-source.ts';
import { supersede } from './supersede.ts';
import { receiptsOf } from './receipt-book.ts';
import { readSourceOf } from './work-on-source.ts';

/**
 * Hashes the source, derives its load id and gives the claim's folder that name; mostly the source is converted meanwhile. Where
 * the same load is under way already, waits until that one has ended; this one then turns out as its repetition.
 */
export async function identify(
  passage: Passage,
  context: PipelineContext,
): Promise<IdentifiedPassage> {
  const { dataset } = passage;
  const heldBytesMax = context.heldRows.bytesMax;
  // The name of its folder, where an earlier run had it.
  const loadId = isPromoted(passage.claim) ? basename(passage.claim.folder) : null;
  const outputs = { ...outputsOf(passage, context, loadId), heldBytesMax };
  const receipts = receiptsOf(context.receipts, dataset.name);
  const announcement = new Announcement(passage, context);
  passage.progress.identity = null;
  passage.progress.repeated = false;
  const reading = await patiently(passage, context.patience, () =>
    readSourceOf(passage, context, { source: passage.claim.path, outputs }, (source) => {
      const identity = loadIdentity(dataset, passage.claim.file, source);
      if (dataset.redrop === 'skip') announcement.make(identity);
      return receipts.findLoad(identity.loadId) === undefined;
    }),
  );
  const { bytes, mtimeNs } = reading.identity;
  const content = loadIdentity(dataset, passage.claim.file, reading.identity);
  const { identity, claim, loadedAs } = await named(passage, content, context);
  const log = announcement.make(identity);
  // Its Parquet file names the load of the content.
  const isOther = identity.loadId !== content.loadId;
  if (isOther && reading.conversion !== null) await rm(outputs.parquet, { force: true });
  const identified: IdentifiedPassage = {
    ...passage,
    ...{ claim, log, identity, loadedAs },
    origin:
      passage.origin === 'new' && receipts.isUnfinished(identity.loadId)
        ? 'resumed'
        : passage.origin,
    state: { bytes, mtimeNs },
    conversion: isOther
      ? null
      : reading.conversion && { ...reading.conversion, parquet: outputs.parquet },
  };
  warnOfEqualContent(identified, context);
  return identified;
}

/** Decides which load it is and gives the claim's folder that name, from which on it stays so. */
async function named(
  passage: Passage,
  content: LoadIdentity,
  context: PipelineContext,
): Promise<Pick<IdentifiedPassage, 'identity' | 'claim' | 'loadedAs'>> {
  for (;;) {
    const identity = await patiently(passage, context.patience, () =>
      repetitionOf(passage, content, context),
    );
    passage.progress.identity = identity;
    const loadedAs = await patiently(passage, context.patience, () =>
      supersede(passage, identity, context),
    );
    if (loadedAs !== null) return { identity, claim: passage.claim, loadedAs };
    // A claim that has the load's name may be the one that was finished.
    if (!isPromoted(passage.claim)) await noteIfFinished(passage, identity.loadId, context);
    const claim = await promotePatiently(passage, identity.loadId, context);
    if (claim === 'busy') continue;
    // Which repetition it is, and whether it is one, is asked when the load that it would be is out of the way.
    const undo = context.underWay.undoOf(identity.loadId);
    if (undo === undefined) return { identity, claim, loadedAs };
    passage.turn?.stepAside();
    await undo;
    return { identity, claim, loadedAs };
  }
}

/** Where the load was finished before, its claim says so from now on. */
async function noteIfFinished(
  passage: Passage,
  loadId: string,
  context: PipelineContext,
): Promise<void> {
  const { claim, dataset, origin, progress } = passage;
  if (origin === 'brought_back' || progress.isRedrop) return;
  if (receiptsOf(context.receipts, dataset.name).findLoad(loadId) === undefined) return;
  await patiently(passage, context.patience, () => noteRepetition(claim));
  progress.isRedrop = true;
}

const announcements = {
  new: { event: 'claimed', message: 'taken from the input folder' },
  resumed: { event: 'resumed', message: 'goes on where the last run ended' },
  brought_back: { event: 'claimed', message: 'taken from the archive' },
} as const satisfies Record<Origin, { event: LogEvent; message: string }>;

/** Says in the log that the file is ours and which load it is: at once for a large one, whose conversion goes on. */
class Announcement {
  readonly #passage: Passage;
  readonly #context: PipelineContext;
  #made: { loadId: string; log: ConversionLog } | null = null;

  constructor(passage: Passage, context: PipelineContext) {
    this.#passage = passage;
    this.#context = context;
  }

  /** The log with the load's id; another attempt may have found another one. */
  make({ loadId, file, dataset, bytes }: LoadIdentity): ConversionLog {
    if (this.#made?.loadId === loadId) return this.#made.log;
    const log = this.#context.log.with({ dataset, file, loadId });
    const { event, message } = announcements[this.#passage.origin];
    log.info(event, message, { bytes });
    this.#made = { loadId, log };
    return log;
  }
}

async function promotePatiently(
  passage: Passage,
  loadId: string,
  context: PipelineContext,
): Promise<Claim | 'busy'> {
  let attempts = 0;
  const claim = await patiently(passage, context.patience, () => {
    attempts++;
    return promote(passage, loadId, context);
  });
  if (claim === 'busy') return claim;
  // A note of having waited until now came along with the folder.
  if (attempts > 1) await rm(join(claim.folder, PARKED_NOTE), { force: true });
  return claim;
}

/** `busy`: where the same file is loaded again, another drop of it has just got this name. */
async function promote(
  passage: Passage,
  loadId: string,
  context: PipelineContext,
): Promise<Claim | 'busy'> {
  const { claim, dataset } = passage;
  for (;;) {
    const promoted = await promoteClaim(claim, loadId);
    if (dataset.redrop === 'load') {
      // After a power cut the name has to be what the database and the lake know.
      if (promoted !== 'busy') await syncFolder(dirname(promoted.folder));
      return promoted;
    }
    if (promoted !== 'busy') return promoted;
    const folder = join(dirname(claim.folder), loadId);
    const end = context.underWay.endOf(folder);
    if (end === undefined) {
      throw new HopperError('io_failed', {
        message: `The folder ${folder} is in the way of the same file dropped again.`,
        hint: 'The next start goes on with it.',
        details: { folder: basename(folder) },
      });
    }
    // Waiting with a place in the order of loads could mean waiting for each other.
    passage.turn?.stepAside();
    passage.place?.stepOut();
    passage.freeConversion();
    await end;
    // Asked at once: a newer version that waits behind it may replace that load before anybody else asks, and came after this drop.
    const finished = receiptsOf(context.receipts, dataset.name).findLoad(loadId);
    if (finished === undefined) continue;
    passage.progress.repeated = true;
    await noteIfFinished(passage, loadId, context);
  }
}

/** The same bytes under another name are loaded, because that may be meant; whoever looks should know. */
function warnOfEqualContent(passage: IdentifiedPassage, context: PipelineContext): void {
  const { identity, dataset, log } = passage;
  const finished = receiptsOf(context.receipts, dataset.name).findContent(identity.sha256);
  const underWay = context.underWay.firstWithContent(identity);
  const first = finished?.loadId === identity.loadId ? undefined : (finished ?? underWay);
  if (first === undefined) return;
  if (first.file === identity.file && dataset.redrop === 'load') return;
  log.warn('claimed', 'has the same content as another file', {
    repeats: first.loadId,
    reason: `The same content came as ${first.file} before; it is loaded again under its own name.`,
    hint: 'Nothing to do, unless it was dropped twice by mistake.',
  });
}
