import { counted } from '../core/counted.ts';
import { type FormerVersion, type LoadName, undoLoad, type Undone } from '../daemon/undo-load.ts';
import { openConversionLog } from '../log/conversion-log.ts';
import { type CommonOptions, DONE, openConfig, print } from './command.ts';
import { showProgress } from './progress-line.ts';

/** `csv-hopper undo <loadId>`: takes exactly one load out of MySQL, the Parquet files and the ledger. */
export async function undo(loadId: string, options: CommonOptions): Promise<number> {
  const config = openConfig(options);
  const log = openConversionLog({
    folder: config.folders.logs,
    ...config.log,
    now: () => new Date(),
  });
  const progress = showProgress((seconds) => `taking it back, ${seconds} s`);
  try {
    const undone = await undoLoad(config, loadId, log);
    progress.end();
    print(...describe(undone));
    return DONE;
  } finally {
    progress.end();
    log.close();
  }
}

function describe(undone: Undone): string[] {
  const { loadId, file, table, rowsAccepted, rowsDeleted, source, former, repairedBy } = undone;
  const rows = counted(rowsDeleted ?? rowsAccepted, 'row');
  const where =
    table === null || rowsDeleted === null
      ? 'the Parquet files'
      : `table ${table} and the Parquet files`;
  return [
    `${file}, load ${loadId}: ${rows} taken out of ${where}`,
    source === null
      ? 'Its source is not in the archive.'
      : `Its source stays in ${source}; copied into the input folder as ${file} it is loaded again.`,
    ...(former === null ? [] : [describeFormer(file, former)]),
    ...repairedBy.map(describeRepair),
  ];
}

function describeFormer(file: string, { loadId, source }: FormerVersion): string {
  const where = source === null ? 'is not in the archive' : `is ${source}`;
  return `The version before it, load ${loadId}, does not come back by itself: its source ${where}; dropped again as ${file} it is loaded.`;
}

function describeRepair({ loadId, file }: LoadName): string {
  return `Rows of it that were repaired stay: ${file}, load ${loadId}. Where it is loaded again they are rejected again, so take that load back too, or leave them out of the new reject file.`;
}
