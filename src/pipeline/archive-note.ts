import { join } from 'node:path';
import { rename } from '../core/brief-calls.ts';
import { writeFileDurably } from '../core/durable-file.ts';
import { exists } from '../core/exists.ts';
import type { Claim } from '../intake/claim.ts';
import { ARCHIVE_NOTE, RETURN_NOTE } from '../intake/transient-name.ts';

// A load that is made again from the archive is no load that was interrupted: its rejected rows were handed back and its sender was told
// when it was made first. After a crash only the claim can tell the two apart, so it holds a note for as long as it holds the source.

/** Durable before the source is moved into the claim's folder. */
export function noteFromArchive({ folder }: Pick<Claim, 'folder'>): Promise<void> {
  return writeFileDurably(join(folder, ARCHIVE_NOTE), '{}\n');
}

/** Whether the source of a claim that an earlier run left came from the archive. */
export async function isFromArchive({ folder }: Pick<Claim, 'folder'>): Promise<boolean> {
  return (await exists(join(folder, ARCHIVE_NOTE))) || exists(join(folder, RETURN_NOTE));
}

/**
 * The load is there again, and its source is about to go back: a claim without it is from now on one that has ended, and not one whose
 * source is still to come.
 */
export async function noteReturn({ folder }: Pick<Claim, 'folder'>): Promise<void> {
  const note = join(folder, ARCHIVE_NOTE);
  // By an attempt before.
  if (!(await exists(note))) return;
  await rename(note, join(folder, RETURN_NOTE));
}
