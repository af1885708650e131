import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeWithMariadb, type Mariadb, startMariadb } from '../support/mariadb.ts';
import { endOf } from './ends.ts';
import { DATASET, type Delivery, type Mode } from './producer.ts';
import { senderReceipts } from './sender-accounts.ts';
import { Trial, type TrialSettings } from './trial.ts';

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
      'an end that the log does not tell',
      () => {
        const path = join(trial.project.logs, 'conversion_log.jsonl');
        const lines = readFileSync(path, 'utf8').split('\n');
        const isEnd = (line: string): boolean =>
          line.includes('"finished"') && line.includes(delivery.loadId);
        writeFileSync(path, lines.filter((line) => !isEnd(line)).join('\n'));
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

describeWithMariadb('where files change rows of others, the fault rig notices', () => {
  let server: Mariadb;
  let trial: Trial;
  beforeAll(async () => {
    server = await startMariadb();
  });
  afterEach(() => trial.close());
  afterAll(() => server.stop());

  async function loadEach(mode: Mode, files: number): Promise<void> {
    trial = await Trial.open({ seed: 1, server, mode });
    const daemon = trial.start();
    for (let n = 0; n < files; n++) {
      trial.handOver(150);
      await trial.idle(daemon);
    }
    expect(await daemon.stop()).toBe(0);
  }

  test('a row by key that is that of an earlier file', async () => {
    await loadEach('upsert', 2);
    const { loadId, number } = trial.journal[0]!;
    await trial.database?.query(
      `UPDATE $deliveries SET _load_id = '${loadId}', file_number = ${number} WHERE file_number <> ${number} LIMIT 1`,
    );
    await expect(trial.account()).rejects.toThrow();
  });

  test('a version that stands beside the one that took its place', async () => {
    // More than there are names.
    await loadEach('replace', 6);
    const { journal } = trial;
    const former = journal.find(({ name, number }) =>
      journal.some((later) => later.name === name && later.number > number),
    );
    await trial.database?.query(
      `INSERT INTO $deliveries SELECT file_number, row_place, payload, checksum, '${former?.loadId ?? ''}' FROM $deliveries LIMIT 1`,
    );
    await expect(trial.account()).rejects.toThrow();
  });
});

describeWithMariadb('where it is not run as it comes, the fault rig notices', () => {
  let server: Mariadb;
  let trial: Trial;
  beforeAll(async () => {
    server = await startMariadb();
  });
  afterEach(() => trial.close());
  afterAll(() => server.stop());

  /** Has a sound file, a bad one and a diverted one come to their ends, which is well. */
  async function recoverWith(settings: Partial<TrialSettings>): Promise<Delivery> {
    trial = await Trial.open({ seed: 1, server, ...settings });
    const delivery = trial.handOver(30);
    trial.handOver(3, 'failed');
    trial.handOver(5, 'diverted');
    await trial.recover();
    await trial.account();
    return delivery;
  }

  test('a source that is there where sources are deleted', async () => {
    const delivery = await recoverWith({ deletesSources: true });
    const path = endOf(trial.project, delivery);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, delivery.content);
    await expect(trial.account()).rejects.toThrow('delivery-1');
  });

  const damages: [string, (receipt: string) => void][] = [
    ['is gone', unlinkSync],
    [
      'says that the file has failed',
      (receipt) => {
        const text = readFileSync(receipt, 'utf8');
        writeFileSync(receipt, text.replace('"loaded"', '"failed"'));
      },
    ],
    [
      'is there twice',
      (receipt) => {
        copyFileSync(receipt, receipt.replace('delivery-1', 'delivery-9'));
      },
    ],
  ];
  test.each(damages)("a sender's receipt that %s", async (_, damage) => {
    const { name } = await recoverWith({ tellsSenders: true });
    damage(join(senderReceipts(trial.project), `${name}.json`));
    await expect(trial.account()).rejects.toThrow('delivery-');
  });
});
