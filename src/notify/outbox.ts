import { createHash } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { syncFolder, syncPath } from '../core/durable-file.ts';
import { systemCode } from '../core/environment-error.ts';
import { noticeKinds } from '../core/notice-kind.ts';
import type { NoticeGroup } from './notice-group.ts';
import type { OpenTrouble } from './open-troubles.ts';
import type { SealedNotice } from './sign-notice.ts';

/** Raised when what is kept changes, so that no version reads what another has written. */
const FORMAT = 2;

/** What outlives the process: some kilobytes, whatever has happened. */
export interface OutboxState {
  /** The notice that is on its way; null where none is. */
  sealed: SealedNotice | null;
  /** What the next one will say; null where nothing has happened. */
  group: NoticeGroup | null;
  /** Troubles that are not over. */
  open: OpenTrouble[];
}

/** So much of it as code relies on; the rest is only sent. */
const outboxState = z.object({
  format: z.literal(FORMAT),
  sealed: z.object({ id: z.string(), sealedAt: z.iso.datetime(), body: z.string() }).nullable(),
  group: z
    .looseObject({
      counts: z.record(z.enum(noticeKinds), z.int()),
      files: z.array(z.looseObject({})),
      filesOmitted: z.int(),
      troubles: z.array(z.looseObject({})),
      alerts: z.array(z.looseObject({})),
      alertsOmitted: z.int(),
    })
    .nullable(),
  open: z.array(
    z.object({
      code: z.string(),
      dataset: z.string().nullable(),
      since: z.iso.datetime(),
      toldAt: z.iso.datetime(),
    }),
  ),
});

/**
 * The file in the logs folder in which notices wait for their receiver. Written as the log is, in the calling thread and without
 * waiting for fsync: it outlives the process, killed or not, and costs tens of microseconds for a file that failed. One for each input
 * folder.
 */
export class Outbox {
  readonly #path: string;
  #isSyncing = false;
  #isSynced = true;

  constructor(logsFolder: string, inputFolder: string) {
    const mark = createHash('sha256').update(inputFolder).digest('hex').slice(0, 8);
    this.#path = join(logsFolder, `notices-${mark}.json`);
  }

  /** What the last run left; empty where that was nothing, and null where it cannot be made out. Throws the system's errors. */
  read(): OutboxState | null {
    try {
      const value: unknown = JSON.parse(readFileSync(this.#path, 'utf8'));
      if (!outboxState.safeParse(value).success) return null;
      const { sealed, group, open } = value as OutboxState;
      return { sealed, group, open };
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return { sealed: null, group: null, open: [] };
      if (error instanceof SyntaxError) return null;
      throw error;
    }
  }

  /** Throws the system's errors, with what was there before as it was. */
  write(state: OutboxState): void {
    if (state.sealed === null && state.group === null && state.open.length === 0) {
      rmSync(this.#path, { force: true });
      return;
    }
    const temporary = `${this.#path}.tmp`;
    try {
      writeFileSync(temporary, JSON.stringify({ format: FORMAT, ...state }), { mode: 0o600 });
      renameSync(temporary, this.#path);
    } catch (error) {
      // On a full disk others need the room.
      rmSync(temporary, { force: true });
      throw error;
    }
    this.#isSynced = false;
    if (!this.#isSyncing) void this.#sync();
  }

  /** Behind the writer's back, because some file systems leave an empty file after a power cut if nobody asks for more. */
  async #sync(): Promise<void> {
    this.#isSyncing = true;
    while (!this.#isSynced) {
      this.#isSynced = true;
      try {
        await syncPath(this.#path);
        await syncFolder(dirname(this.#path));
      } catch {
        // Delivered and gone meanwhile; or the disk is in trouble, of which the next write tells.
      }
    }
    this.#isSyncing = false;
  }
}
