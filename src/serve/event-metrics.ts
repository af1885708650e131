// Counts what the conversion log tells, file by file, so that no step knows of metrics. A series is there from the start, with 0: one
// that begins with its first event would have no increase for whoever asks for that. Labels are datasets, verdicts and steps, never files.
import { Counter, Histogram, type Registry } from 'prom-client';
import { HopperError } from '../errors/hopper-error.ts';
import type { EventFields, LogEvent } from '../log/log-event.ts';

export const fileVerdicts = ['loaded', 'diverted', 'failed', 'set_aside', 'skipped'] as const;
type FileVerdict = (typeof fileVerdicts)[number];

/** Where the rows of files that have ended went; together they are all rows that were read. */
const rowVerdicts = [
  'loaded',
  'rejected',
  'dropped_null',
  'dropped_duplicate',
  'held_back',
] as const;

/** By the event that ends a step. */
const steps = {
  claimed: 'identify',
  converted: 'convert',
  published: 'publish',
  loaded: 'load',
  finished: 'finish',
  resumed: 'wait',
} as const satisfies Partial<Record<LogEvent, string>>;

const STEP_SECONDS = [0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60, 300, 1800, 7200];

/** More files than are under way at a time. */
const LOADS_MAX = 20_000;

type Observe = Pick<Histogram.Internal<string>, 'observe'>;
type Add = Pick<Counter.Internal, 'inc'>;

/** The series of a dataset, looked up once: a burst has six events a file. */
interface DatasetSeries {
  files: Record<FileVerdict, Add>;
  bytes: Record<FileVerdict, Add>;
  rows: Record<(typeof rowVerdicts)[number], Add>;
  steps: Map<LogEvent, Observe>;
  whole: Observe;
  expectations: Record<'unexpected' | 'alarm', Add>;
}

interface LoadState {
  /** When its last event was, by the monotonic clock. */
  lastMs: number;
  isDiverted: boolean;
}

export class EventMetrics {
  readonly #series = new Map<string, DatasetSeries>();
  readonly #loads = new Map<string, LoadState>();
  /** When files were found, by name, until their load is known. */
  readonly #found = new Map<string, number>();
  readonly #successes = new Map<string, number>();

