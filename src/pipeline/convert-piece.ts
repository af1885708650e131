import type { BatchBuilder } from '../columns/batch-builder.ts';
import type { DuplicateRows } from '../columns/duplicate-rows.ts';
import { RejectedRows } from '../columns/rejected-rows.ts';
import { ProblemList } from '../core/problem-list.ts';
import { guessRowStart } from '../csv/guess-row-start.ts';
import type { RowSource } from '../csv/row-source.ts';
import type { SourceReader } from '../csv/source-reader.ts';
import type { Beginning } from './begin-conversion.ts';
import { duplicateRows } from './compare-rows.ts';
import { collectNowAndThen } from './collect-garbage.ts';
import type { ConversionTools } from './conversion-tools.ts';
import type { OpenTask } from './conversion.ts';
import { openPiece } from './open-piece.ts';
import { PieceBoard } from './piece-board.ts';
import { byColumn, divertedBounds } from './outlier-bounds.ts';
import { pieceFilePath } from './piece-files.ts';
import { noKeys, PieceKeys } from './piece-keys.ts';
import { PieceOutputs, type PieceSetting } from './piece-outputs.ts';
import { PieceRefusals } from './piece-refusals.ts';
import type { PieceResult, SourceEnd } from './piece-result.ts';
import { PieceVerdict } from './piece-verdict.ts';
import { comparedKeys } from './unique-keys.ts';

/**
 * Converts one piece of a source: the rows that start in it. Where they start is only known when the piece before has been
 * read; so it guesses, reads, and begins anew in the rare case that the guess was wrong. Its rows are then compared with
 * those before, encoded, and written behind the row groups before. Synchronous, for a worker thread.
 */
export function convertPiece(
  task: OpenTask,
  beginning: Beginning,
  piece: number,
  tools: ConversionTools,
): PieceResult {
  const conversion = new PieceConversion({ ...task, ...beginning, ...tools, piece });
  try {
    return conversion.run();
  } finally {
    conversion.close();
  }
}

class PieceConversion {
  readonly #piece: number;
  readonly #setting: PieceSetting;
  readonly #board: PieceBoard;
  readonly #builder: BatchBuilder;
  /** Null until it is this piece's turn, and where duplicate rows are kept. */
  #duplicates: DuplicateRows | null = null;
  /** Null until it is this piece's turn. */
  #keys: PieceKeys | null = null;
  /** Null where no table has refused rows. */
  readonly #refusals: PieceRefusals | null;
  readonly #outputs: PieceOutputs;
  #problems: ProblemList;
  /** Null where no reject file is wanted. */
  #rejected: RejectedRows | null = null;
  readonly #verdict: PieceVerdict;
  /** Whether a quote is never closed. */
  #isUnclosed = false;
  #end: SourceEnd | null = null;
  /** Where the rows start, as it is believed until the turn comes. */
  #start: number;
  /** Whether all rows before are settled. */
  #hasTurn = false;
  /** Whether its keys do not ascend, which ends it: the whole file has to be converted again. */
  #disordered = false;

  constructor(setting: PieceSetting) {
    const { piece, memory } = setting;
    this.#piece = piece;
    this.#setting = setting;
    this.#board = new PieceBoard(memory.board);
    this.#verdict = new PieceVerdict(this.#board, setting.dataset.diversion);
    this.#builder = setting.builder;
    this.#problems = this.#newProblems();
    this.#start = this.#guess();
    this.#outputs = new PieceOutputs(setting, this.#board);
    const { refused } = setting;
    this.#refusals = refused === undefined ? null : new PieceRefusals(refused, piece);
  }

  run(): PieceResult {
    for (;;) {
      const result = this.#attempt();
      if (result !== null) return result;
      this.#start = this.#board.awaitRows(this.#piece);
    }
  }

  close(): void {
    this.#outputs.close();
    this.#duplicates?.close();
    this.#keys?.close();
    this.#refusals?.close();
    this.#rejected?.close();
  }

