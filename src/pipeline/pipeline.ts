import { setTimeout as delay } from 'node:timers/promises';
import { backoffMs } from '../core/backoff.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { type Claim, giveBack } from '../intake/claim.ts';
import { datasetRoute } from '../intake/dataset-route.ts';
import type { Dataset } from '../schema/dataset.ts';
import { isFromArchive } from './archive-note.ts';
import { earlierEnded, orderKey } from './arrival-order.ts';
import { convert, discardConversion } from './convert.ts';
import { divert } from './divert.ts';
import { EarlyLoading } from './early-loading.ts';
import { fail } from './fail.ts';
import { isRepetition } from './find-repetition.ts';
import { failChanged, finish, finishRepetition, writeReceipt } from './finish.ts';
import { identify } from './identify.ts';
import { interrupt } from './interrupt.ts';
import type { Origin, Outcome, Passage, PipelineContext } from './passage.ts';
import { patiently, startsOver } from './patience.ts';
import { publishAndLoad } from './publish-and-load.ts';
import { dropStaged, withdrawParquet } from './publish-parquet.ts';
import { receiptsOf } from './receipt-book.ts';
import { dropRepetitionNote, isNotedRepetition } from './repetition-note.ts';
import { dropRefusedList } from './refused-list.ts';
import { takeOver } from './replacement.ts';
import { setAside } from './set-aside.ts';
import { suspicionOf } from './suspicion.ts';

/**
 * The order of the steps. In: claimed files, new ones and those that a former run left. Out: where each ended.
 *
 * Every step can be repeated. What a crash interrupts is run again from the claim, and each step finds by the files and
 * the ledger what is done already: the receipt (finished), the ledger row (loaded), an equal Parquet file (published).
 */
export class Pipeline {
  readonly #context: PipelineContext;
  readonly #route: (file: string) => Dataset | null;

  constructor(context: PipelineContext) {
    this.#context = context;
    this.#route = datasetRoute(context.config.datasets);
  }

