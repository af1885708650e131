import { closeSync, existsSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { DatabaseConfig } from '../../src/config/config.ts';
import { runCommand } from '../support/command-run.ts';
import { claimsIn } from '../support/exactly-once.ts';
import type { HopperProcess, HopperProcessOptions } from '../support/hopper-process.ts';
import { filesIn, HopperProject, type ProjectSettings } from '../support/hopper-project.ts';
import type { Mariadb } from '../support/mariadb.ts';
import { TestDatabase } from '../support/test-database.ts';
import { until } from '../support/until.ts';
import { type AccountSettings, expectAccountsToBalance, stateOf } from './accounts.ts';
import { Ends } from './ends.ts';
import { Observer } from './observer.ts';
import {
  DATASET,
  deliveriesSchema,
  type Delivery,
  type Mode,
  modeSettings,
  Producer,
} from './producer.ts';

/**
 * The longest in which no file may come to its end while some are not there. What is held to a time in all, is held to it by the faults
 * that measure: seventy files that are tried alone after a kill took a minute on two cores with a load of 15, one after the other.
 */
const STANDSTILL_MS_MAX = 60_000;

export interface TrialSettings extends Omit<ProjectSettings, 'database' | 'datasets'> {
  seed: number;
  /** Null for a trial without a database. */
  server: Mariadb | null;
  /** What differs in the daemon's way to the database, such as the port of a proxy. */
  database?: Partial<DatabaseConfig>;
  /** Where nobody can look on, because the folders or the server go away. */
  isUnobserved?: true;
  /** Where the log cannot be written for a while, or may lose its end with the power. */
  mayLackLines?: true;
  /** What the dataset does with rows that are there; left out: it adds to them. */
  mode?: Mode;
  /** Further datasets, each with its schema; files whose names begin with a dataset's name are its. They are in no journal. */
  others?: Readonly<Record<string, string>>;
  /** Where `archive: null` deletes the source of a loaded file. */
  deletesSources?: true;
  /** Where senders find receipts. */
  tellsSenders?: true;
}

/**
 * One run of one fault: a project with an empty database, the files handed over to it, and somebody who looks on. What
 * became of them is held against the journal by `account`.
 */
export class Trial {
  readonly project: HopperProject;
  readonly database: TestDatabase | null;
  readonly mode: Mode;
  readonly #producer: Producer;
  readonly #observer: Observer | null;
  readonly #ends: Ends;
  readonly #accountSettings: AccountSettings;

  private constructor(settings: TrialSettings, database: TestDatabase | null) {
    const { seed, database: way, more, parent, others = {}, mode = 'append' } = settings;
    const { deletesSources = false, tellsSenders = false, mayLackLines = false } = settings;
    const folders = settings.folders ?? foldersKey(deletesSources, tellsSenders);
    const datasets = Object.keys(others).map((name) => datasetKey(name, `${name}*`));
    this.database = database;
    this.mode = mode;
    this.#producer = new Producer(seed, mode);
    this.project = new HopperProject({
      ...(folders === undefined ? {} : { folders }),
      ...(more === undefined ? {} : { more }),
      ...(parent === undefined ? {} : { parent }),
      datasets: `datasets:\n${datasets.join('')}${datasetKey(DATASET, '*.csv', `, ${modeSettings[mode]}`)}`,
      database: database?.config(way) ?? null,
    });
    const { project } = this;
    for (const [name, schema] of Object.entries({ ...others, [DATASET]: deliveriesSchema })) {
      writeFileSync(join(project.root, `schema/${name}.yaml`), schema);
    }
    const otherNames = Object.keys(others);
    const isOther = (file: string): boolean => otherNames.some((name) => file.startsWith(name));
    this.#accountSettings = { mode, isOther, mayLackLines, deletesSources, tellsSenders };
    this.#ends = new Ends(project, deletesSources);
    this.#observer =
      settings.isUnobserved === true
        ? null
        : new Observer(project, this.journal, database?.config() ?? null, mode, this.#ends);
  }

  static async open(settings: TrialSettings): Promise<Trial> {
    const { server } = settings;
    return new Trial(settings, server === null ? null : await TestDatabase.create(server));
  }

  get journal(): readonly Delivery[] {
    return this.#producer.journal;
  }

  /** Puts a new file into the input folder; in one go with its entry in the journal, so that the observer finds it. */
  handOver(rows: number, end: Delivery['end'] = 'loaded'): Delivery {
    const delivery = this.#make(rows, end);
    this.project.drop(delivery.name, delivery.content);
    return delivery;
  }

  /** A file that is handed over in another way, or not at all. */
  draft(rows: number): Delivery {
    return this.#producer.draft(rows, 'loaded');
  }

  /** Enters a draft in the journal: it is in the input folder now. */
  announce(delivery: Delivery): void {
    this.#producer.journal.push(delivery);
  }

  /** The same with everything on the disk when it returns, so that a power cut does not take it. */
  handOverDurably(rows: number, end: Delivery['end'] = 'loaded'): Delivery {
    const delivery = this.#make(rows, end);
    const { input } = this.project;
    const temporary = join(input, '.drop.tmp');
    writeFileSync(temporary, delivery.content, { flush: true });
    renameSync(temporary, join(input, delivery.name));
    const folder = openSync(input, 'r');
    fsyncSync(folder);
    closeSync(folder);
    return delivery;
  }

  start(options: Omit<HopperProcessOptions, 'cwd'> = {}): HopperProcess {
    return this.project.run(['start'], options);
  }

  hasEnded(delivery: Delivery): boolean {
    return this.#ends.has(delivery);
  }

  /** Whether every file is at its end, and nothing is under way. */
  isIdle(): boolean {
    return (
      this.journal.every((delivery) => this.hasEnded(delivery)) &&
      filesIn(this.project.input).length === 0 &&
      claimsIn(this.project).length === 0
    );
  }

  /** Waits until it is ready and idle, or has ended. */
  async idle(daemon: HopperProcess): Promise<void> {
    await daemon.readyOrEnded();
    while (!this.isIdle() && !daemon.hasEnded) {
      const before = this.#endedCount();
      await until(
        () => this.isIdle() || daemon.hasEnded || this.#endedCount() > before,
        () =>
          `Not every file is at its end, and none comes to it. ${this.#state()}\n${daemon.said}`,
        STANDSTILL_MS_MAX,
      );
    }
  }

  /** Starts it without a fault, waits until it is idle, and stops it. */
  async recover(): Promise<void> {
    const daemon = this.start();
    await this.idle(daemon);
    expect(await daemon.stop(), daemon.said).toBe(0);
  }

  /** Holds everything against the journal, and sees that it lasts. */
  async account(): Promise<void> {
    const { project, journal, database } = this;
    await expectAccountsToBalance(project, journal, database, this.#accountSettings);
    await this.expectToLast();
  }

  /** What holds however files have ended: starting the daemon once more changes nothing, and its own comparison finds no difference. */
  async expectToLast(): Promise<void> {
    const before = await stateOf(this.project, this.database);
    const told = this.#endsTold();
    await this.recover();
    expect(await stateOf(this.project, this.database), 'after another start').toEqual(before);
    expect(this.#endsTold(), 'ends told after another start').toBe(told);
    // What an operator has to go by must agree with what is found here in other ways.
    const { code, stdout } = await runCommand(this.project, ['check', '--ledger']);
    expect(stdout).toMatch(/^[\d,]+ loads? compared, no differences\n$/);
    expect(code).toBe(0);
    expect((await this.#observer?.end()) ?? [], 'seen on the way').toEqual([]);
  }

  /** Removes what it made, unless somebody wants to look at it. */
  async close(): Promise<void> {
    await this.#observer?.end();
    await this.project.remove();
    await this.database?.drop();
  }

  #make(rows: number, end: Delivery['end']): Delivery {
    const isFree = (name: string): boolean => !existsSync(join(this.project.input, name));
    return this.#producer.make(rows, end, isFree);
  }

  #endsTold(): number {
    const ends = /^(?:finished|failed|skipped)$/;
    return this.project.allEvents().filter(({ event }) => ends.test(event)).length;
  }

  #endedCount(): number {
    return this.journal.filter((delivery) => this.hasEnded(delivery)).length;
  }

  #state(): string {
    const events = this.project.events().slice(-15);
    return `Claims: ${claimsIn(this.project).join(', ')}\n${events.map((event) => JSON.stringify(event)).join('\n')}`;
  }
}

function foldersKey(deletesSources: boolean, tellsSenders: boolean): string | undefined {
  if (deletesSources) return 'folders: { archive: null }';
  return tellsSenders ? 'folders: { receipts: input_csv/receipts }' : undefined;
}

function datasetKey(name: string, match: string, more = ''): string {
  return `  - { name: ${name}, match: '${match}', schema: schema/${name}.yaml${more} }\n`;
}
