import { relative } from 'node:path';
import type { Config } from '../config/config.ts';
import { asHopperError } from '../core/environment-error.ts';
import { type Claim, claimFile } from '../intake/claim.ts';
import { datasetRoute } from '../intake/dataset-route.ts';
import { Intake } from '../intake/intake.ts';
import type { SettledFile } from '../intake/waiting-files.ts';
import type { ConversionLog } from '../log/conversion-log.ts';
import type { Outcome } from '../pipeline/passage.ts';
import type { Hopper } from './hopper.ts';
import { processingFolder } from './processing-folder.ts';

/** How long a file that cannot be claimed is left alone. */
const CLAIM_PAUSE_MS = 10_000;

/** The intake of a configuration, its reports going to the conversion log. `onRefused`: for each file that it leaves where it is. */
export function openIntake(
  hopper: Hopper,
  config: Config,
  log: ConversionLog,
  onRefused: () => void,
): Intake {
  const route = datasetRoute(config.datasets);
  const { input, failed, archive, receipts } = config.folders;
  // A dataset may want every name; these are ours.
  const ownFolders = [failed, archive, receipts].map((folder) => folder && relative(input, folder));
  const { quietMs, sweepMs, polling } = config.intake;
  return new Intake({
    folder: input,
    quietMs,
    sweepMs,
    polling,
    wants: (name) => route(name) !== null && !ownFolders.includes(name),
    onFolder: () => hopper.holdLock(),
    onIgnored: (file, reason, refused) => {
      if (refused) onRefused();
      log.warn('found', 'left where it is', {
        file,
        reason: `Left in the input folder: ${reason}.`,
      });
    },
    onTrouble: (err) => {
      log.warn('parked', 'trouble with the input folder', {
        reason: err.message,
        hint: err.hint,
        err,
      });
    },
    onTroubleOver: () => {
      log.info('resumed', 'the input folder can be read again');
    },
  });
}

/**
 * Claims each file as it settles and starts it on its way, until the signal is aborted or the intake is at its end.
 * `onOutcome` is told where each ended.
 */
export async function takeFiles(
  intake: Intake,
  hopper: Hopper,
  config: Config,
  log: ConversionLog,
  signal: AbortSignal,
  onOutcome: (outcome: Outcome) => void,
): Promise<void> {
  for (;;) {
    const files = await intake.take(signal);
    if (files.length === 0) return;
    hopper.spareFolders.wanted = files.length;
    for (const file of files) {
      const room = await hopper.room();
      if (signal.aborted) break;
      const claim = await tryClaim(file, intake, hopper, config, log);
      hopper.spareFolders.wanted--;
      if (typeof claim === 'string') {
        room.freeConversion();
        room.freePlace();
        if (claim === 'refused') onOutcome('waiting');
      } else void hopper.take(claim, 'new', room).then(onOutcome);
    }
    await hopper.spareFolders.clear();
  }
}

/** `elsewhere`: gone, or changed and to be offered again. `refused`: it is left alone for a while. */
async function tryClaim(
  settled: SettledFile,
  intake: Intake,
  hopper: Hopper,
  config: Config,
  log: ConversionLog,
): Promise<Claim | 'elsewhere' | 'refused'> {
  const { name: file, bytes } = settled;
  try {
    const processing = processingFolder(config);
    const claim = await claimFile(config.folders.input, processing, settled, hopper.spareFolders);
    if (claim === 'changed') intake.defer(file, 0);
    if (typeof claim === 'string') return 'elsewhere';
    intake.forget(file);
    log.info('found', 'complete in the input folder', { file, bytes });
    return claim;
  } catch (error) {
    const err = asHopperError(error);
    intake.defer(file, CLAIM_PAUSE_MS);
    log.warn('parked', 'cannot be taken', { file, reason: err.message, hint: err.hint, err });
    return 'refused';
  }
}
