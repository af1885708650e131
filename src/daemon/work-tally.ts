import type { EventFields, LogEvent } from '../log/log-event.ts';
import { ParkedPassages } from '../log/parked-passages.ts';

/** How the daemon's work stands now. */
export interface WorkCounts {
  /** Files in the input folder that are not taken yet. */
  waiting: number;
  /** Files that are taken and not done, those that are parked among them. */
  underWay: number;
}

/** What has become of files since the start, told from the events of the log. */
export class WorkTally {
  readonly #parked = new ParkedPassages();
  #finished = 0;
  #skipped = 0;
  #failed = 0;
  #last = '';

  readonly hear = (event: LogEvent, fields: EventFields): void => {
    this.#parked.hear(event, fields);
    const { file, dataset } = fields;
    // One that could not be claimed still waits in the folder.
    if (file === undefined || (event === 'parked' && dataset === undefined)) return;
    if (event === 'finished') this.#finished++;
    else if (event === 'failed') this.#failed++;
    else if (event === 'skipped') this.#skipped++;
    this.#last = `${file} ${event}`;
  };

  /** All of it in one line for people. */
  line({ waiting, underWay }: WorkCounts): string {
    const claimed = [...this.#parked.all].filter(({ dataset }) => dataset !== null);
    const parked = Math.min(claimed.length, underWay);
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
