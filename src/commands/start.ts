import type { Config, ServeConfig } from '../config/config.ts';
import { hostInUrl } from '../core/listen-address.ts';
import { version } from '../core/version.ts';
import { runDaemon } from '../daemon/run-daemon.ts';
import { openConversionLog } from '../log/conversion-log.ts';
import type { LogEvent } from '../log/log-event.ts';
import { environment } from '../config/environment.ts';
import { WorkTally, type WorkCounts } from '../daemon/work-tally.ts';
import { ServiceManager } from '../systemd/service-manager.ts';
import { eventPrinter } from './event-line.ts';
import { showProgress } from './progress-line.ts';
import { type CommonOptions, DONE, openConfig, print, printError } from './command.ts';
import { openNotifier } from './open-notifier.ts';
import { openServing } from './open-serving.ts';

/** By when a stop is over, whatever hangs: what was under way is found out at the next start. */
const STOP_MS = 9500;

/** How long the end waits for the receiver of the last notice; what it does not take is sent at the next start. */
const NOTICE_MS = 1500;

/** What an operator reads on the terminal or in the journal; every step is in the conversion log. */
const shownEvents: readonly LogEvent[] = ['finished', 'resumed', 'stopped'];

/**
 * `csv-hopper start`: the daemon. Returns after SIGTERM or SIGINT. On a terminal a line at the bottom says how its work stands; a
 * service manager is told the same.
 */
export async function start(options: CommonOptions): Promise<number> {
  const config = openConfig(options);
  const notifier = await openNotifier(config);
  const serving = await openServing(config);
  const tally = new WorkTally();
  const showEvent = eventPrinter(environment());
  let counts: (() => WorkCounts) | null = null;
  const howItStands = (): string => (counts === null ? 'starting' : tally.line(counts()));
  const live = showProgress(howItStands);
  const log = openConversionLog({
    folder: config.folders.logs,
    ...config.log,
    now: () => new Date(),
    onLine: (line, level, event) => {
      if (level === 'info' && !shownEvents.includes(event)) return;
      live.clear();
      showEvent(level === 'info' ? 'stdout' : 'stderr', line, level);
    },
    onEvent: (event, fields) => {
      tally.hear(event, fields);
      notifier?.hear(event, fields);
      serving?.hear(event, fields);
    },
  });
  const manager = new ServiceManager({
    environment: environment(),
    status: howItStands,
    onTrouble: (reason) => {
      live.clear();
      printError(`The service manager cannot be told how things stand: ${reason}.`);
    },
  });
  const stop = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    // The second signal ends at once. Nothing is torn: what was under way is found out at the next start.
    if (stop.signal.aborted) process.exit(signal === 'SIGINT' ? 130 : 143);
    live.clear();
    print('stopping; once more ends at once');
    stop.abort();
    manager.stopping();
    setTimeout(() => {
      printError('Something hangs: ended without it.');
      process.exit(DONE);
    }, STOP_MS).unref();
  };
  const onHangUp = (): void => {
    log.reopen();
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal).on('SIGHUP', onHangUp);
  try {
    await runDaemon(config, log, stop.signal, {
      onReady: (view) => {
        counts = () => ({
          waiting: view.intake.backlog.files,
          underWay: view.hopper.underWay.files,
        });
        live.clear();
        print(...banner(config));
        manager.ready();
        notifier?.begin(log);
        serving?.begin(log, view, stop.signal);
      },
      // While the outbox is ours alone.
      onEnd: async () => {
        await Promise.all([notifier?.close(NOTICE_MS), serving?.close()]);
      },
    });
  } finally {
    live.end();
    await manager.close();
    process.off('SIGTERM', onSignal).off('SIGINT', onSignal).off('SIGHUP', onHangUp);
    log.close();
  }
  return DONE;
}

function banner(config: Config): string[] {
  const { database, datasets, folders, serve } = config;
  const routes = datasets.map(({ name, match }) => `${match} -> ${name}`).join(', ');
  const rows =
    database === null
      ? 'no database configured; query the Parquet files with csv-hopper query'
      : `${datasets.map(({ table }) => table.name).join(', ')} in ${database.database} at ${database.host}:${database.port}`;
  return [
    `csv-hopper ${version}`,
    `  watches   ${folders.input}  (${routes})`,
    `  parquet   ${folders.output}`,
    `  rows      ${rows}`,
    `  failed    ${folders.failed}`,
    ...(folders.receipts === null ? [] : [`  receipts  ${folders.receipts}`]),
    ...(serve === null ? [] : [`  page      ${addressOf(serve)}`]),
    `  log       ${folders.logs}`,
    'waiting for CSV files',
  ];
}

function addressOf({ listen: { host, port } }: ServeConfig): string {
  const address = `http://${hostInUrl(host)}`;
  return port === 0
    ? `${address}, any port: the log has it`
    : `${address}:${port}  (health under /readyz, metrics under /metrics)`;
}
