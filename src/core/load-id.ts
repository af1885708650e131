import { createHash } from 'node:crypto';

/**
 * The identity of a load: the same file name with the same content in the same dataset is the same load, whenever and
 * wherever it is dropped; `repetition`: unless it is loaded again on purpose, for the first time, the second and so on. 128 bits of a SHA-256, so that it costs 32 characters in each row of a table.
 */
export function loadIdOf(dataset: string, file: string, sha256: string, repetition = 0): string {
  // NUL cannot stand in a dataset or file name, so no two triples give the same text.
  const times = repetition === 0 ? '' : `\0${repetition}`;
  const identity = `${dataset}\0${file}\0${sha256}${times}`;
  return createHash('sha256').update(identity).digest('hex').slice(0, 32);
}
