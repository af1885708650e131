import { rm } from 'node:fs/promises';
import { ProblemList } from '../core/problem-list.ts';
import type { Problem } from '../core/problem.ts';
import type { ProfileRequest } from '../profile/column-tally.ts';
import { judgeProfile, outlierBounds, type Surprise } from '../profile/judge-profile.ts';
import { type PackedProfile, packProfile, unpackProfile } from '../profile/packed-profile.ts';
import { type PackedStoredProfile, redactProfile } from '../profile/stored-profile.ts';
import type { ColumnExpectations, OutlierBounds } from '../schema/expectations.ts';
import type { Dataset } from '../schema/dataset.ts';
import type { Conversion, IdentifiedPassage, PipelineContext } from './passage.ts';
import { patiently } from './patience.ts';
import type { ProfileBook } from './profile-book.ts';
import { receiptsOf } from './receipt-book.ts';

/**
 * What the profile of the next load has to tell, by the loads so far; undefined where the dataset keeps none. `remembered`: the bounds
 * by which its rows were diverted when it was converted before.
 */
export function profileRequest(
  { name, profiled, expect, uniqueKeys = [] }: Dataset,
  books: ReadonlyMap<string, ProfileBook>,
  remembered?: OutlierBounds,
): ProfileRequest | undefined {
  if (profiled !== true) return undefined;
  const columns = Object.entries(expect?.columns ?? {});
  // Nothing of the loads before is asked of most datasets, and this is done for each file.
  const history = columns.length === 0 ? [] : (books.get(name)?.history(null) ?? []);
  const bounds = columns.flatMap(([column, expected]) => {
    const before = history.flatMap((load) => load.columns.filter((one) => one.name === column));
    const found = outlierBounds(expected, before);
    return found === null ? [] : [{ column, found, isDiverted: isDiverted(expected) }];
  });
  const boundsOf = (diverted: boolean): OutlierBounds =>
    Object.fromEntries(
      bounds.flatMap((of) => (of.isDiverted === diverted ? [[of.column, of.found]] : [])),
    );
  const diverted = remembered ?? boundsOf(true);
  const categories = columns.flatMap(([column, expected]) =>
    expected.categories === null ? [] : [column],
  );
  const unique = uniqueKeys.flatMap(([column, ...others]) =>
    column === undefined || others.length > 0 ? [] : [column],
  );
  return {
    bounds: boundsOf(false),
    categories,
    ...(unique.length > 0 && { unique }),
    ...(Object.keys(diverted).length > 0 && { diverted }),
  };
}

function isDiverted({ outliers }: ColumnExpectations): boolean {
  return outliers?.action === 'divert';
}

/**
 * Holds a converted source against what its dataset expects of files as a whole, and keeps its profile, durably and before anything
 * is published. Once it is kept the load is not judged again: after a crash other loads may have been finished, and what is in
 * the lake or the table already must not fail by them. Returns the conversion, with problems where it fails.
 */
export async function judgeLoad(
  passage: IdentifiedPassage,
  conversion: Conversion,
  context: PipelineContext,
): Promise<Conversion> {
  const { profile, isRejectFile, outlierBounds } = conversion;
  const { dataset, identity, origin, progress } = passage;
  progress.outlierBounds = outlierBounds;
  const book = context.profiles.get(dataset.name);
  // The rows that were repaired are no file that one could expect something of, nor one to judge others by.
  if (profile === undefined || book === undefined || isRejectFile) return conversion;
  const known =
    origin === 'new' && progress.warnings === undefined ? undefined : book.find(identity.loadId);
  if (known !== undefined) {
    progress.warnings = known.warnings;
    // A kill may have come between the list of the rows that the table refuses and the profile without them.
    if (conversion.withoutRefused === true && known.rows !== profile.rows)
      await keepProfile(passage, conversion, context);
    return conversion;
  }
  // What is brought back from the archive has been accepted before.
  const surprises =
    dataset.expect === undefined || origin === 'brought_back'
      ? []
      : judgeProfile(dataset.expect, unpackProfile(profile), book.history(identity.loadId));
  const fatal = surprises.filter(({ action }) => action === 'fail');
  if (fatal.length > 0) {
    await patiently(passage, context.patience, () => rm(conversion.parquet, { force: true }));
    const { problemsMax } = context.config.convert;
    // Also of rows that would have been diverted, had the file as a whole been as expected.
    const list = new ProblemList(problemsMax);
    for (const surprise of surprises) list.add(problemOf(surprise));
    list.append(conversion, 0);
    return { ...conversion, ...list.found(), refused: true, rejects: null };
  }
  const warnings = surprises.map(({ message }) => message);
  const stored = storedProfile(passage, { profile, outlierBounds }, warnings, context);
  // First said, then kept: a kill in between says it twice, and the other way round it would never be said.
  for (const { message: reason } of surprises) {
    passage.log.warn('unexpected', 'not as expected', { reason, hint });
  }
  await patiently(passage, context.patience, () => book.add(stored));
  progress.warnings = warnings;
  return conversion;
}

const hint =
  'Look whether the file is whole and of the right day. If it is right, change what the dataset expects.';

/**
 * Keeps the profile of a load that is converted again without rows that its table refuses in the place of the one before. It is not
 * judged again: the file as a whole is what it was.
 */
export async function keepProfile(
  passage: IdentifiedPassage,
  { profile, isRejectFile, outlierBounds }: Conversion,
  context: PipelineContext,
): Promise<void> {
  const book = context.profiles.get(passage.dataset.name);
  if (profile === undefined || book === undefined || isRejectFile) return;
  const warnings = [...(passage.progress.warnings ?? [])];
  const stored = storedProfile(passage, { profile, outlierBounds }, warnings, context);
  await patiently(passage, context.patience, () => book.add(stored));
}

function problemOf({ column, message, value }: Surprise): Problem {
  return {
    ...{ line: 0, column, value, rule: 'expectation', message },
    hint: `${hint} Then drop it again, or retry it.`,
  };
}

function storedProfile(
  { identity }: IdentifiedPassage,
  { profile, outlierBounds }: { profile: PackedProfile; outlierBounds: OutlierBounds | undefined },
  warnings: string[],
  { config, receipts }: PipelineContext,
): PackedStoredProfile {
  const { loadId, dataset, file } = identity;
  const ends = receiptsOf(receipts, dataset).endsOf(loadId);
  const isRedacted = config.report.values === 'redacted';
  const shown = isRedacted ? packProfile(redactProfile(unpackProfile(profile))) : profile;
  return {
    ...{ loadId, dataset, file, time: new Date().toISOString(), warnings, ...shown },
    ...(ends > 0 && { ends }),
    ...(outlierBounds !== undefined && { outlierBounds }),
  };
}
