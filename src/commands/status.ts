import { readStatus, type Status } from '../daemon/read-status.ts';
import { type CommonOptions, DONE, openConfig, print } from './command.ts';

/** How many files of a kind are listed; the rest is counted. */
const SHOWN = 10;

export interface StatusOptions extends CommonOptions {
  json?: boolean;
}

/** `csv-hopper status [--json]`: waiting, running, parked, failed, last loads. */
export async function status(options: StatusOptions): Promise<number> {
  const found = await readStatus(openConfig(options));
  print(options.json === true ? JSON.stringify(found, null, 2) : describe(found));
  return DONE;
}

function describe(found: Status): string {
  const { daemon, waiting, running, parked, failed, lastLoads } = found;
  return [
    daemon === null
      ? 'not running'
      : `running as process ${daemon.pid} since ${daemon.startedAt.slice(0, 19)}Z`,
    ...section(
      'waiting',
      waiting,
      ({ file, bytes }) => `${file}  ${bytes.toLocaleString('en')} bytes`,
    ),
    ...section('running', running, ({ file }) => file),
    ...section('parked', parked, ({ file, since, reason, hint }) => {
      return `${file}  since ${since.slice(0, 19)}Z: ${reason} ${hint}`;
    }),
    ...section('failed', failed, ({ file, reason }) => `${file}  ${reason ?? 'without a report'}`),
    ...section('last loads', lastLoads, (receipt) => {
      const rows = receipt.rowsAccepted.toLocaleString('en');
      const into = receipt.table ?? 'Parquet only';
      return `${receipt.time.slice(0, 19)}Z  ${receipt.loadId.slice(0, 8)}  ${receipt.file}  ${rows} rows  ${into}`;
    }),
  ].join('\n');
}

function section<T>(title: string, items: readonly T[], line: (item: T) => string): string[] {
  const lines = items.slice(0, SHOWN).map((item) => `  ${line(item)}`);
  if (items.length > SHOWN) lines.push(`  and ${items.length - SHOWN} more`);
  return [`${title}: ${items.length}`, ...lines];
}
