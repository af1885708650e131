import { basename } from 'node:path';
import { counted } from '../core/counted.ts';
import type { Config } from '../config/config.ts';
import { asHopperError } from '../core/environment-error.ts';
import { firstThatFit } from '../core/one-screen.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { datasetRoute } from '../intake/dataset-route.ts';
import type { ConversionResult } from '../pipeline/conversion.ts';
import type { Dataset } from '../schema/dataset.ts';
import { DONE, FILE_FAILED, print } from './command.ts';
import { type DryConversion, dryRun } from './dry-run.ts';
import { showProgress } from './progress-line.ts';

/** How many problems of a file are printed at the most. */
const PROBLEMS_SHOWN = 20;

/** Before each line on a file but the first. */
const INDENT = '        ';

/** Converts each file as the daemon would, keeps nothing of it, and prints the verdict. */
export async function checkFiles(config: Config, files: string[]): Promise<number> {
  let current = '';
  let code = DONE;
  const progress = showProgress((seconds) => `checking ${current}, ${seconds} s`);
  try {
    await dryRun(config, async (convert) => {
      for (const file of files) {
        current = file;
        const { sound, lines } = await verdictOn(file, config, convert);
        if (!sound) code = FILE_FAILED;
        const [first = '', ...more] = lines;
        progress.clear();
        print(
          `${sound ? 'OK    ' : 'FAILED'}  ${file}: ${first}`,
          ...more.map((line) => `${INDENT}${line}`),
        );
      }
    });
  } finally {
    progress.end();
  }
  return code;
}

interface Verdict {
  sound: boolean;
  lines: string[];
}

async function verdictOn(file: string, config: Config, convert: DryConversion): Promise<Verdict> {
  try {
    const { name } = datasetFor(file, config);
    return describe(name, await convert(file, name));
  } catch (error) {
    const { message, hint } = asHopperError(error);
    return { sound: false, lines: [message, hint] };
  }
}

/** The dataset that takes a file of this name. Throws usage_invalid. */
export function datasetFor(file: string, config: Config): Dataset {
  const dataset = datasetRoute(config.datasets)(basename(file));
  if (dataset !== null) return dataset;
  const patterns = config.datasets.map(({ match }) => match).join(', ');
  throw new HopperError('usage_invalid', {
    message: 'No dataset takes a file of this name.',
    hint: `Its name must match one of: ${patterns}.`,
  });
}

/** What a conversion says of a file. */
export function describe(dataset: string, result: ConversionResult): Verdict {
  const { counts, delimiter, problemsTotal } = result;
  if (!result.refused) {
    const dropped = counts.rowsDroppedNull + counts.rowsDroppedDuplicate;
    const said = [
      `${counted(counts.rowsRead, 'row')} for ${dataset}`,
      `delimiter ${String(delimiter)}`,
      ...(dropped + counts.rowsRejected === 0 ? [] : [`${counts.rowsAccepted} accepted`]),
      ...(counts.rowsDroppedNull === 0 ? [] : [`${counts.rowsDroppedNull} dropped with nulls`]),
      ...(counts.rowsDroppedDuplicate === 0
        ? []
        : [
            counted(counts.rowsDroppedDuplicate, 'dropped as a duplicate', 'dropped as duplicates'),
          ]),
    ];
    if (counts.rowsRejected > 0) said.push(`${counts.rowsRejected} for the reject file`);
    return { sound: true, lines: [`${said.join(', ')}.`, ...problemLines(result)] };
  }
  const lines = problemLines(result);
  const count = counted(problemsTotal, 'problem');
  return { sound: false, lines: [`${count} (dataset ${dataset})`, ...lines] };
}

function problemLines({ problems, problemsTotal }: ConversionResult): string[] {
  const lines = problems.slice(0, PROBLEMS_SHOWN).map(({ line, message, hint }) => {
    return `${line === 0 ? '' : `line ${line}: `}${message} ${hint}`;
  });
  return firstThatFit(lines, problemsTotal, INDENT.length);
}