  /**
   * Carries one claimed file through all steps. It takes its place in the order of loads at once, so call this in the
   * order of arrival. Never rejects: what a file runs into is its outcome, and stands in the log. `freeConversion` is
   * called when it does not need a worker any more.
   */
  async run(claim: Claim, origin: Origin, freeConversion: () => void): Promise<Outcome> {
    const { log, tables, arrivalOrder } = this.#context;
    const dataset = this.#route(claim.file);
    if (dataset === null) return giveUnroutedBack(claim, this.#context);
    const passage: Passage = {
      claim,
      dataset,
      origin,
      startedMs: performance.now(),
      turn: tables?.queueOf(dataset).enter() ?? null,
      place: arrivalOrder.enter(orderKey(dataset, claim.file, tables !== null)),
      log: log.with({ dataset: dataset.name, file: claim.file }),
      progress: {
        ...{ published: false, loadTried: false, repeated: false, isRedrop: false, replaced: [] },
        ...{ identity: null, suspicion: null },
      },
      freeConversion,
    };
    // Who has a place in the order does without one in the queue, where it could only be in the way of those before it.
    if (passage.place !== null) passage.turn?.stepAside();
    const leave = this.#context.underWay.enter(claim.folder);
    let outcome: Outcome = 'waiting';
    try {
      outcome = await this.#untilEnd(passage);
    } catch (error) {
      outcome = await interrupt(passage, error, this.#context);
    } finally {
      passage.turn?.stepAside();
      passage.place?.leave(outcome);
      leave();
    }
    return outcome;
  }

  async #untilEnd(passage: Passage): Promise<Outcome> {
    const { claim, origin, progress } = passage;
    try {
      if (origin === 'resumed') {
        progress.suspicion = await suspicionOf(claim, this.#context);
        if (await isFromArchive(claim)) passage.origin = 'brought_back';
        progress.isRedrop = await isNotedRepetition(claim);
      }
      return await this.#untilRead(passage);
    } catch (error) {
      if (!(error instanceof HopperError && error.code === 'set_aside')) throw error;
      return setAside(passage, this.#context);
    }
  }

  /** Starts over where the source, or what was made from it, turned out to have changed on the way. */
  async #untilRead(passage: Passage): Promise<Outcome> {
    const { config, patience } = this.#context;
    for (let round = 1; ; round++) {
      try {
        return await this.#steps(passage);
      } catch (error) {
        const mayChange = error instanceof HopperError && startsOver(error.code);
        if (!mayChange || round >= patience.attemptsMax) throw error;
        passage.turn?.stepAside();
        passage.log.warn('parked', 'starts over', { reason: error.message, hint: error.hint });
        const pauseMs = Math.max(config.intake.quietMs, backoffMs(round - 1));
        await delay(pauseMs, undefined, { signal: patience.signal });
      }
    }
  }

  /** The table of contents. */
  async #steps(claimed: Passage): Promise<Outcome> {
    const context = this.#context;
    const { output } = context.config.folders;
    const passage = await identify(claimed, context);
    const leave = context.underWay.enter(passage.claim.folder);
    const heldFiles = passage.conversion?.loadFiles ?? [];
    context.heldRows.hold(heldFiles);
    try {
      if (passage.loadedAs !== null) {
        await discardConversion(passage);
        await takeOver(passage, passage.loadedAs, context);
        return await failChanged(passage, passage.loadedAs, context);
      }
      const { mode } = passage.dataset.write;
      if (mode === 'replace') await earlierEnded(passage);
      if (await isRepetition(passage, context)) {
        await discardConversion(passage);
        return await finishRepetition(passage, context);
      }
      if (passage.progress.isRedrop) {
        await patiently(passage, context.patience, () => dropRepetitionNote(passage.claim));
        passage.progress.isRedrop = false;
      }
      const early = new EarlyLoading(passage, context);
      const conversion = await convert(passage, early, context);
      if (conversion.refused) {
        return await fail(passage, { code: 'content_invalid', ...conversion }, context);
      }
      const loading = await publishAndLoad(passage, conversion, early, context);
      const { load, status } = loading;
      if (status === 'refused') {
        // A load that was finished before there was a database stays in the lake.
        const receipts = receiptsOf(context.receipts, load.dataset);
        if (receipts.findLoad(load.loadId) === undefined) {
          await patiently(passage, context.patience, async () => {
            await withdrawParquet(load.parquet);
            await dropRefusedList(output, load);
            // Dropped again it is judged anew, by what is expected then.
            if (passage.dataset.profiled === true)
              await receipts.add({ undone: load.loadId, time: new Date().toISOString() });
          });
        }
        await patiently(passage, context.patience, () => dropStaged(output, load));
        return await fail(passage, { code: 'rows_refused', ...loading.conversion }, context);
      }
      const diverted = await divert(passage, loading.conversion, context);
      // Where rows are handed back it is no mere repetition: its sender has to know of them.
      const isRepeated = status === 'already_loaded' && diverted === null;
      if (isRepeated && passage.origin !== 'brought_back') {
        // Loaded by another csv-hopper, or before the receipts were lost.
        await takeOver(passage, load.loadId, context);
        await writeReceipt(passage, load, context);
        return await finishRepetition(passage, context);
      }
      return await finish(passage, load, context, diverted);
    } finally {
      claimed.claim = passage.claim;
      context.heldRows.letGo(heldFiles);
      context.underWay.forgetContent(passage.identity);
      leave();
    }
  }
}

/** Claimed under another configuration; in the input folder it is reported as a file that no dataset takes. */
async function giveUnroutedBack(claim: Claim, { config, log }: PipelineContext): Promise<Outcome> {
  const { file, folder } = claim;
  try {
    if (await isFromArchive(claim)) {
      const reason = `No dataset takes it any more, and it came from the archive, so it is not given back; it stays in ${folder}.`;
      log.warn('parked', 'cannot be made again', { file, reason });
      return 'waiting';
    }
    if (await giveBack(claim, config.folders.input)) return 'given_back';
    const reason = `No dataset takes it any more, and the input folder has another file of its name; it stays in ${folder}.`;
    log.warn('parked', 'cannot be given back', { file, reason });
  } catch (err) {
    const reason = `No dataset takes it any more, and it cannot be put back; it stays in ${folder}.`;
    log.warn('parked', 'cannot be given back', { file, reason, err });
  }
  return 'waiting';
}
