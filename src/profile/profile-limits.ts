/** What a profile may hold of each column while it is made, so that its memory grows neither with the rows nor with the columns. */
export interface ProfileLimits {
  /** Up to so many different values are counted exactly, each with its rows; beyond that their number is estimated. */
  valuesMax: number;
  /** And up to so many characters of text in them. */
  charactersMax: number;
  /** 2^precision registers of a byte estimate the number of different values: the usual error is 1.6 % with 12, 6.5 % with 8. */
  precision: number;
  /** So many values of each batch stand for the others in quartiles and histogram. */
  sampleRows: number;
  /** And twice as many, of all batches. */
  sampleMax: number;
}

/** Beyond so many columns each has less. */
const COLUMNS_MANY = 512;
/** What a batch adds to a sample at least. */
const SAMPLE_ROWS_MIN = 64;

/** `batches`: how many a source has; of many, each has fewer values in the sample, which are twice as many as are kept all the same. */
export function profileLimits(columns: number, batches = 1): ProfileLimits {
  const isMany = columns > COLUMNS_MANY;
  const sampleMax = isMany ? 256 : 2048;
  const share = Math.max(SAMPLE_ROWS_MIN, Math.ceil((2 * sampleMax) / batches));
  return {
    valuesMax: isMany ? 50 : 1000,
    charactersMax: isMany ? 1 << 11 : 1 << 16,
    precision: isMany ? 8 : 12,
    sampleRows: Math.min(share, isMany ? 64 : 512),
    sampleMax,
  };
}
