import type { ColumnBatch, ColumnVector } from '../columns/column-batch.ts';
import { kernelEntries } from '../columns/kernel-entries.ts';
import { KernelNumbers } from '../kernel/kernel-numbers.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { OutlierBounds } from '../schema/expectations.ts';
import { estimateDistinct } from './estimate-distinct.ts';
import { type ProfileLimits, profileLimits } from './profile-limits.ts';
import { type RawValue, rawValue } from '../columns/raw-value.ts';
import { kindOf } from './value-kind.ts';
import { sampleOf, type ValueSample } from './value-sample.ts';

/** What is wanted of a profile besides the usual. Plain data. */
export interface ProfileRequest {
  /** Columns of numbers, with the least and the greatest value that is usual; how many values lie outside is counted. */
  bounds: OutlierBounds;
  /** Columns of numbers, outside of which a row is diverted; left out where there are none. */
  diverted?: OutlierBounds;
  /** Columns of which all values are wanted, where they are not too many. */
  categories: readonly string[];
}

/** How often each of a few values comes, and where each goes in a sketch. */
export interface TalliedValues {
  raws: RawValue[];
  counts: number[];
  /** See sketchEntries in the kernel. */
  cells: number[];
}

/** What one column of a batch, or of several, holds. Plain data, which passes between threads; numbers are raw. */
export interface ColumnTally {
  nulls: number;
  present: number;
  least: RawValue | null;
  greatest: RawValue | null;
  /** Of numbers; `outside`: how many lie out of bounds. */
  numbers: { mean: number; squares: number; outside: number } | null;
  /** Of texts, in characters. */
  lengths: { min: number; max: number; characters: number } | null;
  /** Null where there are too many different ones: then there is a sketch of them. */
  values: TalliedValues | null;
  registers: Uint8Array | null;
  /** Of numbers and times, where there is a sketch. */
  sample: ValueSample | null;
}

/** A text is told by its beginning; cut so, the least stays the least. */
const EXTREME_CHARACTERS = 100;

/**
 * Goes over column batches on their way to the Parquet file. Most work is done once for each entry of a column, not for each row;
 * the loops are in the kernel. Holds some memory of the kernel.
 */
export class BatchTally {
  readonly #kernel: Kernel;
  readonly #limits: ProfileLimits;
  readonly #request: ProfileRequest;
  readonly #counts: KernelNumbers;
  readonly #used: KernelNumbers;
  readonly #cells: KernelNumbers;
  readonly #registers: Uint8Array;

  constructor(kernel: Kernel, columns: number, request: ProfileRequest) {
    this.#kernel = kernel;
    this.#limits = profileLimits(columns);
    this.#request = request;
    this.#counts = new KernelNumbers(kernel);
    this.#used = new KernelNumbers(kernel);
    this.#cells = new KernelNumbers(kernel);
    this.#registers = kernel.take(2 ** this.#limits.precision);
  }

