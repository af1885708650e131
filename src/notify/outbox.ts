import { createHash } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '../core/environment-error.ts';
import type { NoticeGroup } from './notice-group.ts';
import type { OpenTrouble } from './open-troubles.ts';
import type { SealedNotice } from './sign-notice.ts';

/** Raised when what is kept changes, so that no version reads what another has written. */
const FORMAT = 1;

/** What outlives the process: some kilobytes, whatever has happened. */
export interface OutboxState {
  /** The notice that is on its way; null where none is. */
  sealed: SealedNotice | null;
  /** What the next one will say; null where nothing has happened. */
  group: NoticeGroup | null;
  /** Troubles that are not over. */
  open: OpenTrouble[];
}

/**
 * The file in the logs folder in which notices wait for their receiver. Written as the log is, in the calling thread and without
 * fsync: it outlives the process, killed or not, and costs tens of microseconds for a file that failed. One for each input folder.
 */
export class Outbox {
  readonly #path: string;

  constructor(logsFolder: string, inputFolder: string) {
    const mark = createHash('sha256').update(inputFolder).digest('hex').slice(0, 8);
    this.#path = join(logsFolder, `notices-${mark}.json`);
  }

  /** What the last run left; empty where that was nothing, or cannot be made out. */
  read(): OutboxState {
    const empty = { sealed: null, group: null, open: [] };
    try {
      const value: unknown = JSON.parse(readFileSync(this.#path, 'utf8'));
      const isState =
        typeof value === 'object' && value !== null && 'format' in value && value.format === FORMAT;
      return isState ? (value as unknown as OutboxState) : empty;
    } catch (error) {
      if (error instanceof SyntaxError || systemCode(error) === 'ENOENT') return empty;
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
    writeFileSync(temporary, JSON.stringify({ format: FORMAT, ...state }), { mode: 0o600 });
    renameSync(temporary, this.#path);
  }
}
