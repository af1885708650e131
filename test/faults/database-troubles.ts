import { setTimeout as delay } from 'node:timers/promises';
import type mysql from 'mysql2/promise';
import { expect } from 'vitest';
import type { LogLine } from '../support/hopper-project.ts';
import { until } from '../support/until.ts';
import {
  connect,
  deadlocks,
  killPlainUser,
  lastFileWaits,
  loadUnderWay,
  plainUser,
  type Scene,
  withConnection,
  withGlobal,
} from './database-scene.ts';

const LARGE_FILE_ROWS = 60_000;
const TOO_MANY_CONNECTIONS = 1040;

export interface Trouble {
  name: string;
  /** Whether files are loaded before, so that their rows are there too. */
  startsEmpty?: true;
  inShortForm?: true;
  /** What it waits for is seen of a load whose rows are appended. */
  ofAppended?: true;
  /** Leaves the database as it was; the daemon is expected to go on by itself. */
  befall: (scene: Scene) => Promise<void>;
}

export const troubles: Trouble[] = [
  {
    name: 'stopped for a while',
    async befall({ trial, server, isLong }) {
      for (const seconds of isLong ? [5, 60] : [0]) {
        trial.handOver(500);
        await server.kill('SIGSTOP');
        try {
          trial.handOver(20);
          await lastFileWaits(trial);
          await delay(seconds * 1000);
        } finally {
          await server.kill('SIGCONT');
        }
      }
    },
  },
  {
    name: 'killed in the middle of a load, and started again',
    inShortForm: true,
    async befall({ trial, server }) {
      trial.handOver(LARGE_FILE_ROWS);
      await loadUnderWay(server);
      await server.kill('SIGKILL');
      await lastFileWaits(trial);
      await server.restart();
    },
  },
  {
    name: 'a connection killed by its id in the middle of a load',
    async befall({ trial, server, daemon, isLong }) {
      for (let n = 0; n < (isLong ? 10 : 1); n++) {
        trial.handOver(LARGE_FILE_ROWS);
        await server.query(`KILL ${await loadUnderWay(server)}`);
        await trial.idle(daemon);
      }
    },
  },
  {
    name: 'read only',
    async befall({ trial, server }) {
      await withGlobal(server, 'read_only', 1, async () => {
        trial.handOver(20);
        await lastFileWaits(trial);
      });
    },
  },
  {
    name: 'the table locked by somebody',
    async befall({ trial, database }) {
      await withConnection(database.config(), async (other) => {
        await other.query('LOCK TABLES deliveries WRITE');
        trial.handOver(20);
        await lastFileWaits(trial);
      });
    },
  },
  {
    name: 'lock waits that end in error 1205, in the middle of loads',
    inShortForm: true,
    async befall(scene) {
      const { trial, server, daemon, isLong } = scene;
      // That of InnoDB the daemon's sessions have from its own limit of a statement, which makes it a second here.
      await withGlobal(server, 'lock_wait_timeout', 1, async () => {
        await killPlainUser(server);
        for (let n = 0; n < (isLong ? 5 : 1); n++) {
          for (const lock of locks) {
            await haveLockWaits(scene, lock);
            await trial.idle(daemon);
          }
        }
      });
    },
  },
  {
    name: 'a deadlock',
    inShortForm: true,
    ofAppended: true,
    async befall({ trial, server, database }) {
      await database.query('CREATE TABLE $heavy (n INT)');
      await withConnection(database.config(), async (other) => {
        // Having changed more rows, the other transaction is the one that InnoDB keeps.
        await other.query('START TRANSACTION');
        await other.query('INSERT INTO heavy SELECT 1 FROM information_schema.COLUMNS');
        await other.query('SELECT COUNT(*) FROM deliveries FOR UPDATE');
        trial.handOver(20);
        await loadUnderWay(server);
        const before = await deadlocks(server);
        await other.query('SELECT COUNT(*) FROM csv_hopper_ledger FOR UPDATE');
        expect(await deadlocks(server)).toBe(before + 1);
        await other.query('ROLLBACK');
      });
    },
  },
  {
    name: 'too many connections',
    async befall({ trial, server, database }) {
      // The rig's own connection is there before, because none may be had later.
      await withConnection(database.config(), (own) =>
        withGlobal(
          server,
          'max_connections',
          10,
          async () => {
            await killPlainUser(server);
            const others: mysql.Connection[] = [];
            try {
              for (;;) others.push(await connect({ ...database.config(), ...plainUser }));
            } catch (error) {
              expect(error).toMatchObject({ errno: TOO_MANY_CONNECTIONS });
            }
            trial.handOver(20);
            await lastFileWaits(trial);
            for (const other of others) other.destroy();
          },
          own,
        ),
      );
    },
  },
  {
    name: 'the table dropped while a load waits for it',
    startsEmpty: true,
    ofAppended: true,
    async befall({ trial, database }) {
      await database.query(
        `CREATE TABLE $deliveries (file_number INT, row_place INT, payload VARCHAR(80), checksum CHAR(16),
           _load_id CHAR(32) CHARACTER SET ascii) CHARACTER SET utf8mb4`,
      );
      await withConnection(database.config(), async (other) => {
        await other.query('LOCK TABLES deliveries WRITE');
        trial.handOver(20);
        await lastFileWaits(trial);
        await other.query('DROP TABLE deliveries');
      });
    },
  },
  {
    name: 'the table altered, and altered back',
    async befall({ trial, database }) {
      await database.query('ALTER TABLE $deliveries RENAME COLUMN payload TO renamed');
      trial.handOver(20);
      expect(await lastFileWaits(trial)).toMatchObject({ err: { code: 'table_mismatch' } });
      await database.query('ALTER TABLE $deliveries RENAME COLUMN renamed TO payload');
    },
  },
  {
    name: 'a small max_allowed_packet',
    async befall({ trial, server, daemon }) {
      await withGlobal(server, 'max_allowed_packet', 1024, async () => {
        await killPlainUser(server);
        for (let n = 0; n < 30; n++) trial.handOver(20);
        await until(
          () => trial.isIdle() || trial.project.events().some(({ event }) => event === 'parked'),
          () => daemon.said,
        );
      });
    },
  },
  {
    name: 'LOCAL INFILE switched off while running',
    async befall({ trial, server, daemon }) {
      await withGlobal(server, 'local_infile', 0, async () => {
        for (let n = 0; n < 10; n++) trial.handOver(100);
        await trial.idle(daemon);
      });
    },
  },
];

