/** The load file of a claim: its accepted rows as MySQL reads them. */
export const LOAD_FILE = '.rows.tsv';

/** The rows of a claim's source that are diverted. */
export const REJECT_FILE = '.rejects.csv';

/** Rows that the table refuses, by their places among the accepted ones, and in the source. */
export const REFUSED_FILE = '.refused';
export const REFUSED_SCRATCH_FILE = '.refused-rows';

/** Rows of a large source that are compared when all have been read. */
export const SCRATCH_FILE = '.spilled-rows';

/** The text of a source that is packed, or in another encoding than UTF-8, while it is converted. */
export const DECODED_FILE = '.decoded';

/** A file that nothing is wrong with, to see whether that can be converted. */
export const CONTROL_FILE = '.control.csv';

/** Why a claim waits; written and removed by the pipeline, read by `status`. */
export const PARKED_NOTE = '.parked.json';

/** What speaks against a claim's file that may have killed a process; the pipeline's, and kept at a start. */
export const TRIAL_NOTE = '.trial.json';

/** Says that a claim's source came from the archive; kept at a start. */
export const ARCHIVE_NOTE = '.from-archive.json';

/** In its place once the load is there again and the source goes back. */
export const RETURN_NOTE = '.to-archive.json';

/** Says that a claim's source is a drop of a file that was loaded before; kept at a start, also when the source is gone. */
export const REPETITION_NOTE = '.repetition.json';

/** What a start needs to go on with a claim, and does not remove while the source is there. */
export const claimNotes: ReadonlySet<string> = new Set([
  TRIAL_NOTE,
  ARCHIVE_NOTE,
  RETURN_NOTE,
  REPETITION_NOTE,
]);

/**
 * Whether a file in a claim's folder is one that csv-hopper makes there and can make again. A source never has such a
 * name, because the intake takes no dot files.
 */
export function isTransientName(name: string): boolean {
  return name.startsWith('.');
}