  close(): void {
    for (const numbers of [this.#counts, this.#used, this.#cells]) numbers.close();
    this.#kernel.giveBack(this.#registers);
  }

  /** One for each column. */
  tally({ columns, rowCount }: ColumnBatch): ColumnTally[] {
    return columns.map((vector) => this.#tallyColumn(vector, rowCount));
  }

  #tallyColumn(vector: ColumnVector, rows: number): ColumnTally {
    const { functions } = this.#kernel;
    const { ids, entries, column } = vector;
    const counts = this.#counts.reserve(entries.count + 1);
    const used = functions.countUses(ids.byteOffset, rows, counts.byteOffset, entries.count);
    const present = functions.presentCount.value;
    const ofUsed = this.#used.reserve(used + 1);
    functions.usedEntries(counts.byteOffset, entries.count, ofUsed.byteOffset);
    // Values are only looked at where they may be few: a text or bigint of each takes longer than all the rest.
    const registers = used > this.#limits.valuesMax ? this.#sketch(vector, used) : null;
    const values = this.#isMany(vector, registers, rows) ? null : this.#values(vector, used);
    const kind = kindOf(column.type);
    const isMeasured = kind === 'number' || kind === 'time';
    const { sampleRows } = this.#limits;
    return {
      nulls: rows - present,
      present,
      ...this.#extremes(vector, used),
      numbers: kind === 'number' && used > 0 ? this.#numbers(vector, used) : null,
      lengths: kind === 'text' && used > 0 ? this.#lengths(vector, used) : null,
      values,
      registers: values === null ? (registers ?? this.#sketch(vector, used)) : null,
      sample: values === null && isMeasured ? sampleOf(vector, rows, sampleRows) : null,
    };
  }

  /**
   * Whether there are surely too many different values. Entries that are not distinct may be fewer values than entries; their
   * number is estimated, and twice as many as allowed is far beyond the error of that.
   */
  #isMany({ distinct }: ColumnVector, registers: Uint8Array | null, rows: number): boolean {
    if (registers === null) return false;
    return distinct || estimateDistinct(registers, rows) > 2 * this.#limits.valuesMax;
  }

  /** Null where there are too many. Entries may repeat one another, so it is values that are counted. */
  #values(vector: ColumnVector, used: number): TalliedValues | null {
    const { valuesMax, charactersMax } = this.#limits;
    const places = new Map<RawValue, number>();
    const found: TalliedValues = { raws: [], counts: [], cells: [] };
    const at: number[] = [];
    let characters = 0;
    for (let i = 0; i < used; i++) {
      const id = this.#used.numbers[i]!;
      const raw = rawValue(vector.entries, id);
      const count = this.#counts.numbers[id]!;
      const place = places.get(raw);
      if (place !== undefined) {
        found.counts[place]! += count;
        continue;
      }
      characters += typeof raw === 'string' ? raw.length : 0;
      if (places.size === valuesMax || characters > charactersMax) return null;
      places.set(raw, at.length);
      at.push(i);
      found.raws.push(raw);
      found.counts.push(count);
    }
    const cells = this.#cells.reserve(used + 1);
    this.#enter(vector, used, cells.byteOffset);
    found.cells = at.map((i) => cells[i]! >>> 0);
    return found;
  }

  #sketch(vector: ColumnVector, used: number): Uint8Array {
    this.#registers.fill(0);
    this.#enter(vector, used, 0);
    return new Uint8Array(this.#registers);
  }

  #enter({ entries: of }: ColumnVector, used: number, cells: number): void {
    const { storage, entries, offsets, width } = kernelEntries(of);
    this.#kernel.functions.sketchEntries(
      ...([storage, entries, offsets, width, this.#used.numbers.byteOffset, used] as const),
      ...([this.#limits.precision, this.#registers.byteOffset, cells] as const),
    );
  }

  #extremes({ entries: of }: ColumnVector, used: number): Pick<ColumnTally, 'least' | 'greatest'> {
    if (used === 0) return { least: null, greatest: null };
    const { functions } = this.#kernel;
    const { storage, entries, offsets, width } = kernelEntries(of);
    const { byteOffset } = this.#used.numbers;
    const hasOrder = functions.findExtremes(storage, entries, offsets, width, byteOffset, used);
    if (hasOrder === 0) return { least: null, greatest: null };
    const value = (id: number): RawValue => cut(rawValue(of, id));
    return { least: value(functions.leastId.value), greatest: value(functions.greatestId.value) };
  }

  #numbers({ entries: of, column }: ColumnVector, used: number): ColumnTally['numbers'] {
    const { functions } = this.#kernel;
    const { storage, entries, width } = kernelEntries(of);
    const [low, high] = this.#request.bounds[column.name] ?? [-Infinity, Infinity];
    const scale = 10 ** column.type.scale;
    const { numbers: ids } = this.#used;
    const { numbers: counts } = this.#counts;
    functions.sumNumbers(
      ...([storage, entries, width, ids.byteOffset, used, counts.byteOffset] as const),
      ...([low * scale, high * scale] as const),
    );
    return {
      mean: functions.numbersMean.value,
      squares: functions.numbersSquares.value,
      outside: functions.numbersOutside.value,
    };
  }

  #lengths({ entries: of }: ColumnVector, used: number): ColumnTally['lengths'] {
    const { functions } = this.#kernel;
    const { entries, offsets } = kernelEntries(of);
    const [ids, counts] = [this.#used.numbers.byteOffset, this.#counts.numbers.byteOffset];
    functions.measureTexts(entries, offsets, of.count, ids, used, counts);
    return {
      min: functions.shortestText.value,
      max: functions.longestText.value,
      characters: functions.textCharacters.value,
    };
  }
}

function cut(raw: RawValue): RawValue {
  if (typeof raw !== 'string' || raw.length <= EXTREME_CHARACTERS) return raw;
  return Array.from(raw.slice(0, 2 * EXTREME_CHARACTERS))
    .slice(0, EXTREME_CHARACTERS)
    .join('');
}
