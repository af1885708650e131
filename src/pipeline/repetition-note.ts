import { join } from 'node:path';
import { unlinkIfThere, writeFile } from '../core/brief-calls.ts';
import { exists } from '../core/exists.ts';
import type { Claim } from '../intake/claim.ts';
import { REPETITION_NOTE } from '../intake/transient-name.ts';

// After a crash a load with a receipt may be that of the very claim that lies there, or one that was finished before the claim's source
// was dropped once more. The one is told as finished, the other as skipped; so a drop of a finished load is marked before its claim
// gets the name of the load.

type Place = Pick<Claim, 'folder'>;

export function noteRepetition({ folder }: Place): Promise<void> {
  return writeFile(join(folder, REPETITION_NOTE), '{}\n');
}

export function isNotedRepetition({ folder }: Place): Promise<boolean> {
  return exists(join(folder, REPETITION_NOTE));
}

/** The load has to be made again after all. */
export function dropRepetitionNote({ folder }: Place): Promise<void> {
  return unlinkIfThere(join(folder, REPETITION_NOTE));
}
