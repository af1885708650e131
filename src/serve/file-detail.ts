import type { Config } from '../config/config.ts';
import { laterLoad } from '../daemon/later-load.ts';
import { findEvents } from '../log/find-events.ts';
import type { ActiveFiles } from './active-files.ts';
import { type FailedFolder, type FoundReport, noFailedFile } from './failed-list.ts';
import { HttpRefusal } from './http-refusal.ts';
import type { LoadHistory } from './load-history.ts';
import { logLine } from './log-line.ts';
import type { FailedFile, FileData } from './page-data.ts';

const EVENTS_MAX = 200;
/** So many of the failed folder are looked through for those of a load. */
const FAILED_MAX = 1000;

export interface FileDetailOptions {
  config: Config;
  history: LoadHistory;
  active: ActiveFiles;
  failed: FailedFolder;
}

/** Puts together all that is known of a file's passage: from the history, the failed folder, the log and what is under way. */
export class FileDetail {
  readonly #options: FileDetailOptions;

  constructor(options: FileDetailOptions) {
    this.#options = options;
  }

  /** By its name in the failed folder. Throws an HttpRefusal where it is not there. */
  async ofFailed(name: string): Promise<FileData> {
    const failed = await this.#options.failed.find(name);
    if (failed === null) throw noFailedFile(name);
    return this.#detail(failed.loadId, failed);
  }

  /** By its load id. Throws an HttpRefusal where nothing is known of it. */
  async ofLoad(loadId: string): Promise<FileData> {
    if (!/^[0-9a-f]{32}$/.test(loadId)) throw unknown(loadId);
    const failed = await this.#options.failed.ofLoad(loadId, FAILED_MAX);
    return this.#detail(loadId, failed);
  }

  async #detail(loadId: string | null, failed: FailedFile | null): Promise<FileData> {
    const { config, active, failed: folder } = this.#options;
    const underWay = loadId === null ? null : active.find(loadId);
    const load = loadId === null ? null : await this.#loadOf(loadId, underWay ?? failed);
    const report = failed === null ? null : await folder.report(failed.name);
    const name = load?.file ?? underWay?.file ?? report?.file ?? failed?.name;
    const logged = await findEvents({
      ...{ folder: config.folders.logs, file: name ?? '', loadId, max: EVENTS_MAX },
    });
    if (name === undefined) throw unknown(loadId ?? '');
    const parts = failed === null ? {} : await folder.parts(failed.name);
    return {
      ...{ file: name, loadId, load, active: underWay, failed, report },
      dataset: load?.dataset ?? underWay?.dataset ?? report?.dataset ?? null,
      state: stateOf(load, underWay, failed),
      downloads: Object.keys(parts) as FileData['downloads'],
      overtakes: await this.#overtakes(failed, report),
      timeline: logged.map(logLine),
    };
  }

  /** All journals are read only for a load of which nothing else is known. */
  async #loadOf(loadId: string, other: object | null): Promise<FileData['load']> {
    const { history } = this.#options;
    const listed = await history.find(loadId);
    return listed ?? (other === null ? history.findOlder(loadId) : null);
  }

  async #overtakes(
    failed: FailedFile | null,
    report: FoundReport | null,
  ): Promise<FileData['overtakes']> {
    if (failed === null || report === null) return null;
    const later = await laterLoad(this.#options.config, report.file, report);
    return later && { file: later.file, loadId: later.loadId, time: later.time };
  }
}

function stateOf(
  load: FileData['load'],
  active: FileData['active'],
  failed: FailedFile | null,
): FileData['state'] {
  if (active !== null) return active.parked === null ? 'running' : 'parked';
  if (load !== null) return load.state;
  return failed === null ? 'unknown' : 'failed';
}

function unknown(loadId: string): HttpRefusal {
  return new HttpRefusal(
    404,
    `Nothing is known of load ${loadId} here.`,
    'It may not have ended yet: the conversion log has the id of each load.',
  );
}
