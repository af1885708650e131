// What lies in the failed folder, as its reports tell. Reports are read when somebody asks, of the newest files alone, and again only
// when they have changed.
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { lstatIfThere } from '../core/brief-calls.ts';
import { sourceOfRejects } from '../core/reject-name.ts';
import { listFailed } from '../daemon/failed-files.ts';
import { pageAt, pagePath, reportPath } from '../pipeline/report-files.ts';
import { HttpRefusal } from './http-refusal.ts';
import type { FailedFile, FailedList, ReportData } from './page-data.ts';

/** What is larger was not written here. */
const REPORT_BYTES_MAX = 64 * 1024 * 1024;
const SUMMARIES_MAX = 1000;

/** A report, and what of it tells whose it is. */
export type FoundReport = ReportData & {
  file: string;
  dataset: string;
  loadId: string | null;
  rejects: string | null;
};

export class FailedFolder {
  readonly #folder: string;
  readonly #summaries = new Map<string, { changedNs: bigint; summary: Partial<FailedFile> }>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async count(): Promise<number> {
    return (await listFailed(this.#folder)).length;
  }

  async list(max: number): Promise<FailedList> {
    const found: { name: string; bytes: number; changedNs: bigint }[] = [];
    for (const name of await listFailed(this.#folder)) {
      const stats = await lstatIfThere(join(this.#folder, name));
      if (stats === null) continue;
      found.push({ name, bytes: Number(stats.size), changedNs: stats.ctimeNs });
    }
    found.sort((a, b) => (a.changedNs > b.changedNs ? -1 : 1));
    const files: FailedFile[] = [];
    for (const { name, bytes } of found.slice(0, max))
      files.push(await this.#describe(name, bytes));
    return { count: found.length, files };
  }

  /** One by its name; null where there is none. */
  async find(name: string): Promise<FailedFile | null> {
    if (name !== basename(name) || !(await listFailed(this.#folder)).includes(name)) return null;
    const stats = await lstatIfThere(join(this.#folder, name));
    return stats === null ? null : this.#describe(name, Number(stats.size));
  }

  /** One by its load, of the newest. */
  async ofLoad(loadId: string, max: number): Promise<FailedFile | null> {
    const { files } = await this.list(max);
    return files.find((file) => file.loadId === loadId) ?? null;
  }

  /** The report on a file, which for rejected rows lies beside the place of their source. */
  async report(name: string): Promise<FoundReport | null> {
    const path = await this.#reportedPath(name);
    return path === null ? null : readReport(reportPath(path));
  }

  /** Paths of what can be downloaded. */
  async parts(name: string): Promise<Partial<Record<'file' | 'report' | 'page', string>>> {
    const path = join(this.#folder, name);
    const reported = await this.#reportedPath(name);
    if (reported === null) return { file: path };
    const hasPage = (await pageAt(pagePath(reported))) === 'page';
    return {
      ...{ file: path, report: reportPath(reported) },
      ...(hasPage && { page: pagePath(reported) }),
    };
  }

  async #reportedPath(name: string): Promise<string | null> {
    const path = join(this.#folder, name);
    if ((await readReport(reportPath(path))) !== null) return path;
    const source = sourceOfRejects(name);
    if (source === null) return null;
    const sourcePath = join(this.#folder, source);
    const report = await readReport(reportPath(sourcePath));
    return report?.rejects === name ? sourcePath : null;
  }

  async #describe(name: string, bytes: number): Promise<FailedFile> {
    const stats = await this.#statReport(name);
    const changedNs = stats?.ctimeNs ?? 0n;
    let known = this.#summaries.get(name);
    if (known?.changedNs !== changedNs) {
      known = { changedNs, summary: summaryOf(await this.report(name)) };
      if (this.#summaries.size >= SUMMARIES_MAX) this.#summaries.clear();
      this.#summaries.set(name, known);
    }
    return {
      ...{ name, file: name, dataset: null, loadId: null, time: null, reason: null },
      ...{ kind: 'file', problemsTotal: 0, bytes },
      ...known.summary,
    };
  }

  async #statReport(name: string): ReturnType<typeof lstatIfThere> {
    const path = join(this.#folder, name);
    const source = sourceOfRejects(name);
    const own = await lstatIfThere(reportPath(path));
    if (own !== null || source === null) return own;
    return lstatIfThere(reportPath(join(this.#folder, source)));
  }
}

function summaryOf(report: FoundReport | null): Partial<FailedFile> {
  if (report === null) return {};
  const { file, dataset, loadId, time, reason, problemsTotal, rejects } = report;
  const kind = rejects === null ? 'file' : 'rejects';
  return { file, dataset, loadId, time, reason, problemsTotal, kind };
}

/** Null where there is none, or what is there is no report. */
async function readReport(path: string): Promise<FoundReport | null> {
  const stats = await lstatIfThere(path);
  // A FIFO would be read for ever.
  if (stats?.isFile() !== true || stats.size > REPORT_BYTES_MAX) return null;
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isReport(value) ? value : null;
  } catch {
    // It is just being written, or taken away.
    return null;
  }
}

/** Whoever may write to the folder may write anything. */
function isReport(value: unknown): value is FoundReport {
  if (typeof value !== 'object' || value === null) return false;
  const { file, dataset, time, reason, problems, groups } = value as Record<string, unknown>;
  const isText = [file, dataset, time, reason].every((text) => typeof text === 'string');
  return isText && Array.isArray(problems) && Array.isArray(groups);
}

export function noFailedFile(name: string): HttpRefusal {
  return new HttpRefusal(
    404,
    `There is no file ${name} in the failed folder.`,
    'It may have been repaired and dropped again since: look at the history.',
  );
}
