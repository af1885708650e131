import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { asHopperError } from '../core/environment-error.ts';
import { counted } from '../core/counted.ts';
import { groupedDigits } from '../core/grouped-digits.ts';
import { refuseNewerState } from '../core/state-format.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { listFailed } from '../daemon/failed-files.ts';
import { readFailedReport } from '../daemon/failed-report.ts';
import { archivedPath } from '../pipeline/archived-path.ts';
import type { ConversionResult } from '../pipeline/conversion.ts';
import { readReceipts, receiptsPath, type Receipt } from '../pipeline/receipt-book.ts';
import { countRefused } from '../pipeline/refused-list.ts';
import { reportPath } from '../pipeline/report-files.ts';
import type { Column } from '../schema/column-type.ts';
import type { Dataset } from '../schema/dataset.ts';
import { withKey } from '../schema/key-columns.ts';
import { extraColumnOf, withExtraColumn } from '../schema/extra-column.ts';
import { readSchema, type Schema } from '../schema/read-schema.ts';
import { type CommonOptions, DONE, FILE_FAILED, openConfig, print, printError } from './command.ts';
import { type DryConversion, dryRun } from './dry-run.ts';
import { showProgress } from './progress-line.ts';
import { Rehearsal, type RehearsedGroup } from './rehearsal.ts';

export interface RehearseOptions extends CommonOptions {
  dataset?: string;
  last?: string;
  json?: boolean;
}

/** How many files are listed of each kind of problem; all are counted. */
const FILES_SHOWN = 5;
const DAY_MS = 86_400_000;

/**
 * `csv-hopper rehearse <schema.yaml>`: converts the archived files of a dataset under a changed schema, writes nothing, and tells what
 * would newly fail, and which failed files would pass.
 */
export async function rehearse(schema: string, options: RehearseOptions): Promise<number> {
  const config = openConfig(options);
  const dataset = datasetOf(options.dataset, config);
  const { archive, output } = config.folders;
  if (archive === null) {
    throw new HopperError('usage_invalid', {
      message: 'There is no archive: folders.archive is null.',
      hint: 'Give folders.archive a folder; what is loaded from then on can be rehearsed.',
    });
  }
  await refuseNewerState([output]);
  const rules = readSchema(schema, dataset.clean);
  const columns = columnsUnder(rules, dataset);
  const changed = { ...config, datasets: [{ ...dataset, ...rules, columns }] };
  const loads = await loadsOf(dataset, options.last, config);
  const rehearsal = new Rehearsal();
  const progress = showProgress((seconds) => {
    return `${rehearsal.loads} of ${counted(loads.length, 'load')} rehearsed, ${seconds} s`;
  });
  await dryRun(changed, async (convert) => {
    for (const load of loads) {
      const source = archivedPath(archive, load);
      const result = await tryConversion(convert, source, dataset.name);
      if (result === null) rehearsal.addMissing(load.file);
      else {
        // Nobody asks the table now, so what it has refused is none of what the schema did.
        const byTable = await countRefused(output, load);
        rehearsal.addLoad(load.file, result, load.rowsRejected - byTable);
      }
    }
    await rehearseFailed(convert, rehearsal, dataset, config);
  }).finally(progress.end);
  print(
    ...(options.json === true ? json(rehearsal, dataset) : describe(rehearsal, schema, dataset)),
  );
  return rehearsal.failing > 0 ? FILE_FAILED : DONE;
}

/** Those that the dataset would have. */
function columnsUnder({ columns: named }: Schema, { columns: now, write }: Dataset): Column[] {
  const columns = withKey(named, write);
  const extra = extraColumnOf(now);
  const all = extra === undefined ? columns : withExtraColumn(columns, extra);
  if (Array.isArray(all)) return all;
  throw new HopperError('usage_invalid', {
    message: `The extra_json_column of the dataset ${all.problem}.`,
    hint: 'Name another column for extra_json_column in the configuration.',
  });
}

/** Null where the file cannot be read, which is told: one of many need not end the others. */
async function tryConversion(
  convert: DryConversion,
  path: string,
  dataset: string,
): Promise<ConversionResult | null> {
  try {
    return await convert(path, dataset);
  } catch (error) {
    const { code, message } = asHopperError(error);
    if (code !== 'source_unreadable' && code !== 'source_changed') throw error;
    printError(`${path}: ${message}`);
    return null;
  }
}

