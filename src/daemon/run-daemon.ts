import { isLoopback } from '../core/listen-address.ts';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config/config.ts';
import type { Intake } from '../intake/intake.ts';
import type { ConversionLog } from '../log/conversion-log.ts';
import { giveWayAltogether } from '../pipeline/give-way.ts';
import { DueFiles } from './due-files.ts';
import { Hopper } from './hopper.ts';
import { openIntake, takeFiles } from './take-files.ts';

/** How long a stop waits for what is running; the rest of the ten seconds is for giving back what is not done. */
const GRACE_MS = 7000;

/** What can be seen of a daemon while it runs. */
export interface DaemonView {
  intake: Pick<Intake, 'backlog' | 'trouble' | 'sweepAgeMs' | 'firstWaiting' | 'leftAlone'>;
  hopper: Pick<Hopper, 'underWay' | 'isFull' | 'lastFinishedMs' | 'undo'>;
}

export interface DaemonListener {
  /** From here on the folders are ours. */
  onReady: (view: DaemonView) => void;
  /** Nothing is under way any more, and the folders are still ours. */
  onEnd: () => Promise<void>;
}

/**
 * The daemon: goes on with what a former run left, then takes files until the signal is aborted. At the stop it lets
 * finish what can within the grace, gives back the rest, and resolves. Throws what keeps it from starting.
 */
export async function runDaemon(
  config: Config,
  log: ConversionLog,
  signal: AbortSignal,
  { onReady, onEnd }: DaemonListener,
): Promise<void> {
  // Also ends all waiting when a defect, and not the signal, ends the daemon.
  const end = new AbortController();
  const patience = { signal: AbortSignal.any([signal, end.signal]), attemptsMax: Infinity };
  if (config.database !== null && isLoopback(config.database.host)) giveWayAltogether();
  const hopper = await Hopper.open({ config, log, patience });
  const intake = openIntake(hopper, config, log, () => undefined);
  const dueFiles = new DueFiles(config, log);
  try {
    hopper.warmUp();
    const left = await hopper.claimsLeft();
    if (left.claims.length > 0) hopper.warmUpForSuspects();
    await intake.start();
    log.info('watching', 'waiting for CSV files', { reason: config.folders.input });
    onReady({ intake, hopper });
    await hopper.tellFormerEnds(left);
    await hopper.finishUndos();
    dueFiles.start();
    reportDatabase(config, log).catch((err: unknown) => {
      log.warn('watching', 'the database cannot be checked', { err });
    });
    await takeFiles(left.claims, { intake, hopper, config, log, signal });
  } finally {
    end.abort();
    await intake.stop();
    await dueFiles.stop();
    await settle(hopper);
    await onEnd();
    await hopper.close();
    log.info('stopped', 'stopped');
  }
}

/** Waits for what is under way, and after the grace ends it. */
async function settle(hopper: Hopper): Promise<void> {
  hopper.dropWaiting();
  const stop = new AbortController();
  const graceOver = delay(GRACE_MS, 'late', { signal: stop.signal }).catch(() => 'idle');
  const ended = await Promise.race([hopper.idle().then(() => 'idle'), graceOver]);
  stop.abort();
  if (ended === 'late') await hopper.abort();
}

/** Says what about the database should be changed; what keeps loads from working, each load says itself. */
async function reportDatabase(config: Config, log: ConversionLog): Promise<void> {
  if (config.database === null) return;
  const { checkDatabase } = await import('../load/database-check.ts');
  for (const { level, message: reason, hint } of await checkDatabase(
    config.database,
    config.datasets,
  )) {
    if (level !== 'ok') log.warn('watching', 'the database needs attention', { reason, hint });
  }
}
