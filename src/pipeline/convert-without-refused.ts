import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { counted } from '../core/counted.ts';
import { exists } from '../core/exists.ts';
import type { Problem } from '../core/problem.ts';
import { ProblemList } from '../core/problem-list.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { REFUSED_FILE, REFUSED_SCRATCH_FILE } from '../intake/transient-name.ts';
import type { RefusedByTable } from './conversion.ts';
import { FoundRefusals } from './found-refusals.ts';
import type { Conversion, IdentifiedPassage, PipelineContext } from './passage.ts';
import { patiently } from './patience.ts';
import { writingFolder } from './publish-parquet.ts';
import { dropRefusedList, keepRefusedList, refusedListPath } from './refused-list.ts';
import { rowsBeyondLimits } from './row-limits.ts';

/**
 * Whether rows that the table refuses are diverted. Not of a load that is only made again: its rejected rows were handed back when it was
 * made first.
 */
export function divertsRefused({ dataset, origin }: IdentifiedPassage): boolean {
  return dataset.diversion !== null && origin !== 'brought_back';
}

/** Takes the rows of a conversion that the table refuses: as many as a report lists, or as it takes to know that there are too many. */
export function refusalsOf(
  passage: IdentifiedPassage,
  { loadFiles, counts }: Conversion,
  { config }: PipelineContext,
): FoundRefusals {
  const { diversion } = passage.dataset;
  const rowsMax =
    diversion !== null && divertsRefused(passage)
      ? rowsBeyondLimits(counts, diversion)
      : config.convert.problemsMax;
  return new FoundRefusals(join(passage.claim.folder, REFUSED_FILE), loadFiles, rowsMax);
}

/** The rows that were refused when an earlier run loaded the file, or the load was made first; null: there are none. */
export async function refusedBefore(
  passage: IdentifiedPassage,
  context: PipelineContext,
): Promise<RefusedByTable | null> {
  const { origin, dataset, identity, turn } = passage;
  const { config, tables } = context;
  if (dataset.diversion === null || turn === null) return null;
  const known = refusedListPath(config.folders.output, identity);
  if (!(await exists(known))) return null;
  // A file that is new may have come before. Where that load is gone, it is held against the table anew.
  if (origin === 'new' && (await tables?.ledger.findDecidedLoad(identity.loadId)) === null) {
    await dropRefusedList(config.folders.output, identity);
    return null;
  }
  return { known, fresh: null, list: null, scratch: scratchOf(passage) };
}

/** Has the source converted with rows rejected because a table has refused them; `describes`: only for their lines. */
export type ConvertRefused = (refused: RefusedByTable, describes: boolean) => Promise<Conversion>;

/**
 * Converts a source once more, without the rows that were found to be refused. Their list is durable when it returns, and must be before
 * the others are loaded.
 */
export async function convertWithout(
  passage: IdentifiedPassage,
  former: Conversion,
  refusals: FoundRefusals,
  convert: ConvertRefused,
  context: PipelineContext,
): Promise<Conversion> {
  const { output } = context.config.folders;
  const listed = refusedListPath(output, passage.identity);
  const temporary = join(writingFolder(output), `${basename(passage.claim.folder)}.refused.tmp`);
  const refused = await refusedSoFar(refusals, former, listed, passage);
  const conversion = await convert({ ...refused, list: temporary }, false);
  checkRejected(former, conversion, refusals);
  await patiently(passage, context.patience, () =>
    conversion.refused ? rm(temporary, { force: true }) : keepRefusedList(temporary, listed),
  );
  refusals.remove();
  return { ...conversion, withoutRefused: true };
}

/** Names the rows that were found to be refused by their lines, for a report on a file that fails for them. */
export async function describeRefused(
  passage: IdentifiedPassage,
  former: Conversion,
  refusals: FoundRefusals,
  convert: ConvertRefused,
  context: PipelineContext,
): Promise<Conversion> {
  const listed = refusedListPath(context.config.folders.output, passage.identity);
  const refused = await refusedSoFar(refusals, former, listed, passage);
  const conversion = await convert(refused, true);
  checkRejected(former, conversion, refusals);
  refusals.remove();
  return conversion;
}

/** The same with a word of rows that nobody has looked for, where so many were found as were looked for. */
export function tellOfMore(
  passage: IdentifiedPassage,
  conversion: Conversion,
  refusals: FoundRefusals,
  { config }: PipelineContext,
): Conversion {
  if (refusals.count < refusals.rowsMax) return conversion;
  const list = new ProblemList(config.convert.problemsMax + 1);
  list.add(mayBeMore(passage, refusals));
  list.append(conversion, 0);
  return { ...conversion, ...list.found() };
}

async function refusedSoFar(
  refusals: FoundRefusals,
  { withoutRefused }: Conversion,
  listed: string,
  passage: IdentifiedPassage,
): Promise<RefusedByTable> {
  refusals.finish();
  return {
    known: withoutRefused === true && (await exists(listed)) ? listed : null,
    fresh: refusals.path,
    list: null,
    scratch: scratchOf(passage),
  };
}

function scratchOf({ claim }: IdentifiedPassage): string {
  return join(claim.folder, REFUSED_SCRATCH_FILE);
}

/** The places of rows hold only as long as the same rows are accepted. */
function checkRejected(former: Conversion, { counts }: Conversion, refusals: FoundRefusals): void {
  const expected = former.counts.rowsRejected + refusals.count;
  if (counts.rowsRejected === expected) return;
  const found = counts.rowsRejected - former.counts.rowsRejected;
  throw new HopperError('conservation_broken', {
    message: `Of ${counted(refusals.count, 'row')} that the table refuses, ${found} ${found === 1 ? 'was' : 'were'} found in the source.`,
    details: { ...counts },
  });
}

function mayBeMore({ dataset }: IdentifiedPassage, { count }: FoundRefusals): Problem {
  return {
    ...{ line: 0, column: null, value: null, rule: 'database' },
    message: `Table ${dataset.table.name} was asked until it had refused ${counted(count, 'row')}; there may be more.`,
    hint: 'Repair these, and drop the file again.',
  };
}