  constructor(registry: Registry, datasets: readonly string[]) {
    const registers = [registry];
    const counter = (name: string, help: string, labelNames: string[]): Counter =>
      new Counter({ name, help, labelNames, registers });
    const files = counter('csv_hopper_files_total', 'Files that have ended, by how.', [
      ...['dataset', 'verdict'],
    ]);
    const bytes = counter('csv_hopper_bytes_total', 'Their size.', ['dataset', 'verdict']);
    const rows = counter('csv_hopper_rows_total', 'Their rows, by where each went.', [
      ...['dataset', 'verdict'],
    ]);
    const expectations = counter(
      'csv_hopper_expectations_total',
      'Files that were not as their dataset expects (unexpected), or did not come (alarm).',
      ['dataset', 'event'],
    );
    const stepSeconds = new Histogram({
      name: 'csv_hopper_step_duration_seconds',
      help: 'How long files took for each step, and waited for something that is not their fault.',
      labelNames: ['dataset', 'step'],
      buckets: STEP_SECONDS,
      registers,
    });
    const fileSeconds = new Histogram({
      name: 'csv_hopper_file_duration_seconds',
      help: 'How long files took from the claim to the end.',
      labelNames: ['dataset'],
      buckets: STEP_SECONDS,
      registers,
    });
    for (const dataset of datasets) {
      const of = <T extends string>(of: Counter, label: string, values: readonly T[]) =>
        Object.fromEntries(
          values.map((value) => [value, zero(of.labels({ dataset, [label]: value }))]),
        ) as Record<T, Add>;
      const stepOf = (step: string): Observe => {
        stepSeconds.zero({ dataset, step });
        return stepSeconds.labels({ dataset, step });
      };
      fileSeconds.zero({ dataset });
      this.#series.set(dataset, {
        files: of(files, 'verdict', fileVerdicts),
        bytes: of(bytes, 'verdict', fileVerdicts),
        rows: of(rows, 'verdict', rowVerdicts),
        steps: new Map(
          Object.entries(steps).map(([event, step]) => [event as LogEvent, stepOf(step)]),
        ),
        whole: fileSeconds.labels({ dataset }),
        expectations: of(expectations, 'event', ['unexpected', 'alarm']),
      });
    }
  }

  /** For the conversion log. */
  hear(event: LogEvent, fields: EventFields): void {
    const { dataset, file, loadId } = fields;
    // One that is left where it is has no size.
    if (event === 'found' && file !== undefined && fields.bytes !== undefined) {
      if (this.#found.size >= LOADS_MAX) this.#found.clear();
      this.#found.set(file, performance.now());
    }
    const series = dataset === undefined ? undefined : this.#series.get(dataset);
    if (series === undefined || dataset === undefined) return;
    if (event === 'unexpected' || event === 'alarm') series.expectations[event].inc();
    const load = this.#step(event, file, loadId, series);
    const verdict = verdictOf(event, fields, load?.isDiverted === true);
    if (verdict === null) return;
    this.#loads.delete(loadId ?? '');
    this.#end(verdict, fields, series);
    if (event === 'finished') this.#successes.set(dataset, Date.now());
  }

  /** When a file of the dataset was finished last in this run, in milliseconds since 1970. */
  lastSuccessMs(dataset: string): number | null {
    return this.#successes.get(dataset) ?? null;
  }

  /** Observes the step that the event ends. */
  #step(event: LogEvent, file = '', loadId = '', series: DatasetSeries): LoadState | undefined {
    if (loadId === '') return undefined;
    const nowMs = performance.now();
    let load = this.#loads.get(loadId);
    const isNew = load === undefined;
    if (load === undefined) {
      if (this.#loads.size >= LOADS_MAX) return undefined;
      load = { lastMs: this.#found.get(file) ?? nowMs, isDiverted: false };
      this.#found.delete(file);
      this.#loads.set(loadId, load);
      // What a former run had begun goes on, and has waited for the start alone.
      if (event === 'resumed') return load;
    }
    if (event === 'diverted') load.isDiverted = true;
    // A warning on a file that is claimed has the same event.
    if (event === 'claimed' && !isNew) return load;
    const step = series.steps.get(event);
    if (step === undefined && event !== 'parked') return load;
    step?.observe((nowMs - load.lastMs) / 1000);
    load.lastMs = nowMs;
    return load;
  }

  #end(verdict: FileVerdict, fields: EventFields, series: DatasetSeries): void {
    series.files[verdict].inc();
    add(series.bytes[verdict], fields.bytes);
    if (fields.durationMs !== undefined) series.whole.observe(count(fields.durationMs) / 1000);
    const isLoaded = verdict === 'loaded' || verdict === 'diverted';
    add(series.rows[isLoaded ? 'loaded' : 'held_back'], fields.rowsAccepted);
    add(series.rows.rejected, fields.rowsRejected);
    add(series.rows.dropped_null, fields.rowsDroppedNull);
    add(series.rows.dropped_duplicate, fields.rowsDroppedDuplicate);
  }
}

/** Null for an event that does not end a file. */
function verdictOf(event: LogEvent, { err }: EventFields, isDiverted: boolean): FileVerdict | null {
  if (event === 'finished') return isDiverted ? 'diverted' : 'loaded';
  if (event === 'skipped') return 'skipped';
  if (event !== 'failed') return null;
  return err instanceof HopperError && err.code === 'set_aside' ? 'set_aside' : 'failed';
}

/** Of a former run's failure the fields come from a file, and nothing that stands there must keep the log from its line. */
function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
}

function add(series: Add, value: number | undefined): void {
  const counted = count(value);
  if (counted > 0) series.inc(counted);
}

function zero(series: Add): Add {
  series.inc(0);
  return series;
}
