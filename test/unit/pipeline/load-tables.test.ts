import { expect, test } from 'vitest';
import type { DatabaseConfig } from '../../../src/config/config.ts';
import type { ConvertedLoad } from '../../../src/core/load.ts';
import type { ConversionLog } from '../../../src/log/conversion-log.ts';
import { LoadTables } from '../../../src/pipeline/load-tables.ts';
import type { WriteMode } from '../../../src/schema/dataset.ts';
import { column, datasetOf } from '../../support/loads.ts';

/** Large enough to be begun ahead. */
function load(n: number): ConvertedLoad {
  return {
    ...{ loadId: `load ${n}`, dataset: 'people', file: `${n}.csv`, sha256: '', bytes: 1 },
    ...{ rowsRead: 1, rowsAccepted: 1, rowsRejected: 0, rowsDroppedNull: 0 },
    ...{ rowsDroppedDuplicate: 0, parquet: '', loadFiles: [{ path: '', bytes: 2 << 20, rows: 1 }] },
  };
}

const modes: [WriteMode, string[]][] = [
  [{ mode: 'append' }, ['load 1', 'ahead 2,3,4', 'committed 1']],
  [{ mode: 'replace' }, ['load 1', 'committed 1', 'load 2', 'load 3', 'load 4']],
  [{ mode: 'upsert', key: ['id'] }, ['load 1', 'committed 1', 'load 2', 'load 3', 'load 4']],
];

test.each(modes)(
  'of a dataset that does $mode, groups are begun ahead only where rows are added',
  async (write, expected) => {
    const dataset = { ...datasetOf('people', [column('id', 'INTEGER')]), write };
    const tables = new LoadTables({} as DatabaseConfig, [dataset], {} as ConversionLog);
    const loader = tables.loaderOf(dataset);
    const done: string[] = [];
    let commit = (): void => undefined;
    const committed = new Promise<void>((resolve) => (commit = resolve));
    const numbers = (group: readonly ConvertedLoad[]): string =>
      group.map(({ loadId }) => loadId.slice(5)).join();
    loader.load = async (group, onRows) => {
      done.push(`load ${numbers(group)}`);
      if (group[0]?.loadId === 'load 1') {
        await Promise.resolve();
        onRows?.();
        await committed;
        done.push('committed 1');
      }
      return group.map(({ loadId }) => ({ loadId, status: 'loaded' }));
    };
    loader.loadAhead = async (group, earlier) => {
      done.push(`ahead ${numbers(group)}`);
      await earlier;
      return group.map(({ loadId }) => ({ loadId, status: 'loaded' }));
    };
    const queue = tables.queueOf(dataset);
    const turns = [1, 2, 3, 4].map((n) => ({ n, turn: queue.enter() }));
    const first = turns[0]!.turn.load(load(1));
    const rest = turns.slice(1).map(({ n, turn }) => turn.load(load(n)));
    await new Promise(setImmediate);
    commit();
    await Promise.all([first, ...rest]);
    expect(done).toEqual(expected);
  },
);
