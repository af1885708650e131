import type { DaemonView } from '../daemon/run-daemon.ts';
import type { ActiveFiles } from './active-files.ts';
import type { FailedFolder } from './failed-list.ts';
import type { Health } from './health.ts';
import type { StateData } from './page-data.ts';
import { Sampled } from './sampled.ts';
import type { Surroundings } from './surroundings.ts';

/** How many files of a kind are named; the rest is counted. */
const FILES_SHOWN = 50;
const WAIT_MS = 500;
const FRESH_MS = 1000;

export interface PageStateOptions {
  view: DaemonView;
  health: Health;
  active: ActiveFiles;
  failed: FailedFolder;
  surroundings: Surroundings;
}

/** How things stand, for the page: from what the daemon knows of itself, so that to look costs the same with ten files or ten thousand. */
export class PageState {
  readonly #options: PageStateOptions;
  readonly #failedCount: Sampled<number>;

  constructor(options: PageStateOptions) {
    this.#options = options;
    this.#failedCount = new Sampled(() => options.failed.count(), FRESH_MS);
  }

  async now(): Promise<StateData> {
    const { view, health, active, surroundings } = this.#options;
    const [readiness, failed, database] = await Promise.all([
      health.readiness(),
      this.#failedCount.value(WAIT_MS),
      surroundings.database?.value(WAIT_MS),
    ]);
    const { intake } = view;
    const left = intake.leftAlone.map(({ name: file, reason }) => ({ file, reason }));
    const waiting = intake.firstWaiting(FILES_SHOWN).map(({ name: file, bytes, sinceMs }) => ({
      ...{ file, bytes, since: new Date(sinceMs).toISOString() },
    }));
    return {
      ...readiness,
      waiting: { count: intake.backlog.files, files: waiting },
      left: { count: left.length, files: left.slice(0, FILES_SHOWN) },
      running: active.list('running', FILES_SHOWN),
      parked: active.list('parked', FILES_SHOWN),
      ...{ failed: failed ?? 0, database: database ?? null, changes: active.changes },
    };
  }
}
