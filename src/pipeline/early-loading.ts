import type { ConvertedLoad } from '../core/load.ts';
import type { LoadOutcome } from '../load/table-loader.ts';
import { ArrivingLoadFiles } from './arriving-load-files.ts';
import type { IdentifiedPassage, PipelineContext } from './passage.ts';
import type { PieceResult } from './piece-result.ts';
import type { Dataset } from '../schema/dataset.ts';

/**
 * Sends the rows of a large source to the database while it is still being converted: a server takes three times as long to
 * load rows as two threads take to convert them, so it should not wait for the last. In: its pieces, in any order, and then
 * either `commit` with what came of them or `abandon`. It is an attempt, made where it is the file's turn and nothing
 * is in the way; what it leaves undone, the usual load does.
 */
export class EarlyLoading {
  readonly #passage: IdentifiedPassage;
  readonly #tables: PipelineContext['tables'];
  readonly #loadFiles = new ArrivingLoadFiles();
  readonly #abandonment = new AbortController();
  readonly #converted: Promise<ConvertedLoad>;
  #resolveConverted!: (load: ConvertedLoad) => void;
  #rejectConverted!: (error: Error) => void;
  #outcome: Promise<LoadOutcome | null> | null = null;

  constructor(passage: IdentifiedPassage, context: PipelineContext) {
    this.#passage = passage;
    this.#tables = context.tables;
    this.#converted = new Promise((resolve, reject) => {
      this.#resolveConverted = resolve;
      this.#rejectConverted = reject;
    });
    // Abandoned before anybody waits for it, it is no error.
    this.#converted.catch(() => undefined);
  }

  /** Takes a piece that is complete, and begins to load where that is possible now. */
  add(piece: number, result: PieceResult): void {
    if (this.#abandonment.signal.aborted) return;
    if (result.loadFile === null || !isSound(result, this.#passage.dataset)) {
      this.abandon();
      return;
    }
    this.#loadFiles.add(piece, result.loadFile);
    this.#outcome ??= this.#begin();
  }

  /** Whether rows have been sent, or are about to be. */
  get begun(): boolean {
    return this.#outcome !== null;
  }

  /** All pieces have been given. */
  end(): void {
    this.#loadFiles.end();
  }

  /** Rolls back what is under way, and takes no more pieces. */
  abandon(): void {
    const reason = new Error('The early load is abandoned.');
    this.#loadFiles.fail(reason);
    this.#rejectConverted(reason);
    this.#abandonment.abort();
  }

  /** Lets the rows be committed. Null where they have to be loaded in the usual way. */
  async commit(load: ConvertedLoad): Promise<LoadOutcome | null> {
    this.#resolveConverted(load);
    return this.#outcome;
  }

  #begin(): Promise<LoadOutcome | null> | null {
    const { turn, dataset, identity } = this.#passage;
    const loader = this.#tables?.loaderOf(dataset);
    // An attempt that changes rows of others would hold their locks for as long as the conversion takes.
    if (turn === null || loader === undefined || dataset.write.mode !== 'append') return null;
    const load = { ...identity, loadFiles: this.#loadFiles, converted: this.#converted };
    return turn.loadNow(
      () => loader.loadEarly(load, this.#abandonment.signal),
      () => {
        this.abandon();
      },
    );
  }
}

/** Whether the load can come to something, as far as this piece tells. */
function isSound(
  { refused, foreign, disordered, rowsBeyond, keyRowsBeyond }: PieceResult,
  { diversion }: Dataset,
): boolean {
  // Rows that could not be compared yet may turn out as repeated, and all pieces be converted once more.
  const beyond = [rowsBeyond, ...(diversion === null ? [] : keyRowsBeyond)];
  const settled = !disordered && beyond.every((rows) => rows === 0);
  return !refused && !foreign && settled;
}
