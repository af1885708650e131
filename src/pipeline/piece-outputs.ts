import type { BatchBuilder } from '../columns/batch-builder.ts';
import { LoadFileWriter } from '../columns/load-file-writer.ts';
import { writeRowGroup } from '../parquet/parquet-file.ts';
import type { WrittenRowGroup } from '../parquet/row-group.ts';
import { BatchTally } from '../profile/batch-tally.ts';
import type { ColumnTally } from '../profile/column-tally.ts';
import type { OpenSource } from './compare-rows.ts';
import type { ConversionTools } from './conversion-tools.ts';
import type { PieceBoard } from './piece-board.ts';
import { pieceFilePath } from './piece-files.ts';
import type { PieceResult } from './piece-result.ts';

/** A piece of a source by its number, with what it is converted with. */
export interface PieceSetting extends OpenSource, ConversionTools {
  piece: number;
}

/** What is made of the batches of a piece: row groups behind those of the pieces before, a load file, and tallies for a profile. */
export class PieceOutputs {
  readonly #setting: PieceSetting;
  readonly #board: PieceBoard;
  readonly #loadFilePath: string | null;
  readonly #loadFile: LoadFileWriter | null;
  readonly #rowGroups: WrittenRowGroup[] = [];
  /** Null where no profile is wanted. */
  readonly #tally: BatchTally | null;
  readonly #tallies: ColumnTally[][] = [];
  /** Where the next row group goes; null until it is this piece's turn to write. */
  #offset: number | null = null;

  constructor(setting: PieceSetting, board: PieceBoard) {
    const { outputs, piece, kernel, dataset, plan } = setting;
    const { loadFile, heldBytesMax, profile } = outputs;
    this.#setting = setting;
    this.#board = board;
    const path = loadFile === null ? null : pieceFilePath(loadFile, piece);
    this.#loadFilePath = path;
    this.#loadFile = path === null ? null : new LoadFileWriter(path, kernel, heldBytesMax);
    this.#tally =
      profile === undefined
        ? null
        : new BatchTally(kernel, dataset.columns.length, profile, plan.pieceCount);
  }

  /** Takes the batch of a builder. `isLast`: the piece has no other batch behind this one. */
  write(builder: BatchBuilder, isLast: boolean): void {
    const { encoder, outputs, plan } = this.#setting;
    if (this.#loadFile !== null) builder.render(this.#loadFile);
    const batch = builder.batch();
    if (this.#tally !== null) {
      const isOnly = isLast && plan.pieceCount === 1 && this.#tallies.length === 0;
      this.#tallies.push(this.#tally.tally(batch, isOnly));
    }
    if (outputs.parquet === null) return;
    const encoded = encoder.encode(batch);
    const offset = this.#ownOffset();
    this.#rowGroups.push(writeRowGroup(outputs.parquet, encoded, offset));
    this.#offset = offset + encoded.bytes.length;
  }

  /** Lets the next piece write behind this one, whose load file has so many rows. */
  finish(rows: number): Pick<PieceResult, 'rowGroups' | 'loadFile' | 'tallies'> {
    this.#board.passWriting(this.#ownOffset());
    const [path, loadFile] = [this.#loadFilePath, this.#loadFile];
    return {
      rowGroups: this.#rowGroups,
      tallies: this.#tallies,
      loadFile:
        path === null || loadFile === null
          ? null
          : { path, bytes: loadFile.finish(), content: loadFile.content, rows },
    };
  }

  close(): void {
    this.#loadFile?.close();
    this.#tally?.close();
  }

  #ownOffset(): number {
    this.#offset ??= this.#board.awaitWriting(this.#setting.piece);
    return this.#offset;
  }
}
