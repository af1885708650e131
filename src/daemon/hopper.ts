import { mkdir, rm } from 'node:fs/promises';
import type { Config } from '../config/config.ts';
import { environmentError } from '../core/environment-error.ts';
import type { LoadIdentity } from '../core/load.ts';
import { refuseNewerState } from '../core/state-format.ts';
import { type FolderLock, lockFolder } from '../intake/folder-lock.ts';
import { endFormerHelper } from '../intake/helper-process.ts';
import { SpareFolders } from '../intake/spare-folders.ts';
import { type FormerClaims, listClaims } from '../intake/list-claims.ts';
import type { Claim } from '../intake/claim.ts';
import type { ConversionLog } from '../log/conversion-log.ts';
import { ArrivalOrder } from '../pipeline/arrival-order.ts';
import { Capacity, PASSAGES_MAX } from '../pipeline/capacity.ts';
import { DatabaseReturn } from '../pipeline/database-return.ts';
import { removeTemporaries } from '../core/remove-temporaries.ts';
import { type FormerEnds, tellFormerEnds } from '../pipeline/tell-former-ends.ts';
import { HeldRows } from '../pipeline/held-rows.ts';
import type { LoadTables } from '../pipeline/load-tables.ts';
import { LoneProcess } from '../pipeline/lone-process.ts';
import type { Origin, Outcome } from '../pipeline/passage.ts';
import type { PatienceOptions } from '../pipeline/patience.ts';
import { Pipeline } from '../pipeline/pipeline.ts';
import { writingFolder } from '../pipeline/publish-parquet.ts';
import type { ProfileBook } from '../pipeline/profile-book.ts';
import { type ReceiptBook, receiptsOf } from '../pipeline/receipt-book.ts';
import type { SenderReceipts } from '../pipeline/sender-receipts.ts';
import { Turnstile } from '../pipeline/turnstile.ts';
import { UnderWay } from '../pipeline/under-way.ts';
import { workerSettings } from '../pipeline/worker-job.ts';
import { WorkerPool } from '../pipeline/worker-pool.ts';
import { openRecords, type Records } from './hopper-records.ts';
import { processingFolder, stateFolders } from './processing-folder.ts';
import { noteIn, takeBack, type Undone } from './undo-load.ts';
import { undoNotes } from './undo-note.ts';
import { finishUndo } from './unfinished-undos.ts';
import { removeUnfinishedUploads } from './unfinished-uploads.ts';

/**
 * How many files are on their way to Parquet at a time: enough to keep the workers and the disk going. What is not claimed
 * stays in the input folder, where people see it, a stop has little to give back, and the folders of claims can be used again.
 */
const CONVERSIONS_MAX = 128;

export interface HopperOptions {
  config: Config;
  log: ConversionLog;
  patience: Omit<PatienceOptions, 'databaseReturn'>;
}

/** Room for one file, taken before it is claimed. */
export interface Room {
  freePlace: () => void;
  freeConversion: () => void;
}

/** One csv-hopper at work on its folders: the pipeline with all that it needs, opened together and closed together. */
export class Hopper {
  readonly #options: HopperOptions;
  readonly #lock: FolderLock;
  readonly #workers: WorkerPool;
  readonly #loneProcess: LoneProcess;
  readonly #tables: LoadTables | null;
  readonly #receipts: Map<string, ReceiptBook>;
  readonly #profiles: Map<string, ProfileBook>;
  readonly #senderReceipts: SenderReceipts | null;
  readonly #underWay = new UnderWay();
  readonly #pipeline: Pipeline;
  readonly #conversions = new Capacity(CONVERSIONS_MAX);
  readonly #places = new Capacity(PASSAGES_MAX);
  /** With when each file was claimed. */
  readonly #passages = new Map<Promise<Outcome>, number>();
  /** The loads that are being taken back. */
  readonly #undos = new Map<string, Promise<Undone>>();
  /** For whoever claims files. */
  readonly spareFolders = new SpareFolders();

