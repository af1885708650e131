import type { Config } from '../config/config.ts';
import type { DaemonView } from '../daemon/run-daemon.ts';
import { catalogue } from '../errors/catalogue.ts';
import { describeTrouble, type ParkedFiles } from './parked-files.ts';
import type { Surroundings } from './surroundings.ts';

/** Sweeps come every `intake.sweep_ms`, and take long in a large folder. */
const LATE_SWEEPS = 3;
const LATE_MS = 60_000;

/** A probe does not wait for what hangs. */
const WAIT_MS = 500;

export interface Reason {
  /** Of ERRORS.md; or stopping, sweep_late or full. */
  code: string;
  message: string;
  hint: string;
  /** How many files wait for it, and since when; where that is known. */
  files?: number;
  since?: string;
}

export interface Readiness {
  /** degraded: files are taken, and some wait; nothing is lost. */
  status: 'ready' | 'degraded' | 'not_ready';
  reasons: Reason[];
}

export interface HealthOptions {
  config: Config;
  view: DaemonView;
  parked: ParkedFiles;
  surroundings: Surroundings;
  stopping: AbortSignal;
}

export class Health {
  readonly #options: HealthOptions;

  constructor(options: HealthOptions) {
    this.#options = options;
  }

  get sweepAgeSeconds(): number | null {
    const ageMs = this.#options.view.intake.sweepAgeMs;
    return ageMs === null ? null : ageMs / 1000;
  }

  /** Whether files are taken, and what others wait for. */
  async readiness(): Promise<Readiness> {
    const blocking = this.#blocking();
    const others = await this.#others();
    const reasons = [...blocking, ...others];
    const status = blocking.length > 0 ? 'not_ready' : others.length > 0 ? 'degraded' : 'ready';
    return { status, reasons };
  }

  /** What keeps files from being taken. */
  #blocking(): Reason[] {
    const { config, view, parked, stopping } = this.#options;
    const { trouble, sweepAgeMs } = view.intake;
    const lateMs = LATE_SWEEPS * config.intake.sweepMs + LATE_MS;
    const reasons: Reason[] = [];
    if (stopping.aborted) {
      reasons.push({
        code: 'stopping',
        message: 'csv-hopper is stopping.',
        hint: 'Files go on at the next start.',
      });
    }
    for (const error of [trouble, parked.claimTrouble]) {
      if (error !== null) {
        reasons.push({ code: error.code, message: error.message, hint: error.hint });
      }
    }
    if (trouble === null && (sweepAgeMs === null || sweepAgeMs > lateMs)) {
      reasons.push({
        code: 'sweep_late',
        message: `The input folder ${config.folders.input} was not listed for ${Math.round((sweepAgeMs ?? 0) / 1000)} s.`,
        hint: 'Look whether its disk or network mount hangs.',
      });
    }
    if (view.hopper.isFull) {
      reasons.push({
        code: 'full',
        message: 'So many files wait that no more are taken; they stay in the input folder.',
        hint: 'Look what they wait for.',
      });
    }
    return reasons;
  }

  /** What files wait for that were taken. */
  async #others(): Promise<Reason[]> {
    const { parked, surroundings } = this.#options;
    const reasons: Reason[] = parked.troubles.map(describeTrouble);
    const database = (await surroundings.database?.value(WAIT_MS)) ?? 'up';
    if (database !== 'up' && !reasons.some(({ code }) => code === database)) {
      const { summary: message, hint } = catalogue[database];
      reasons.push({ code: database, message, hint });
    }
    return reasons;
  }
}
