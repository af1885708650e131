import type { EventFields, LogEvent } from '../log/log-event.ts';
import { HopperError } from '../errors/hopper-error.ts';
import type { ActiveFile, FileList } from './page-data.ts';

/** More files than are under way at a time. */
const FILES_MAX = 20_000;

const ends: readonly LogEvent[] = ['finished', 'failed', 'skipped'];
const otherChanges: readonly LogEvent[] = ['undone', 'replaced', 'diverted', 'access'];
const steps: readonly LogEvent[] = [
  ...(['claimed', 'resumed', 'converted', 'published', 'loaded'] as const),
];

/** The files that are claimed and have not ended, with what was done last, made from the events of the log. */
export class ActiveFiles {
  /** By load id; before that is known, by name. */
  readonly #files = new Map<string, ActiveFile>();
  /** Goes up when a file has ended or a load was taken back: what is kept of loads is another then. Not the same after a restart. */
  changes = Date.now();

  /** For the conversion log. */
  hear(event: LogEvent, fields: EventFields): void {
    const { file, loadId, dataset } = fields;
    if (ends.includes(event) || otherChanges.includes(event)) this.changes++;
    if (file === undefined) return;
    // One that is left in the input folder has no size.
    if (event === 'found' && fields.bytes !== undefined) this.#begin(file, fields.bytes);
    else if (ends.includes(event)) this.#end(file, loadId);
    else if (dataset !== undefined && event === 'parked') this.#park(file, fields);
    else if (dataset !== undefined && steps.includes(event)) this.#step(event, file, fields);
  }

  /** The first of those that go on, or wait. */
  list(kind: 'running' | 'parked', max: number): FileList<ActiveFile> {
    const wanted = [...this.#files.values()].filter(
      ({ parked }) => (parked !== null) === (kind === 'parked'),
    );
    return { count: wanted.length, files: wanted.slice(0, max) };
  }

  find(loadId: string): ActiveFile | null {
    return this.#files.get(loadId) ?? null;
  }

  /** One that has this name, whichever load it is. */
  named(file: string): ActiveFile | null {
    for (const active of this.#files.values()) if (active.file === file) return active;
    return null;
  }

  #begin(file: string, bytes: number): void {
    if (this.#files.size >= FILES_MAX) return;
    this.#files.set(`/${file}`, {
      ...{ file, dataset: null, loadId: null, bytes, step: 'found' },
      ...{ since: new Date().toISOString(), parked: null },
    });
  }

  #step(event: LogEvent, file: string, fields: EventFields): void {
    const active = this.#activeOf(file, fields);
    if (active === null) return;
    active.step = event;
    active.bytes = fields.bytes ?? active.bytes;
    active.parked = null;
  }

  #park(file: string, fields: EventFields): void {
    const { err, reason, hint } = fields;
    // A warning on a file that goes on has the same event.
    if (!(err instanceof HopperError)) return;
    const active = this.#activeOf(file, fields);
    if (active === null) return;
    active.parked ??= {
      ...{ since: new Date().toISOString(), reason: reason ?? err.message },
      hint: hint ?? err.hint,
    };
  }

  #activeOf(file: string, { loadId, dataset }: EventFields): ActiveFile | null {
    const key = loadId ?? `/${file}`;
    const known = this.#files.get(key) ?? this.#files.get(`/${file}`);
    if (known === undefined && this.#files.size >= FILES_MAX) return null;
    const active = known ?? {
      ...{ file, dataset: null, loadId: null, bytes: null, step: 'found' },
      ...{ since: new Date().toISOString(), parked: null },
    };
    active.dataset = dataset ?? null;
    if (loadId !== undefined && active.loadId === null) {
      active.loadId = loadId;
      this.#files.delete(`/${file}`);
    }
    this.#files.set(key, active);
    return active;
  }

  #end(file: string, loadId: string | undefined): void {
    if (loadId === undefined || !this.#files.delete(loadId)) this.#files.delete(`/${file}`);
  }
}