  get #from(): number {
    const { plan } = this.#setting;
    return plan.rowsStart + this.#piece * plan.pieceBytes;
  }

  /** Rows that start here or later are of the next piece. */
  get #to(): number {
    const { plan, expected } = this.#setting;
    return Math.min(expected.bytes, this.#from + plan.pieceBytes);
  }

  /** A row takes at least a byte a field, so a small file does not need the room of a whole row group. */
  #rowsMax(): number {
    return Math.ceil((this.#to - this.#from) / this.#setting.plan.header.fieldCount) + 1;
  }

  /** Where no guess can be made it waits: to read a line of gigabytes from its middle on would be for nothing. */
  #guess(): number {
    const { header } = this.#setting.plan;
    if (this.#piece === 0) return this.#from;
    if (this.#board.isOver) return Infinity;
    const guess = guessRowStart(
      this.#setting.fd,
      this.#from,
      header.delimiter.byte,
      header.fieldCount,
    );
    return guess ?? this.#board.awaitRows(this.#piece);
  }

  /** Those before this piece may be as many as a report lists; its own are then only counted. */
  #newProblems(): ProblemList {
    const { problemsMax } = this.#setting.settings;
    return new ProblemList(Math.max(0, problemsMax - this.#board.problems));
  }

  #newRejected(): RejectedRows | null {
    const { outputs, dataset } = this.#setting;
    if (outputs.rejected === undefined || dataset.diversion === null) return null;
    return new RejectedRows(pieceFilePath(outputs.rejected, this.#piece));
  }

  /** Reads the rows from the start that is believed; null where that turns out to be wrong. */
  #attempt(): PieceResult | null {
    const { expected, plan, memory, dataset } = this.#setting;
    const { header } = plan;
    this.#problems = this.#newProblems();
    this.#rejected?.close();
    this.#rejected = this.#newRejected();
    this.#end = null;
    this.#isUnclosed = false;
    this.#builder.begin({
      fieldOf: header.fieldOf,
      extra: header.extra,
      bounds: byColumn(divertedBounds(this.#setting)),
      rowsMax: Math.min(plan.rowGroupRows, this.#rowsMax()),
      seed: plan.seed,
      compares: memory.fingerprints !== null,
      keys: comparedKeys(dataset, plan).map(({ columns }) => columns),
      placed: this.#refusals !== null,
      rejected: this.#rejected,
      marks: header.reject?.marks ?? null,
    });
    const part = { from: Math.min(this.#start, expected.bytes), to: this.#to };
    const { reader, scanner } = openPiece(this.#setting, part, this.#rowsMax(), {
      problems: this.#problems,
      rejected: this.#rejected,
      onUnclosed: () => {
        this.#isUnclosed = true;
      },
    });
    try {
      return this.#readRows(reader, scanner);
    } finally {
      scanner.close();
      reader.close();
    }
  }

  /** Null where the rows do not start where it is believed. */
  #readRows(reader: SourceReader, scanner: RowSource): PieceResult | null {
    const builder = this.#builder;
    let nextRow = this.#start;
    while (nextRow < this.#to && this.#end === null) {
      const { bytes, start, end, last, limit } = reader;
      reader.start = scanner.scan(bytes, start, end, last, limit);
      nextRow = reader.base + reader.start;
      const { block } = scanner;
      for (let row = 0; row < block.rowCount;) {
        row = builder.add(block, row, reader.base, reader.foreign, this.#problems);
        if (builder.full && !this.#settle(scanner, null)) {
          return this.#brokenOff(scanner, reader.foreign);
        }
      }
      this.#rejected?.endBlock();
      if (scanner.full || nextRow >= this.#to) continue;
      if (reader.last) break;
      const longLine = !reader.refill();
      if (reader.nulAt !== -1) {
        this.#end = { kind: 'nul', from: this.#start, position: reader.nulAt };
      } else if (longLine) this.#end = longLineOf(scanner);
    }
    const isSettled = this.#settle(scanner, this.#end === null ? nextRow : Infinity);
    if (!isSettled) return this.#brokenOff(scanner, reader.foreign);
    if (this.#setting.plan.pieceCount > 1) collectNowAndThen();
    return this.#result(scanner, reader.foreign);
  }

  /** What comes of rows that cannot be settled; null where they do not start where it was believed. */
  #brokenOff(scanner: RowSource, foreign: boolean): PieceResult | null {
    return this.#disordered ? this.#result(scanner, foreign) : null;
  }

  /**
   * Waits for the turn and settles the batch so far: which of its rows repeat earlier ones, and where they are written. False
   * where the rows do not start where it was believed, or their keys do not ascend, so that no row behind them can be
   * settled either. `nextRow`: where the next piece starts, null where this one goes on.
   */
  #settle(scanner: RowSource, nextRow: number | null): boolean {
    const board = this.#board;
    if (!this.#hasTurn) {
      this.#hasTurn = true;
      if (board.awaitRows(this.#piece) !== this.#start) return false;
    }
    this.#tellFound(scanner);
    if (!this.#ascends()) {
      this.#disordered = true;
      board.passRows(Infinity);
      return false;
    }
    this.#duplicates ??= duplicateRows(this.#setting, board);
    this.#keys ??= new PieceKeys(this.#setting, this.#piece, board);
    this.#dropRepeated(scanner, this.#duplicates, this.#keys);
    if (nextRow !== null) {
      if (this.#duplicates !== null) board.spilledTo = this.#duplicates.beyond.finish();
      this.#keys.passOn();
      board.passRows(nextRow);
    }
    // There is nothing to write any more for a file that is refused.
    if (this.#builder.rows > 0 && !board.isRefused) {
      this.#outputs.write(this.#builder, nextRow !== null);
    }
    this.#builder.clear();
    return true;
  }

  #dropRepeated(scanner: RowSource, duplicates: DuplicateRows | null, keys: PieceKeys): void {
    const isDuplicate = (earlier: number, position: number, bytes: number): boolean =>
      duplicates?.areEqual(earlier, position, bytes) ?? false;
    const earlier = { rows: keys.rows, isDuplicate };
    const repeated = this.#builder.dropRepeated(duplicates, earlier, this.#refusals);
    if (repeated.length === 0) return;
    keys.add(repeated);
    this.#tellFound(scanner);
  }

  #tellFound(scanner: RowSource): void {
    const { items, total } = this.#problems;
    const isEnded = this.#end !== null;
    this.#verdict.tell({
      described: items.length + (this.#keys?.described ?? 0) + (isEnded ? 1 : 0),
      total: total + (this.#keys?.total ?? 0),
      // Not those of the table, which are few enough, or the file is refused when all are counted.
      rowsRejected:
        this.#builder.counts.rowsRejected + scanner.faultyRows - (this.#refusals?.count ?? 0),
      isBroken: isEnded || this.#isUnclosed,
    });
    if (this.#board.isRefused) this.#builder.stopDiverting();
  }

  /** Whether the batch so far goes on with the keys of the rows before it, where the file has a key. */
  #ascends(): boolean {
    const { key } = this.#setting.plan;
    if (key === null) return true;
    const last = this.#builder.ascend(key, this.#board.lastKey);
    if (last !== null) this.#board.lastKey = last;
    return last !== null;
  }

  #result(scanner: RowSource, foreign: boolean): PieceResult {
    const { counts } = this.#builder;
    return {
      counts: {
        ...counts,
        rowsRead: counts.rowsRead + scanner.faultyRows,
        rowsRejected: counts.rowsRejected + scanner.faultyRows,
      },
      found: this.#problems.found(),
      refused: this.#board.isRefused,
      rejectedFile: this.#rejectedFile(),
      refusedFile: this.#refusals?.finish() ?? null,
      lines: scanner.line,
      foreign,
      disordered: this.#disordered,
      rowsBeyond: this.#duplicates?.beyond.rows ?? 0,
      ...(this.#keys?.result() ?? noKeys),
      end: this.#end,
      ...this.#outputs.finish(counts.rowsAccepted),
    };
  }

  #rejectedFile(): string | null {
    const { rejected } = this.#setting.outputs;
    const rows = this.#rejected?.finish() ?? 0;
    return rejected === undefined || rows === 0 ? null : pieceFilePath(rejected, this.#piece);
  }
}

function longLineOf({ line, openQuoteLine }: RowSource): SourceEnd {
  return { kind: 'line_length', line, openQuoteLine };
}
