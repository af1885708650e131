import { cellText } from '../columns/describe-cell.ts';
import type { RepeatedKey } from '../columns/key-rows.ts';
import { RowReader } from '../columns/row-reader.ts';
import type { Problem } from '../core/problem.ts';
import { type OpenSource, sourceReading } from './compare-rows.ts';

/** By what problems of a unique key are counted: the column, where it is one, else its columns together. */
export function kindOfKey(names: readonly string[]): ['unique', string | null, string | undefined] {
  return names.length === 1 ? ['unique', names[0]!, undefined] : ['unique', null, names.join(', ')];
}

/** Describes rows that repeat a unique key, whose values it reads in the source. */
export class RepeatedKeyProblems {
  readonly #source: OpenSource;
  readonly #lines: ReadonlyMap<number, number>;
  readonly #reader: RowReader;

  /** `lines`: those of earlier rows, by their positions, as far as they are known. */
  constructor(source: OpenSource, lines: ReadonlyMap<number, number>) {
    this.#source = source;
    this.#lines = lines;
    this.#reader = new RowReader(sourceReading(source));
  }

  /** The problem of a row that stands on `line`. */
  describe({ key, position, earlier }: RepeatedKey, line: number): Problem {
    const names = this.#source.dataset.uniqueKeys![key]!;
    const [rule, column, check] = kindOfKey(names);
    const cells = this.#cellsAt(position, names);
    const before = earlier === null ? undefined : this.#lines.get(earlier);
    const who = before === undefined ? 'an earlier row' : `line ${before}`;
    const isOne = column !== null;
    return {
      ...{ line, column, rule, value: isOne ? cells[0]!.value : null },
      ...(check !== undefined && { check, cells }),
      message: isOne
        ? `${column} has a value that ${who} has already.`
        : `${names.slice(0, -1).join(', ')} and ${names.at(-1)!} have the values together that ${who} has already.`,
      hint: 'Take out one of the two rows, or correct it.',
    };
  }

  #cellsAt(position: number, names: readonly string[]): { column: string; value: string }[] {
    const { dataset, plan } = this.#source;
    const block = this.#reader.rowAt(position);
    return names.map((name) => {
      const place = dataset.columns.findIndex((column) => column.name === name);
      const value = block.rowCount === 0 ? '' : cellText(block, 0, plan.header.fieldOf[place]!);
      return { column: name, value };
    });
  }
}
