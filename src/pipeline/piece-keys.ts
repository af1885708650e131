import type { KeyRows, RepeatedKey } from '../columns/key-rows.ts';
import { WorkLines } from '../core/work-lines.ts';
import type { OpenSource } from './compare-rows.ts';
import type { PieceBoard } from './piece-board.ts';
import { pieceKeysPath } from './piece-files.ts';
import type { PieceResult } from './piece-result.ts';
import { byPlace, keyRows, REPEATED_KEYS_MAX } from './unique-keys.ts';

/** What a piece has found of its unique keys. */
type PieceKeysResult = Pick<
  PieceResult,
  'repeatedKeys' | 'repeatedKeysTotal' | 'repeatedPerKey' | 'keyRowsBeyond' | 'rejectedKeysFile'
>;

/**
 * The unique keys of a piece whose turn it is: what its rows are compared with, and which of them repeat earlier ones. Where rows
 * are diverted those go to a file in the order of the source, because they are known later than other broken rows.
 */
export class PieceKeys {
  readonly rows: readonly KeyRows[];
  readonly #board: PieceBoard;
  readonly #repeated: RepeatedKey[] = [];
  #total = 0;
  readonly #perKey: number[] = [];
  /** Null where rows are not diverted. */
  readonly #path: string | null;
  #rejected: WorkLines | null = null;

  constructor(source: OpenSource, piece: number, board: PieceBoard) {
    const { outputs, dataset } = source;
    this.rows = keyRows(source, board);
    this.#board = board;
    this.#path =
      outputs.rejected === undefined || dataset.diversion === null
        ? null
        : pieceKeysPath(outputs.rejected, piece);
  }

  /** How many repeated keys are kept for the report. */
  get described(): number {
    return this.#repeated.length;
  }

  get total(): number {
    return this.#total;
  }

  /** Takes those of the rows of a batch. */
  add(repeated: readonly RepeatedKey[]): void {
    // Found key by key, and kept row by row.
    const sorted = repeated.toSorted(byPlace);
    // Those of all pieces are in memory together.
    const room = REPEATED_KEYS_MAX - this.#board.problems;
    for (const [i, one] of sorted.entries()) {
      const before = this.#perKey[one.key] ?? 0;
      if (before === 0 || i < room) this.#repeated.push(one);
      this.#perKey[one.key] = before + 1;
    }
    this.#total += repeated.length;
    if (this.#path === null || this.#board.isRefused || repeated.length === 0) return;
    this.#rejected ??= new WorkLines(this.#path);
    for (const one of sorted) this.#rejected.add(one);
  }

  /** Says to the next piece where it goes on, before the turn is passed. */
  passOn(): void {
    for (const [i, key] of this.rows.entries()) {
      this.#board.passKeySpilledTo(i, key.beyond.finish());
    }
  }

  /** Completes the file. */
  result(): PieceKeysResult {
    const rejected = this.#rejected?.finish() ?? 0;
    return {
      repeatedKeys: this.#repeated,
      repeatedKeysTotal: this.#total,
      repeatedPerKey: this.#perKey,
      keyRowsBeyond: this.rows.map(({ beyond }) => beyond.rows),
      rejectedKeysFile: rejected === 0 ? null : this.#path,
    };
  }

  close(): void {
    for (const key of this.rows) key.close();
    this.#rejected?.close();
  }
}

/** Of a piece that never got its turn. */
export const noKeys: PieceKeysResult = {
  ...{ repeatedKeys: [], repeatedKeysTotal: 0, repeatedPerKey: [], keyRowsBeyond: [] },
  rejectedKeysFile: null,
};
