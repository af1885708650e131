import type { DatabaseConfig } from '../config/config.ts';
import { Ledger } from '../load/ledger.ts';
import { TableLoader } from '../load/table-loader.ts';
import type { ConversionLog } from '../log/conversion-log.ts';
import type { Dataset } from '../schema/dataset.ts';
import { LoadQueue } from './load-queue.ts';

/** The database side of the pipeline: the ledger, and for each dataset a table with its queue. */
export class LoadTables {
  readonly ledger: Ledger;
  readonly #loaders = new Map<string, TableLoader>();
  readonly #queues = new Map<string, LoadQueue>();

  constructor(database: DatabaseConfig, datasets: readonly Dataset[], log: ConversionLog) {
    this.ledger = new Ledger(database);
    for (const dataset of datasets) {
      const onNotice = (reason: string, hint: string): void => {
        log.warn('watching', 'the database works, but should be changed', {
          dataset: dataset.name,
          reason,
          hint,
        });
      };
      const loader = new TableLoader({ database, dataset, onNotice });
      this.#loaders.set(dataset.name, loader);
      this.#queues.set(dataset.name, queueFor(loader, dataset));
    }
  }

  queueOf(dataset: Dataset): LoadQueue {
    const queue = this.#queues.get(dataset.name);
    if (queue === undefined) throw new Error(`No queue for dataset ${dataset.name}`);
    return queue;
  }

  loaderOf(dataset: Dataset): TableLoader {
    const loader = this.#loaders.get(dataset.name);
    if (loader === undefined) throw new Error(`No loader for dataset ${dataset.name}`);
    return loader;
  }

  async close(): Promise<void> {
    const loaders = [...this.#loaders.values()];
    await Promise.all([this.ledger.close(), ...loaders.map((loader) => loader.close())]);
  }

  /** Drops the connections at once: what was under way is decided by the server and found out at the next start. */
  abort(): void {
    this.ledger.abort();
    for (const loader of this.#loaders.values()) loader.abort();
  }
}

/**
 * A load that changes rows of others goes alone, and only when the one before it is committed: begun earlier, it would look for the
 * rows that it changes in a table that lacks those of the one before, or wait for its locks.
 */
function queueFor(loader: TableLoader, { write }: Dataset): LoadQueue {
  if (write.mode !== 'append') return new LoadQueue((group) => loader.load(group), null, 1);
  return new LoadQueue(
    (group, onRows) => loader.load(group, onRows),
    (group, earlier, onRows) => loader.loadAhead(group, earlier, onRows),
  );
}
