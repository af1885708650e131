import type { ColumnBatch, ColumnVector } from '../columns/column-batch.ts';
import { findExtremes } from '../columns/extremes.ts';
import { kernelEntries } from '../columns/kernel-entries.ts';
import { KernelNumbers } from '../kernel/kernel-numbers.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { ColumnTally, ProfileRequest, TalliedValues } from './column-tally.ts';
import { registersFilled } from './estimate-distinct.ts';
import { type ProfileLimits, profileLimits } from './profile-limits.ts';
import { type RawValue, rawReader } from '../columns/raw-value.ts';
import { kindOf } from './value-kind.ts';
import { sampleOf, type ValueSample } from './value-sample.ts';

/**
 * So much memory at a time is taken for what tallies hold of many values. Between threads each buffer takes its time, however small it
 * is: with two for each column 23 ms of processor time in all, for a file of 215 MB.
 */
const KEPT_BYTES = 1 << 16;

/** A text is told by its beginning; cut so, the least stays the least. */
const EXTREME_CHARACTERS = 100;

/** Entries of a column, in the memory of the kernel. */
interface WeightedEntries {
  count: number;
  /** How many rows they stand for. */
  present: number;
  /** Where their ids are, and for each of them its number of rows; 0 where that is one for all. */
  ids: number;
  weights: number;
}

/**
 * Goes over column batches on their way to the Parquet file. Most work is done once for each entry of a column, not for each row;
 * the loops are in the kernel. Holds some memory of the kernel.
 */
export class BatchTally {
  readonly #kernel: Kernel;
  readonly #limits: ProfileLimits;
  readonly #request: ProfileRequest;
  readonly #counts: KernelNumbers;
  readonly #ids: KernelNumbers;
  readonly #weights: KernelNumbers;
  readonly #cells: KernelNumbers;
  readonly #registers: Uint8Array;
  readonly #sampled: Uint8Array;
  readonly #filledMax: number;
  /** What has been kept of registers and samples, and how many bytes of it are taken. */
  #kept = new ArrayBuffer(0);
  #keptBytes = 0;

  /** `columns`: how many there are. `batches`: how many the source has, at least. */
  constructor(kernel: Kernel, columns: number, request: ProfileRequest, batches = 1) {
    this.#kernel = kernel;
    this.#limits = profileLimits(columns, batches);
    this.#request = request;
    this.#counts = new KernelNumbers(kernel);
    this.#ids = new KernelNumbers(kernel);
    this.#weights = new KernelNumbers(kernel);
    this.#cells = new KernelNumbers(kernel);
    this.#registers = kernel.take(2 ** this.#limits.precision);
    this.#sampled = kernel.take(8 * (this.#limits.sampleRows + 1));
    this.#filledMax = registersFilled(this.#registers.length, 2 * this.#limits.valuesMax);
  }

