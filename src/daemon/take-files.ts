import { relative } from 'node:path';
import type { Config } from '../config/config.ts';
import { lstatIfThere } from '../core/brief-calls.ts';
import { asHopperError } from '../core/environment-error.ts';
import { FairQueue } from '../core/fair-queue.ts';
import { type Claim, claimFile } from '../intake/claim.ts';
import { datasetRoute } from '../intake/dataset-route.ts';
import { Intake } from '../intake/intake.ts';
import type { SettledFile } from '../intake/waiting-files.ts';
import type { ConversionLog } from '../log/conversion-log.ts';
import type { Outcome } from '../pipeline/passage.ts';
import type { Hopper, Room } from './hopper.ts';
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

type Source = Pick<Intake, 'take' | 'takeNow' | 'forget' | 'defer'>;
type Taker = Pick<Hopper, 'room' | 'take' | 'spareFolders'>;

export interface TakeFilesOptions {
  intake: Source;
  hopper: Taker;
  config: Config;
  log: ConversionLog;
  signal: AbortSignal;
  /** Told where each file ended. */
  onOutcome?: (outcome: Outcome) => void;
}

/**
 * Goes on with the claims of an earlier run, claims each file as it settles and starts it on its way, until the signal is aborted or the
 * intake is at its end. Datasets have their turns one after another, so that one with a backlog does not hold up the others; in each of
 * them what was claimed earlier came first, and so has its place in the order of loads first.
 */
export async function takeFiles(left: readonly Claim[], options: TakeFilesOptions): Promise<void> {
  const { intake, hopper, config, signal } = options;
  const route = datasetRoute(config.datasets);
  const datasetOf = (file: string): string => route(file)?.name ?? '';
  const waiting = new FairQueue<Claim | SettledFile>();
  for (const claim of left) waiting.push(datasetOf(claim.file), claim);
  for (;;) {
    const files = waiting.isEmpty() ? await intake.take(signal) : intake.takeNow();
    for (const file of files) waiting.push(datasetOf(file.name), file);
    hopper.spareFolders.wanted += files.length;
    if (waiting.isEmpty()) return;
    const room = await hopper.room();
    // What is not resumed stays in its claim, for the next start.
    if (signal.aborted) break;
    const next = waiting.shift()!;
    if ('folder' in next) await resume(next, hopper, room);
    else await takeFile(next, room, options);
    if (waiting.isEmpty()) await hopper.spareFolders.clear();
  }
  await hopper.spareFolders.clear();
}

async function resume(claim: Claim, hopper: Taker, room: Room): Promise<void> {
  // A rename sets the inode's time, so this is when it was claimed.
  const sinceMs = (await lstatIfThere(claim.path))?.ctimeMs;
  void hopper.take(claim, 'resumed', room, sinceMs === undefined ? Date.now() : Number(sinceMs));
}

async function takeFile(
  file: SettledFile,
  room: Room,
  { intake, hopper, config, log, onOutcome }: TakeFilesOptions,
): Promise<void> {
  const claim = await tryClaim(file, intake, hopper, config, log);
  hopper.spareFolders.wanted--;
  if (typeof claim === 'string') {
    room.freeConversion();
    room.freePlace();
    if (claim === 'refused') onOutcome?.('waiting');
  } else void hopper.take(claim, 'new', room).then(onOutcome);
}

/** `elsewhere`: gone, or changed and to be offered again. `refused`: it is left alone for a while. */
async function tryClaim(
  settled: SettledFile,
  intake: Source,
  hopper: Taker,
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
