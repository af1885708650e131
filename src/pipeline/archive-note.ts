import { join } from 'node:path';
import { writeFileDurably } from '../core/durable-file.ts';
import { exists } from '../core/exists.ts';
import type { Claim } from '../intake/claim.ts';
import { ARCHIVE_NOTE } from '../intake/transient-name.ts';

// A load that is made again from the archive is no load that was interrupted: its rejected rows were handed back and its sender was told
// when it was made first. After a crash only the claim can tell the two apart, so it holds a note for as long as it holds the source.

/** Durable before the source is moved into the claim's folder. */
export function noteFromArchive({ folder }: Pick<Claim, 'folder'>): Promise<void> {
  return writeFileDurably(join(folder, ARCHIVE_NOTE), '{}\n');
}

/** Whether the source of a claim that an earlier run left came from the archive. */
export function isFromArchive({ folder }: Pick<Claim, 'folder'>): Promise<boolean> {
  return exists(join(folder, ARCHIVE_NOTE));
}
