import type { EventFields, LogEvent } from '../log/log-event.ts';

/** How the daemon's work stands now. */
export interface WorkCounts {
  /** Files in the input folder that are not taken yet. */
  waiting: number;
  /** Files that are taken and not done, those that are parked among them. */
  underWay: number;
}

/** What has become of files since the start, told from the events of the log. */
export class WorkTally {
  readonly #parked = new Set<string>();
  #finished = 0;
  #skipped = 0;
  #failed = 0;
  #last = '';

  readonly hear = (event: LogEvent, { file, loadId, dataset }: EventFields): void => {
    // One that could not be claimed still waits in the folder.
    if (file === undefined || (event === 'parked' && dataset === undefined)) return;
    const passage = loadId ?? file;
    if (event === 'parked') this.#parked.add(passage);
    else {
      // Whatever happens next, it goes on; it may have been parked before its load id was known.
      this.#parked.delete(passage);
      this.#parked.delete(file);
    }
    if (event === 'finished') this.#finished++;
    else if (event === 'failed') this.#failed++;
    else if (event === 'skipped') this.#skipped++;
    this.#last = `${file} ${event}`;
  };

  /** All of it in one line for people. */
  line({ waiting, underWay }: WorkCounts): string {
    const parked = Math.min(this.#parked.size, underWay);
    return [
      `${waiting} waiting`,
      `${underWay - parked} at work`,
      `${parked} parked`,
      `${this.#finished} finished`,
      ...(this.#skipped > 0 ? [`${this.#skipped} skipped`] : []),
      `${this.#failed} failed`,
      ...(this.#last === '' ? [] : [`last: ${this.#last}`]),
    ].join(', ');
  }
}
