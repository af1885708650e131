import type { Diversion } from '../schema/dataset.ts';
import type { PieceBoard } from './piece-board.ts';

/** What a piece has found so far. */
export interface PieceFound {
  /** Problems that are described. */
  described: number;
  /** All problems. */
  total: number;
  rowsRejected: number;
  /** Whether the source cannot be read on, or nobody knows what a quote has swallowed. */
  isBroken: boolean;
}

/**
 * Tells the pieces behind what a piece has found, when it is its turn: they describe fewer problems then, and write nothing for
 * a file that is refused.
 */
export class PieceVerdict {
  readonly #board: PieceBoard;
  readonly #diversion: Diversion | null;
  /** What they have been told of. */
  #described = 0;
  #rowsRejected = 0;

  constructor(board: PieceBoard, diversion: Diversion | null) {
    this.#board = board;
    this.#diversion = diversion;
  }

  tell(found: PieceFound): void {
    const board = this.#board;
    board.reportProblems(found.described - this.#described);
    this.#described = found.described;
    board.rowsRejected += found.rowsRejected - this.#rowsRejected;
    this.#rowsRejected = found.rowsRejected;
    if (this.#refuses(found)) board.refuse();
  }

  /** Whether that refuses the file as a whole, as far as is known. */
  #refuses({ total, isBroken }: PieceFound): boolean {
    if (isBroken) return true;
    if (this.#diversion === null) return total > 0;
    const { rowsMax } = this.#diversion;
    return rowsMax !== null && this.#board.rowsRejected > rowsMax;
  }
}
