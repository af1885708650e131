import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { fitName } from '../../src/core/file-name.ts';
import { shortLoadId } from '../../src/core/load.ts';
import { receiptsPath } from '../../src/pipeline/receipt-book.ts';
import type { HopperProject } from '../support/hopper-project.ts';
import { DATASET, type Delivery } from './producer.ts';

/** Whether its rows, but for those that are diverted, end in the database. */
export function isLoaded({ end }: Delivery): boolean {
  return end === 'loaded' || end === 'diverted';
}

/** Where the source of a loaded file, or the file that failed, lies in the end. */
export function endOf(project: HopperProject, delivery: Delivery): string {
  if (!isLoaded(delivery)) return join(project.failed, delivery.name);
  const extension = extname(delivery.name);
  const suffix = `-${shortLoadId(delivery.loadId)}${extension}`;
  const name = fitName(basename(delivery.name, extension), suffix);
  return join(project.archive, DATASET, name);
}

/** Which files have come to their ends. Where sources are deleted, nothing but its receipt is left of a loaded one. */
export class Ends {
  readonly #project: HopperProject;
  readonly #deletesSources: boolean;
  /** The journal of receipts when it was read last, and the loads in it. */
  #version = '';
  #loadIds: ReadonlySet<string> = new Set();

  constructor(project: HopperProject, deletesSources = false) {
    this.#project = project;
    this.#deletesSources = deletesSources;
  }

  has(delivery: Delivery): boolean {
    if (!this.#deletesSources || !isLoaded(delivery))
      return existsSync(endOf(this.#project, delivery));
    return this.#receipts().has(delivery.loadId);
  }

  #receipts(): ReadonlySet<string> {
    const path = receiptsPath(this.#project.output, DATASET);
    const stats = statSync(path, { throwIfNoEntry: false, bigint: true });
    const version = stats === undefined ? '' : [stats.ino, stats.size, stats.mtimeNs].join(' ');
    if (version !== this.#version) {
      // The last line may be half written, so none is parsed.
      const found = readFileSync(path, 'utf8').matchAll(/"loadId":"([0-9a-f]{32})"/g);
      this.#loadIds = new Set(Array.from(found, ([, loadId = '']) => loadId));
      this.#version = version;
    }
    return this.#loadIds;
  }
}