function datasetOf(wanted: string | undefined, { datasets }: Config): Dataset {
  const names = datasets.map(({ name }) => name).join(', ');
  const [only, ...others] = datasets.filter(({ name }) => wanted === undefined || name === wanted);
  if (only !== undefined && others.length === 0) return only;
  throw new HopperError('usage_invalid', {
    message:
      wanted === undefined ? 'There are several datasets.' : `There is no dataset ${wanted}.`,
    hint: `Name one of them by --dataset: ${names}.`,
  });
}

/** The finished loads, the oldest first: of the last so many days, or the last so many. */
async function loadsOf(
  { name }: Dataset,
  last: string | undefined,
  { folders }: Config,
): Promise<Receipt[]> {
  const [, count, unit] = /^([1-9]\d{0,6})(d?)$/.exec(last ?? '1') ?? [];
  if (count === undefined) {
    throw new HopperError('usage_invalid', {
      message: `--last ${String(last)} is neither a number of days nor of loads.`,
      hint: 'Write 30d for the loads of the last 30 days, or 100 for the last 100 loads.',
    });
  }
  const loads: Receipt[] = [];
  for await (const receipt of readReceipts(receiptsPath(folders.output, name))) loads.push(receipt);
  if (last === undefined) return loads;
  if (unit === '') return loads.slice(-Number(count));
  const since = new Date(Date.now() - Number(count) * DAY_MS).toISOString();
  return loads.filter(({ time }) => time >= since);
}

/** The files that have failed under the schema as it is, for what it refuses. */
async function rehearseFailed(
  convert: DryConversion,
  rehearsal: Rehearsal,
  { name }: Dataset,
  { folders }: Config,
): Promise<void> {
  for (const file of await listFailed(folders.failed)) {
    const path = join(folders.failed, file);
    const report = await readFailedReport(reportPath(path));
    if (report?.dataset !== name || report.code !== 'content_invalid') continue;
    const result = await tryConversion(convert, path, name);
    if (result !== null) rehearsal.addFailed(file, result);
  }
}

function json(rehearsal: Rehearsal, { name }: Dataset): string[] {
  const { loads, failing, failed, passing, missing } = rehearsal;
  const groups = rehearsal.groups();
  const found = { dataset: name, loads, failing, groups, failed, passing, missing };
  return JSON.stringify(found, null, 2).split('\n');
}

function describe(rehearsal: Rehearsal, schema: string, { name }: Dataset): string[] {
  const { loads, failing, failed, passing, missing } = rehearsal;
  const verdict =
    failing === 0
      ? `none of ${counted(loads, 'file')} of ${name} would fail under ${schema}`
      : `${groupedDigits(failing)} of ${counted(loads, 'file')} of ${name} would newly fail under ${schema}`;
  const lines = [verdict, ...rehearsal.groups().flatMap(describeGroup)];
  if (missing.length > 0)
    lines.push(`${counted(missing.length, 'file')} could not be tried: not in the archive`);
  if (failed > 0) {
    lines.push(
      `${groupedDigits(passing.length)} of ${counted(failed, 'file')} in the failed folder would pass`,
      ...shown(passing).map((file) => `  ${file}`),
    );
  }
  return lines;
}

function describeGroup({
  rule,
  column,
  count,
  files: named,
  message,
  hint,
}: RehearsedGroup): string[] {
  const where = column === null ? '' : ` in ${column}`;
  const problems = counted(count, 'problem');
  return [
    `  ${rule}${where}: ${problems} in ${counted(named.length, 'file')}. ${message} ${hint}`,
    ...shown(named.map(({ file, line }) => (line === 0 ? file : `${file} line ${line}`))).map(
      (place) => `    ${place}`,
    ),
  ];
}

function shown(all: readonly string[]): string[] {
  const more = all.length - FILES_SHOWN;
  return more > 0 ? [...all.slice(0, FILES_SHOWN), `and ${groupedDigits(more)} more`] : [...all];
}
