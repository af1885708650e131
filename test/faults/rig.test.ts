import {
  appendFileSync,
  copyFileSync,
  readdirSync,
  readFileSync,
  truncateSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeWithMariadb, type Mariadb, startMariadb } from '../support/mariadb.ts';
import { endOf } from './accounts.ts';
import { DATASET, type Delivery } from './producer.ts';
import { Trial } from './trial.ts';

describeWithMariadb('the fault rig notices', () => {
  let server: Mariadb;
  let trial: Trial;
  let delivery: Delivery;
  beforeAll(async () => {
    server = await startMariadb();
  });
  beforeEach(async () => {
    trial = await Trial.open({ seed: 1, server });
    delivery = trial.handOver(30);
    trial.handOver(3, 'failed');
    trial.handOver(5, 'diverted');
    await trial.recover();
  });
  afterEach(() => trial.close());
  afterAll(() => server.stop());

  function parquetFile(): string {
    const folder = join(trial.project.output, DATASET);
    const name = readdirSync(folder).find((entry) => entry.endsWith('.parquet'));
    return join(folder, name ?? '');
  }

  const damages: [string, () => unknown][] = [
    [
      'a row that is lost',
      () => trial.database?.query('DELETE FROM $deliveries WHERE row_place = 7'),
    ],
    [
      'a row in the place of another',
      () => trial.database?.query('UPDATE $deliveries SET row_place = 8 WHERE row_place = 7'),
    ],
    [
      'a value that is not what it was',
      () => trial.database?.query("UPDATE $deliveries SET payload = 'x' WHERE row_place = 7"),
    ],
    [
      'rows that are there twice',
      () => trial.database?.query('INSERT INTO $deliveries SELECT * FROM $deliveries'),
    ],
    ['a ledger row that is gone', () => trial.database?.query('DELETE FROM $csv_hopper_ledger')],
    [
      'a Parquet file that is cut short',
      () => {
        truncateSync(parquetFile(), 100);
      },
    ],
    [
      'a second Parquet file of a load',
      () => {
        copyFileSync(parquetFile(), parquetFile().replace('delivery', 'twice'));
      },
    ],
    [
      'a source that is gone',
      () => {
        unlinkSync(endOf(trial.project, delivery));
      },
    ],
    [
      'a failed file that is not what was handed over',
      () => {
        appendFileSync(join(trial.project.failed, 'delivery-2.csv'), 'more');
      },
    ],
    [
      'a row that is missing in a reject file',
      () => {
        const path = join(trial.project.failed, 'delivery-3.csv.rejects.csv');
        truncateSync(path, readFileSync(path, 'utf8').indexOf('\n') + 1);
      },
    ],
    [
      'a line of the log that is not JSON',
      () => {
        appendFileSync(join(trial.project.logs, 'conversion_log.jsonl'), '{"level":"in\n');
      },
    ],
  ];
  test.each(damages)('%s', async (_, damage) => {
    await damage();
    await expect(trial.account()).rejects.toThrow();
  });

  test('nothing where nothing is wrong', async () => {
    await trial.account();
  });
});