  close(): void {
    for (const numbers of [this.#counts, this.#ids, this.#weights, this.#cells]) numbers.close();
    this.#kernel.giveBack(this.#registers);
    this.#kernel.giveBack(this.#sampled);
  }

  /** One for each column. `isOnly`: the source has no other batch. */
  tally({ columns, rowCount }: ColumnBatch, isOnly = false): ColumnTally[] {
    return columns.map((vector) => this.#tallyColumn(vector, rowCount, isOnly));
  }

  #tallyColumn(vector: ColumnVector, rows: number, isOnly: boolean): ColumnTally {
    const { valuesMax } = this.#limits;
    const { distinct, column } = vector;
    const isUnique = this.#request.unique?.includes(column.name) === true;
    let some = hasEntryPerRow(vector, rows)
      ? this.#rowsOf(vector, rows)
      : this.#usedOf(vector, rows);
    const mayBeMany = some.count > valuesMax;
    const registers = mayBeMany && !isUnique ? this.#sketch(vector, some) : null;
    // Values are only looked at where they may be few: a text or bigint of each takes longer than all the rest.
    const isMany = mayBeMany && (isUnique || distinct || this.#areMany());
    if (!isMany && some.weights === 0) some = this.#usedOf(vector, rows);
    const values = isMany ? null : this.#values(vector, some, isOnly);
    const kind = kindOf(column.type);
    const isMeasured = kind === 'number' || kind === 'time';
    return {
      nulls: rows - some.present,
      present: some.present,
      ...this.#extremes(vector, some),
      numbers: kind === 'number' && some.count > 0 ? this.#numbers(vector, some) : null,
      lengths: kind === 'text' && some.count > 0 ? this.#lengths(vector, some) : null,
      values,
      registers: values === null && !isUnique ? (registers ?? this.#sketch(vector, some)) : null,
      sample: values === null && isMeasured ? this.#sample(vector, rows) : null,
    };
  }

  /** The entries of all rows, each for itself. */
  #rowsOf({ ids, nullCount }: ColumnVector, rows: number): WeightedEntries {
    if (nullCount === 0) return { count: rows, present: rows, ids: ids.byteOffset, weights: 0 };
    const of = this.#ids.reserve(rows);
    const { functions } = this.#kernel;
    const count = functions.gatherPresent(ids.byteOffset, rows, of.byteOffset);
    return { count, present: count, ids: of.byteOffset, weights: 0 };
  }

  /** The entries that rows use, with the number of these. */
  #usedOf({ ids: { byteOffset }, entries }: ColumnVector, rows: number): WeightedEntries {
    const { functions } = this.#kernel;
    const counts = this.#counts.reserve(4 * (entries.count + 1)).byteOffset;
    const ids = this.#ids.reserve(entries.count + 1).byteOffset;
    const weights = this.#weights.reserve(entries.count + 1).byteOffset;
    const count = functions.countUses(byteOffset, rows, counts, entries.count, ids, weights);
    return { count, present: functions.presentCount.value, ids, weights };
  }

  /**
   * Whether the entries that were sketched last are surely too many different values. Those that are not distinct may be fewer values
   * than entries; twice as many as are counted is far beyond the error of the sketch.
   */
  #areMany(): boolean {
    const { byteOffset, length } = this.#registers;
    return this.#kernel.functions.filledRegisters(byteOffset, length) > this.#filledMax;
  }

  /** Null where there are too many. Entries may repeat one another, so it is values that are counted. */
  #values(vector: ColumnVector, some: WeightedEntries, isOnly: boolean): TalliedValues | null {
    const { valuesMax, charactersMax } = this.#limits;
    const read = rawReader(vector.entries);
    const places = mayRepeat(vector) ? new Map<RawValue, number>() : null;
    const raws: RawValue[] = [];
    const counts: number[] = [];
    const at: number[] = [];
    let characters = 0;
    for (let i = 0; i < some.count; i++) {
      const raw = read(this.#ids.numbers[i]!);
      const count = this.#weights.numbers[i]!;
      const place = places?.get(raw);
      if (place !== undefined) {
        counts[place]! += count;
        continue;
      }
      characters += typeof raw === 'string' ? raw.length : 0;
      if (raws.length === valuesMax || characters > charactersMax) return null;
      places?.set(raw, raws.length);
      at.push(i);
      raws.push(raw);
      counts.push(count);
    }
    return { raws, counts, cells: isOnly ? null : this.#cellsOf(vector, some, at) };
  }

  /** Where the values go in a sketch that stand at some places of the entries. */
  #cellsOf({ entries: of }: ColumnVector, { ids, count }: WeightedEntries, at: number[]): number[] {
    const { storage, entries, offsets, width } = kernelEntries(of);
    const cells = this.#cells.reserve(count + 1);
    this.#kernel.functions.placeEntries(
      ...([storage, entries, offsets, width, ids, count] as const),
      ...([this.#registers.length, cells.byteOffset] as const),
    );
    return at.map((place) => cells[place]! >>> 0);
  }

  #sketch({ entries: of }: ColumnVector, { ids, count }: WeightedEntries): Uint8Array {
    const { storage, entries, offsets, width } = kernelEntries(of);
    this.#registers.fill(0);
    this.#kernel.functions.sketchEntries(
      ...([storage, entries, offsets, width, ids, count] as const),
      ...([this.#registers.length, this.#registers.byteOffset] as const),
    );
    const kept = new Uint8Array(...this.#keep(this.#registers.length), this.#registers.length);
    kept.set(this.#registers);
    return kept;
  }

  #extremes(
    vector: ColumnVector,
    { ids, count }: WeightedEntries,
  ): Pick<ColumnTally, 'least' | 'greatest'> {
    const { entries } = vector;
    const extremes = count === 0 ? null : findExtremes(this.#kernel, entries, ids, count);
    vector.extremes = extremes;
    if (extremes === null) return { least: null, greatest: null };
    const read = rawReader(entries);
    return { least: cut(read(extremes.least)), greatest: cut(read(extremes.greatest)) };
  }

  #sample({ ids, entries: of }: ColumnVector, rows: number): ValueSample {
    const { sampleRows } = this.#limits;
    const { storage, entries, width } = kernelEntries(of);
    const share = Math.max(1, rows / sampleRows);
    const at = this.#sampled.byteOffset;
    const count = this.#kernel.functions.sampleNumbers(
      ...([storage, entries, width, ids.byteOffset, rows, share, at] as const),
    );
    const kept = new Float64Array(...this.#keep(count * Float64Array.BYTES_PER_ELEMENT), count);
    kept.set(this.#kernel.float64At(at, count));
    return sampleOf(kept, share);
  }

  /** Room for so many bytes, a multiple of eight: a buffer and where in it. */
  #keep(bytes: number): [ArrayBuffer, number] {
    if (this.#keptBytes + bytes > this.#kept.byteLength) {
      this.#kept = new ArrayBuffer(Math.max(KEPT_BYTES, bytes));
      this.#keptBytes = 0;
    }
    const at = this.#keptBytes;
    this.#keptBytes += bytes;
    return [this.#kept, at];
  }

  #numbers(vector: ColumnVector, some: WeightedEntries): ColumnTally['numbers'] {
    const { functions } = this.#kernel;
    const { storage, entries, width } = kernelEntries(vector.entries);
    const { ids, count, weights, present } = some;
    functions.sumNumbers(storage, entries, width, ids, count, weights, present);
    return {
      mean: functions.numbersMean.value,
      squares: functions.numbersSquares.value,
      outside: this.#outside(vector, some),
    };
  }

  #outside({ entries: of, column }: ColumnVector, some: WeightedEntries): number {
    const bounds = this.#request.bounds[column.name];
    if (bounds === undefined) return 0;
    const { storage, entries, width } = kernelEntries(of);
    const { ids, count, weights } = some;
    const scale = 10 ** column.type.scale;
    return this.#kernel.functions.countOutside(
      ...([storage, entries, width, ids, count, weights] as const),
      ...([bounds[0] * scale, bounds[1] * scale] as const),
    );
  }

  #lengths({ entries: of }: ColumnVector, some: WeightedEntries): ColumnTally['lengths'] {
    const { functions } = this.#kernel;
    const { entries, offsets } = kernelEntries(of);
    functions.measureTexts(entries, offsets, of.count, some.ids, some.count, some.weights);
    return {
      min: functions.shortestText.value,
      max: functions.longestText.value,
      characters: functions.textCharacters.value,
    };
  }
}

/**
 * Whether most values have an entry of their own: to go over all rows is then cheaper than to count those of each entry first, which
 * took a sixth of the time of a profile.
 */
function hasEntryPerRow({ entries, distinct, nullCount }: ColumnVector, rows: number): boolean {
  return !distinct && 2 * entries.count > rows - nullCount;
}

/** Whether entries may be equal values: among those that serve as a dictionary the two zeros of a float are two. */
function mayRepeat({ distinct, entries: { storage } }: ColumnVector): boolean {
  return !distinct || storage === 'float' || storage === 'double';
}

function cut(raw: RawValue): RawValue {
  if (typeof raw !== 'string' || raw.length <= EXTREME_CHARACTERS) return raw;
  return Array.from(raw.slice(0, 2 * EXTREME_CHARACTERS))
    .slice(0, EXTREME_CHARACTERS)
    .join('');
}
