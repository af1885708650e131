import type { Column } from '../schema/column-type.ts';
import type { ColumnTally, TalliedValues } from './column-tally.ts';
import { type ProfileLimits, profileLimits } from './profile-limits.ts';
import type { RawValue } from '../columns/raw-value.ts';
import { compareRaw } from './value-kind.ts';
import { RunningSample } from './running-sample.ts';
import { sampleOfCounts, sortedCounts } from './value-sample.ts';

/**
 * Puts the tallies of pieces together in the order of the source, whatever the order in which they come, so that a profile does
 * not depend on the number of threads. What it holds of those merged does not grow with their number.
 */
export class TallyMerger {
  readonly #merged: MergedColumn[];
  /** Of pieces that came before those in front of them: at most as many as there are threads. */
  readonly #early = new Map<number, readonly ColumnTally[][]>();
  #next = 0;

  constructor(columns: readonly Column[]) {
    const limits = profileLimits(columns.length);
    this.#merged = columns.map(() => new MergedColumn(limits));
  }

  /** `batches`: those of a piece, each with a tally for each column. */
  add(piece: number, batches: readonly ColumnTally[][]): void {
    this.#early.set(piece, batches);
    for (;;) {
      const next = this.#early.get(this.#next);
      if (next === undefined) return;
      this.#early.delete(this.#next++);
      for (const tallies of next) {
        for (const [column, tally] of tallies.entries()) this.#merged[column]!.add(tally);
      }
    }
  }

  /** One for each column. */
  tallies(): ColumnTally[] {
    return this.#merged.map((merged) => merged.tally());
  }
}

/** The tallies of one column so far. Most files have one batch: its tally is kept as it is until there is a second one. */
class MergedColumn {
  readonly #limits: ProfileLimits;
  #only: ColumnTally | null = null;
  #count = 0;
  #nulls = 0;
  #present = 0;
  #least: RawValue | null = null;
  #greatest: RawValue | null = null;
  #numbers: ColumnTally['numbers'] = null;
  #lengths: ColumnTally['lengths'] = null;
  /** Null once there are too many. */
  #values: Map<RawValue, { count: number; cell: number }> | null = new Map();
  #characters = 0;
  /** Null until there are too many values. */
  #sketch: { registers: Uint8Array; sample: RunningSample } | null = null;

  constructor(limits: ProfileLimits) {
    this.#limits = limits;
  }

  add(tally: ColumnTally): void {
    if (this.#count++ === 0) {
      this.#only = tally;
      return;
    }
    if (this.#only !== null) this.#merge(this.#only);
    this.#only = null;
    this.#merge(tally);
  }

  #merge(tally: ColumnTally): void {
    if (tally.numbers !== null) this.#addNumbers(tally.numbers, tally.present);
    if (tally.lengths !== null) this.#addLengths(tally.lengths);
    this.#nulls += tally.nulls;
    this.#present += tally.present;
    if (tally.least !== null && tally.greatest !== null) {
      if (this.#least === null || compareRaw(tally.least, this.#least) < 0) {
        this.#least = tally.least;
      }
      if (this.#greatest === null || compareRaw(tally.greatest, this.#greatest) > 0) {
        this.#greatest = tally.greatest;
      }
    }
    if (tally.values !== null) this.#addValues(tally.values);
    else this.#addSketch(tally);
  }

  tally(): ColumnTally {
    if (this.#only !== null) return this.#only;
    const values = this.#values;
    const sketch = values === null ? this.#sketched() : null;
    return {
      nulls: this.#nulls,
      present: this.#present,
      least: this.#least,
      greatest: this.#greatest,
      numbers: this.#numbers,
      lengths: this.#lengths,
      values: values && valuesOf(values),
      registers: sketch?.registers ?? null,
      sample: sketch?.sample.sample() ?? null,
    };
  }

  /** Spec: Chan, Golub and LeVeque, Updating Formulae and a Pairwise Algorithm for Computing Sample Variances, 1979. */
  #addNumbers({ mean, squares, outside }: NonNullable<ColumnTally['numbers']>, rows: number): void {
    const before = this.#numbers;
    if (before === null) {
      this.#numbers = { mean, squares, outside };
      return;
    }
    const all = this.#present + rows;
    const distance = mean - before.mean;
    this.#numbers = {
      mean: before.mean + (distance * rows) / all,
      squares: before.squares + squares + distance * distance * ((this.#present * rows) / all),
      outside: before.outside + outside,
    };
  }

  #addLengths({ min, max, characters }: NonNullable<ColumnTally['lengths']>): void {
    const before = this.#lengths ?? { min, max, characters: 0 };
    this.#lengths = {
      min: Math.min(before.min, min),
      max: Math.max(before.max, max),
      characters: before.characters + characters,
    };
  }

  #addValues(added: TalliedValues): void {
    const values = this.#values;
    if (values === null) {
      this.#sketchValues(added);
      return;
    }
    for (const [i, raw] of added.raws.entries()) {
      const known = values.get(raw);
      if (known !== undefined) known.count += added.counts[i]!;
      else {
        values.set(raw, { count: added.counts[i]!, cell: added.cells![i]! });
        this.#characters += typeof raw === 'string' ? raw.length : 0;
      }
    }
    const { valuesMax, charactersMax } = this.#limits;
    if (values.size > valuesMax || this.#characters > charactersMax) this.#giveUpValues();
  }

  #sketched(): { registers: Uint8Array; sample: RunningSample } {
    const { precision, sampleMax } = this.#limits;
    return (this.#sketch ??= {
      registers: new Uint8Array(2 ** precision),
      sample: new RunningSample(sampleMax),
    });
  }

  #addSketch({ registers, sample }: ColumnTally): void {
    if (this.#values !== null) this.#giveUpValues();
    const sketch = this.#sketched();
    if (registers !== null) raise(sketch.registers, registers);
    if (sample !== null) sketch.sample.add(sample);
  }

  #giveUpValues(): void {
    const values = this.#values;
    this.#values = null;
    if (values !== null) this.#sketchValues(valuesOf(values));
  }

  #sketchValues({ raws, counts, cells }: TalliedValues): void {
    const { registers, sample } = this.#sketched();
    for (const cell of cells!) {
      const register = cell >>> 6;
      registers[register] = Math.max(registers[register]!, cell & 63);
    }
    if (raws.some((raw) => typeof raw === 'string')) return;
    const counted = sortedCounts(raws.map(Number), counts);
    sample.add(sampleOfCounts(counted, this.#limits.sampleRows));
  }
}

/** A function of its own: V8 gave up the code of this loop, inside of the longer one, each time that it had ended. */
function raise(registers: Uint8Array, others: Uint8Array): void {
  for (let i = 0; i < registers.length; i++) {
    if (others[i]! > registers[i]!) registers[i] = others[i]!;
  }
}

function valuesOf(values: ReadonlyMap<RawValue, { count: number; cell: number }>): TalliedValues {
  return {
    raws: [...values.keys()],
    counts: Array.from(values.values(), ({ count }) => count),
    cells: Array.from(values.values(), ({ cell }) => cell),
  };
}
