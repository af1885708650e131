/** How the cells of a column are written, where they are not as the type has it. Null, or an empty list: as usual. */
export interface CellFormat {
  /** Dates and times: a pattern such as `%d.%m.%Y`. See parsers/temporal-format.ts. */
  temporal: string | null;
  /** Numbers: what stands before the fraction, and between groups of three digits. */
  decimalChar: string | null;
  groupChar: string | null;
  /** BOOLEAN: the words for true and for false, lower-cased. */
  trueValues: readonly string[];
  falseValues: readonly string[];
  /** Words that mean "no value", beside the dataset's. */
  missingValues: readonly string[];
}

export const usualFormat: CellFormat = {
  temporal: null,
  decimalChar: null,
  groupChar: null,
  trueValues: [],
  falseValues: [],
  missingValues: [],
};

/** All words that mean "no value" in a column, the dataset's before its own. */
export function nullWordsOf(nullWords: readonly string[], format: CellFormat): string[] {
  return [...nullWords, ...format.missingValues];
}

/** Whether cells have to be rewritten before the type's parser reads them. */
export function isRewritten(format: CellFormat): boolean {
  const { temporal, decimalChar, groupChar, trueValues, falseValues } = format;
  const words = trueValues.length + falseValues.length;
  return temporal !== null || decimalChar !== null || groupChar !== null || words > 0;
}