/**
 * What another connection holds. The first two wait for nobody: all rows that nobody else has and all gaps, so that a load stops between two
 * of its own rows, or at its ledger row. The last waits for the load that is under way.
 */
const locks = [
  'SELECT COUNT(*) FROM deliveries FOR UPDATE SKIP LOCKED',
  'SELECT COUNT(*) FROM csv_hopper_ledger FOR UPDATE SKIP LOCKED',
  'LOCK TABLES deliveries WRITE',
];
const LOCK_HELD_MS = 4000;

/** Has a lock taken while rows are sent, and held until a load has met error 1205 and for some seconds more. */
async function haveLockWaits({ trial, server, database }: Scene, lock: string): Promise<void> {
  const isMet = (line: LogLine): boolean => line.reason?.includes('ER_LOCK_WAIT_TIMEOUT') === true;
  const met = (): number => trial.project.events().filter(isMet).length;
  await withConnection(database.config(), async (other) => {
    await other.query('SET SESSION lock_wait_timeout = 60');
    const before = met();
    trial.handOver(LARGE_FILE_ROWS);
    await loadUnderWay(server);
    await other.query('START TRANSACTION');
    await other.query(lock);
    for (let n = 0; n < 3; n++) trial.handOver(20);
    await until(
      () => met() > before,
      () => `Nothing waits: ${JSON.stringify(trial.project.events().slice(-15))}`,
    );
    await delay(LOCK_HELD_MS);
    await other.query('ROLLBACK');
  });
}
