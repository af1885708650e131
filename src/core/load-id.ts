import { createHash } from 'node:crypto';

/**
 * The identity of a load: the same file name with the same content in the same dataset is the same load, whenever and
 * wherever it is dropped. 128 bits of a SHA-256, so that it costs 32 characters in each row of a table.
 */
export function loadIdOf(dataset: string, file: string, sha256: string): string {
  // NUL cannot stand in a dataset or file name, so no two triples give the same text.
  return createHash('sha256').update(`${dataset}\0${file}\0${sha256}`).digest('hex').slice(0, 32);
}
