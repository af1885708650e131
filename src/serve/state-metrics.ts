import { readdir, readFile } from 'node:fs/promises';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Config } from '../config/config.ts';
import { version } from '../core/version.ts';
import type { DaemonView } from '../daemon/run-daemon.ts';
import type { EventMetrics } from './event-metrics.ts';
import type { Health } from './health.ts';
import type { ParkedFiles } from './parked-files.ts';
import type { Surroundings } from './surroundings.ts';

/** Well below the 10 s after which Prometheus gives up. */
const WAIT_MS = 2000;

export interface StateMetricsOptions {
  registry: Registry;
  config: Config;
  view: DaemonView;
  parked: ParkedFiles;
  events: EventMetrics;
  health: Health;
  surroundings: Surroundings;
}

/** How things stand at the moment in which somebody asks. */
export class StateMetrics {
  readonly #options: StateMetricsOptions;
  readonly #gauges: ReturnType<typeof makeGauges>;

  constructor(options: StateMetricsOptions) {
    this.#options = options;
    this.#gauges = makeGauges(options.registry);
    this.#gauges.info.set({ version, node: process.version }, 1);
    if (options.config.database === null) {
      options.registry.removeSingleMetric('csv_hopper_database_up');
    }
    this.#gauges.started.set(Math.round(Date.now() / 1000 - process.uptime()));
  }

  /** Brings the gauges up to date. */
  async update(): Promise<void> {
    const { health } = this.#options;
    this.#updateFiles();
    const { ready, sweepAge } = this.#gauges;
    await Promise.all([this.#updateSurroundings(), this.#updateProcess()]);
    ready.set((await health.readiness()).status === 'not_ready' ? 0 : 1);
    sweepAge.set(health.sweepAgeSeconds ?? Infinity);
  }

  #updateFiles(): void {
    const { config, view, parked, events } = this.#options;
    const { waiting, refused, underWay, oldest, parkedFiles, troubles, success } = this.#gauges;
    const { backlog } = view.intake;
    const under = view.hopper.underWay;
    waiting.set(backlog.files);
    refused.set(backlog.refused);
    underWay.set(under.files);
    const sinceMs = Math.min(backlog.oldestMs ?? Infinity, under.oldestMs ?? Infinity);
    // The clock of a file server may be ahead of ours.
    oldest.set(Number.isFinite(sinceMs) ? Math.max(0, (Date.now() - sinceMs) / 1000) : 0);
    troubles.reset();
    for (const { code, files } of parked.troubles) troubles.set({ code }, files);
    for (const { name: dataset } of config.datasets) {
      parkedFiles.set({ dataset }, parked.countOf(dataset));
      const lastMs = events.lastSuccessMs(dataset) ?? view.hopper.lastFinishedMs(dataset);
      if (lastMs !== null) success.set({ dataset }, lastMs / 1000);
    }
  }

  async #updateSurroundings(): Promise<void> {
    const { database, disks, failedFiles } = this.#options.surroundings;
    const gauges = this.#gauges;
    const [state, spaces, failed] = await Promise.all([
      database?.value(WAIT_MS),
      disks.value(WAIT_MS),
      failedFiles.value(WAIT_MS),
    ]);
    // Nothing is known of one that does not answer in time, but that it does not.
    gauges.database.set(state === 'up' ? 1 : 0);
    gauges.diskFree.reset();
    gauges.diskSize.reset();
    for (const { folder, freeBytes, sizeBytes } of spaces ?? []) {
      gauges.diskFree.set({ folder }, freeBytes);
      gauges.diskSize.set({ folder }, sizeBytes);
    }
    gauges.failed.set(failed ?? NaN);
  }

  async #updateProcess(): Promise<void> {
    const { memory, heap, cpu, openFiles, openFilesMax } = this.#gauges;
    const { rss, heapUsed } = process.memoryUsage();
    memory.set(rss);
    heap.set(heapUsed);
    const { user, system } = process.cpuUsage();
    cpu.reset();
    cpu.inc((user + system) / 1e6);
    const open = await openFileCount();
    if (open === null) return;
    openFiles.set(open.count);
    openFilesMax.set(open.max);
  }
}

/** Null where the system does not tell, as on macOS. */
async function openFileCount(): Promise<{ count: number; max: number } | null> {
  try {
    const [names, limits] = await Promise.all([
      readdir('/proc/self/fd'),
      readFile('/proc/self/limits', 'utf8'),
    ]);
    const [, max = 'unlimited'] = /^Max open files +(\S+)/m.exec(limits) ?? [];
    return { count: names.length, max: max === 'unlimited' ? Infinity : Number(max) };
  } catch {
    return null;
  }
}

function makeGauges(registry: Registry) {
  const gauge = (name: string, help: string, labelNames: string[] = []): Gauge =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  return {
    info: gauge('csv_hopper_build_info', 'Which version runs; always 1.', ['version', 'node']),
    ready: gauge('csv_hopper_ready', 'Whether files are taken, as /readyz has it: 1 or 0.'),
    sweepAge: gauge(
      'csv_hopper_last_sweep_age_seconds',
      'How long ago the input folder was listed last.',
    ),
    waiting: gauge('csv_hopper_files_waiting', 'Files in the input folder that are not taken yet.'),
    refused: gauge(
      'csv_hopper_files_refused',
      'Files in the input folder that are left there, such as unreadable ones.',
    ),
    underWay: gauge('csv_hopper_files_under_way', 'Files that are claimed and have not ended.'),
    oldest: gauge(
      'csv_hopper_oldest_waiting_file_seconds',
      'For how long the first of the files waiting or under way has been there; 0 where there is none.',
    ),
    parkedFiles: gauge(
      'csv_hopper_files_parked',
      'Files that wait for something that is not their fault.',
      ['dataset'],
    ),
    troubles: gauge('csv_hopper_trouble_files', 'The same by what they wait for; see ERRORS.md.', [
      'code',
    ]),
    failed: gauge('csv_hopper_failed_folder_files', 'Files in the failed folder, to be repaired.'),
    success: gauge(
      'csv_hopper_last_success_timestamp_seconds',
      'When a file of the dataset was finished last, in seconds since 1970.',
      ['dataset'],
    ),
    database: gauge('csv_hopper_database_up', 'Whether the database can be used: 1 or 0.'),
    diskFree: gauge('csv_hopper_disk_free_bytes', 'Space left on the disk of a folder.', [
      'folder',
    ]),
    diskSize: gauge('csv_hopper_disk_size_bytes', 'Size of that disk.', ['folder']),
    memory: gauge('process_resident_memory_bytes', 'Memory in use, of all threads.'),
    heap: gauge('nodejs_heap_size_used_bytes', 'JavaScript objects of the main thread.'),
    cpu: new Counter({
      ...{ name: 'process_cpu_seconds_total', help: 'Processor time used, by all threads.' },
      registers: [registry],
    }),
    started: gauge('process_start_time_seconds', 'When it was started, in seconds since 1970.'),
    openFiles: gauge('process_open_fds', 'Open files and connections.'),
    openFilesMax: gauge('process_max_fds', 'How many there may be.'),
  };
}
