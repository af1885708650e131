/** Words that people and programs write for "no value"; letter case counts, as it does in clean.null_words. */
const nullWords = new Set([
  '-',
  '--',
  '.',
  '?',
  '\\N',
  '#N/A',
  '#NA',
  '<NA>',
  'N/A',
  'n/a',
  'NA',
  'na',
  'NULL',
  'Null',
  'null',
  'None',
  'NONE',
  'none',
  'NaN',
  'NAN',
  'nan',
]);
const LENGTH_MAX = 4;

export function isNullWord(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > LENGTH_MAX) return false;
  return nullWords.has(String.fromCharCode(...bytes.subarray(start, end)));
}
