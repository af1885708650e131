const ROWS_TURN = 0;
const WRITE_TURN = 1;
const PROBLEMS = 2;
const ABORTED = 3;
const REFUSED = 4;
const NUMBERS = 6;

const NEXT_ROW = 0;
const NEXT_OFFSET = 1;
const SPILLED_TO = 2;
const ROWS_REJECTED = 3;
const PLACES = 4;

/** Less than every key. */
export const I64_MIN = -(2n ** 63n);

/**
 * What the pieces of one source tell one another, in memory that their threads share: each begins where the one before it
 * ended, in the source and in the Parquet file. A piece takes its turns in the order of the source; a thread that
 * waits for one sleeps. Pieces must be begun in order, so that the one waited for is always under way or done.
 */
export class PieceBoard {
  readonly #numbers: Int32Array;
  readonly #places: Float64Array;
  readonly #lastKey: BigInt64Array;
  readonly #keysSpilledTo: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.#numbers = new Int32Array(memory, 0, NUMBERS);
    this.#places = new Float64Array(memory, NUMBERS * 4, PLACES);
    const keyAt = NUMBERS * 4 + PLACES * 8;
    this.#lastKey = new BigInt64Array(memory, keyAt, 1);
    this.#keysSpilledTo = new Float64Array(memory, keyAt + 8);
  }

  /**
   * `rowsStart`: where the first row stands in the source; `offset`: where the first row group goes; `keys`: by how many unique keys
   * rows are compared.
   */
  static create(rowsStart: number, offset: number, keys = 0): SharedArrayBuffer {
    const memory = new SharedArrayBuffer(NUMBERS * 4 + PLACES * 8 + 8 + keys * 8);
    const board = new PieceBoard(memory);
    board.#places[NEXT_ROW] = rowsStart;
    board.#places[NEXT_OFFSET] = offset;
    board.#lastKey[0] = I64_MIN;
    return memory;
  }

  /** Waits until all rows before this piece are settled, and says where its own start. */
  awaitRows(piece: number): number {
    this.#await(ROWS_TURN, piece);
    return this.#places[NEXT_ROW]!;
  }

  /** Says where the rows of the next piece start; Infinity: there are no more. */
  passRows(nextRow: number): void {
    this.#places[NEXT_ROW] = nextRow;
    this.#pass(ROWS_TURN);
  }

  /** Where in the file of spilled rows the piece goes on whose turn it is; it says so to the next, before it passes the turn. */
  get spilledTo(): number {
    return this.#places[SPILLED_TO]!;
  }

  set spilledTo(at: number) {
    this.#places[SPILLED_TO] = at;
  }

  /** The same for the rows of a unique key. */
  keySpilledTo(key: number): number {
    return this.#keysSpilledTo[key]!;
  }

  passKeySpilledTo(key: number, at: number): void {
    this.#keysSpilledTo[key] = at;
  }

  /** The key of the last row that is settled, where rows have one; for the piece whose turn it is. */
  get lastKey(): bigint {
    return this.#lastKey[0]!;
  }

  set lastKey(key: bigint) {
    this.#lastKey[0] = key;
  }

  /** Waits until all row groups before this piece are written, and says where its own go. */
  awaitWriting(piece: number): number {
    this.#await(WRITE_TURN, piece);
    return this.#places[NEXT_OFFSET]!;
  }

  passWriting(nextOffset: number): void {
    this.#places[NEXT_OFFSET] = nextOffset;
    this.#pass(WRITE_TURN);
  }

  /** Whether there are no more rows behind those that are settled, so that a piece which has not begun has none. */
  get isOver(): boolean {
    return this.#places[NEXT_ROW] === Infinity;
  }

  /** How many problems the settled pieces have told of. */
  get problems(): number {
    return Atomics.load(this.#numbers, PROBLEMS);
  }

  /** Tells of problems that are described; for the piece whose turn it is. */
  reportProblems(count: number): void {
    Atomics.add(this.#numbers, PROBLEMS, count);
  }

  /** How many rows of the settled pieces broke a rule; for the piece whose turn it is. */
  get rowsRejected(): number {
    return this.#places[ROWS_REJECTED]!;
  }

  set rowsRejected(rows: number) {
    this.#places[ROWS_REJECTED] = rows;
  }

  /** Whether the file is refused as a whole, so that nothing needs to be written any more. */
  get isRefused(): boolean {
    return Atomics.load(this.#numbers, REFUSED) === 1;
  }

  refuse(): void {
    Atomics.store(this.#numbers, REFUSED, 1);
  }

  /** Wakes all who wait, whose waiting then fails: a piece cannot be converted. */
  abort(): void {
    Atomics.store(this.#numbers, ABORTED, 1);
    Atomics.notify(this.#numbers, ROWS_TURN);
    Atomics.notify(this.#numbers, WRITE_TURN);
  }

  #await(turn: number, piece: number): void {
    for (;;) {
      if (Atomics.load(this.#numbers, ABORTED) === 1) throw new Error('Another piece has failed.');
      const now = Atomics.load(this.#numbers, turn);
      if (now === piece) return;
      Atomics.wait(this.#numbers, turn, now);
    }
  }

  #pass(turn: number): void {
    Atomics.add(this.#numbers, turn, 1);
    Atomics.notify(this.#numbers, turn);
  }
}