  private constructor(
    options: HopperOptions,
    lock: FolderLock,
    { receipts, profiles, senderReceipts, tables }: Records,
  ) {
    const { config, log, patience } = options;
    this.#options = options;
    this.#lock = lock;
    this.#receipts = receipts;
    this.#profiles = profiles;
    this.#senderReceipts = senderReceipts;
    const threads = config.convert.workers;
    const settings = workerSettings(config);
    this.#workers = new WorkerPool(threads, settings);
    this.#loneProcess = new LoneProcess(threads, settings, processingFolder(config));
    this.#tables = tables;
    this.#pipeline = new Pipeline({
      config,
      log,
      workers: this.#workers,
      loneProcess: this.#loneProcess,
      lastRunDied: lock.takenOver,
      tables: this.#tables,
      receipts,
      profiles,
      senderReceipts,
      patience: { ...patience, databaseReturn: new DatabaseReturn() },
      underWay: this.#underWay,
      arrivalOrder: new ArrivalOrder(),
      spareFolders: this.spareFolders,
      heldRows: new HeldRows(),
      failures: new Turnstile(),
    });
  }

  /** Makes missing folders and takes the lock. Throws folder_busy, folder_unusable and other environment errors. */
  static async open(options: HopperOptions): Promise<Hopper> {
    const { config } = options;
    await makeFolders(config);
    const lock = await lockFolder(processingFolder(config));
    try {
      await refuseNewerState(stateFolders(config));
      await endFormerHelper(processingFolder(config));
      // Whether uploads are taken in this run or not.
      await removeUnfinishedUploads(processingFolder(config));
      // What a former run was writing is written again.
      await removeTemporaries(config.folders.failed);
      await rm(writingFolder(config.folders.output), { recursive: true, force: true });
      await mkdir(writingFolder(config.folders.output));
      return new Hopper(options, lock, await openRecords(options));
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /** Keeps the lock when another folder has got the name of the input folder. Throws folder_busy and environment errors. */
  holdLock(): Promise<void> {
    return this.#lock.hold();
  }

  /** Starts the workers before there is a file for them; as many as so many bytes to convert keep busy. */
  warmUp(bytes = Infinity): void {
    this.#workers.warmUp(bytes);
  }

  /** The same for the files that a former run left, of which one may have ended it. */
  warmUpForSuspects(): void {
    if (this.#lock.takenOver) this.#loneProcess.warmUp();
  }

  /** What a former run had claimed. Call it before claiming any. */
  claimsLeft(): Promise<FormerClaims> {
    const { config } = this.#options;
    return listClaims(processingFolder(config), config.folders.input);
  }

  /** Says what a former run had no time to say of files that had ended. Call it before claiming any, and when notices are heard. */
  tellFormerEnds({ emptied }: FormerClaims): Promise<FormerEnds> {
    const { config, log } = this.#options;
    const receipts = this.#receipts;
    return tellFormerEnds({ log, processingFolder: processingFolder(config), receipts, emptied });
  }

  /** Resolves when there is room for another claim, or at the stop. */
  async room(): Promise<Room> {
    const { signal } = this.#options.patience;
    const freePlace = await this.#places.take(signal);
    return { freePlace, freeConversion: await this.#conversions.take(signal) };
  }

  /** The files that are claimed and have not ended, and since when, in milliseconds since 1970, the first of them is. */
  get underWay(): { files: number; oldestMs: number | null } {
    let oldestMs: number | null = null;
    for (const sinceMs of this.#passages.values())
      oldestMs = Math.min(oldestMs ?? sinceMs, sinceMs);
    return { files: this.#passages.size, oldestMs };
  }

  /** Whether so many files wait for something that no further one is claimed. */
  get isFull(): boolean {
    return this.#places.isUsedUp;
  }

  /** When a load of the dataset was finished last, in this run or an earlier one; in milliseconds since 1970. */
  lastFinishedMs(dataset: string): number | null {
    return this.#receipts.get(dataset)?.lastFinishedMs ?? null;
  }

  /**
   * Takes a load back as undoLoad does, while others go on. `log`: with who wants it. Whoever asks for one that is being taken back, as by a
   * second click, gets the same answer.
   */
  undo(loadId: string, log: ConversionLog): Promise<Undone> {
    return this.#undos.get(loadId) ?? this.#takeBack(loadId, log, false);
  }

  /**
   * Goes on with undos that a killed run had begun. Call it before claiming any file: drops of theirs wait until they have ended. The daemon
   * takes other files meanwhile; a single run waits for them.
   */
  async finishUndos(): Promise<void> {
    const { config, log, patience } = this.#options;
    const goOn = (loadId: string) => this.#takeBack(loadId, log, true);
    const undos = (await undoNotes(config)).map((note) => {
      const letGoOn = this.#underWay.holdBack(note.loadId);
      return finishUndo(note, { config, log, patience, goOn }).finally(letGoOn);
    });
    const ended = Promise.all(undos).catch((err: unknown) => {
      log.warn('undone', 'undos that were interrupted are left to the next start', { err });
    });
    if (patience.attemptsMax !== Infinity) await ended;
  }

  #takeBack(loadId: string, log: ConversionLog, isNoted: boolean): Promise<Undone> {
    const records = {
      noteUndone: (load: LoadIdentity) =>
        noteIn(receiptsOf(this.#receipts, load.dataset), load.loadId),
      senderReceipts: this.#senderReceipts,
      // One that goes on is held back as long as it is not at its end.
      holdBack: (id: string) => (isNoted ? () => undefined : this.#underWay.holdBack(id)),
    };
    const undo = takeBack(this.#options.config, loadId, log, records, isNoted).finally(() => {
      this.#undos.delete(loadId);
    });
    this.#undos.set(loadId, undo);
    return undo;
  }

  /** Starts a claimed file on its way, in the order of the calls; resolves with its outcome. */
  take(claim: Claim, origin: Origin, room: Room, sinceMs = Date.now()): Promise<Outcome> {
    const passage = this.#pipeline.run(claim, origin, room.freeConversion).finally(() => {
      this.#passages.delete(passage);
      room.freeConversion();
      room.freePlace();
    });
    this.#passages.set(passage, sinceMs);
    return passage;
  }

  /** Resolves when nothing is under way any more, and no load is being taken back. */
  async idle(): Promise<void> {
    while (this.#passages.size > 0 || this.#undos.size > 0)
      await Promise.allSettled([...this.#passages.keys(), ...this.#undos.values()]);
  }

  /** Takes back what waits for a worker: at a stop it is given back sooner so. */
  dropWaiting(): void {
    this.#workers.dropWaiting();
    this.#loneProcess.dropWaiting();
  }

  /** Ends whatever still runs: the next start goes on with it. */
  async abort(): Promise<void> {
    this.#tables?.abort();
    await Promise.all([this.#workers.close(), this.#loneProcess.close()]);
    await Promise.allSettled(this.#passages.keys());
  }

  async close(): Promise<void> {
    try {
      await Promise.all([this.#workers.close(), this.#loneProcess.close()]);
      await this.#tables?.close();
      // Their end stands in the books.
      await Promise.allSettled(this.#undos.values());
      for (const book of [...this.#receipts.values(), ...this.#profiles.values()]) {
        await book.close();
      }
    } finally {
      await this.#lock.release();
    }
  }
}

async function makeFolders(config: Config): Promise<void> {
  const { input, output, failed, archive, logs } = config.folders;
  for (const folder of [input, output, failed, archive, logs]) {
    if (folder === null) continue;
    try {
      await mkdir(folder, { recursive: true });
    } catch (error) {
      const what = `The folder ${folder} cannot be made`;
      throw environmentError(error, what, 'folder_unusable', { folder });
    }
  }
}
