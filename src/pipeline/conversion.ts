import type { LoadFile, RowCounts } from '../core/load.ts';
import type { FoundProblems } from '../core/problem.ts';
import type { CodecName } from '../core/codec-name.ts';
import type { ByteOrderMark } from '../decode/byte-order-mark.ts';
import type { ProfileRequest } from '../profile/column-tally.ts';
import type { PackedProfile } from '../profile/packed-profile.ts';
import type { Dataset } from '../schema/dataset.ts';
import type { OutlierBounds } from '../schema/expectations.ts';

/** What a worker thread needs to know besides the job: the same for all files of a run. */
export interface ConversionSettings {
  codec: CodecName;
  rowGroupRows: number;
  lineBytesMax: number;
  problemsMax: number;
  /** The most bytes of a source that are converted as one piece. */
  pieceBytesMax: number;
  /** The most memory for telling whether rows repeat. */
  fingerprintBytesMax: number;
}

/** By which a source is known to be the same as when it was identified. */
export interface SourceState {
  bytes: number;
  /** Modification time in nanoseconds, as text because a number does not hold it. */
  mtimeNs: string;
}

/** What a source is: the content that a load stands for, as it was delivered. */
export interface SourceIdentity extends SourceState {
  /** 64 lower-case hexadecimal digits. */
  sha256: string;
  /** Of its first bytes. */
  mark: ByteOrderMark | null;
}

/** Where a conversion puts what it makes; null where it is not wanted. */
export interface ConversionOutputs {
  /** A temporary name in the file system of the output folder; complete, but not fsynced, when the conversion returns. */
  parquet: string | null;
  /** Path of the load files: each has the number of its piece behind it. */
  loadFile: string | null;
  /** Rows of at most so many bytes are not written to a load file, but kept in the result; default 0. */
  heldBytesMax?: number;
  /**
   * Path of the reject file, where the dataset diverts rows: before that is complete, each piece has a file of its name and
   * number. Left out: it is not wanted.
   */
  rejected?: string;
  /** Path of a transient file for rows that are compared late; made only for a file of millions of rows, and removed. */
  scratch: string;
  /** Path of a transient file for the text of a source that has to be decoded; made only for such a source, and removed. */
  decoded: string;
  /** Key-value metadata of the Parquet footer. */
  metadata: Record<string, string>;
  /** Left out where no profile is wanted. */
  profile?: ProfileRequest | undefined;
}

/**
 * The rows of a source that a table has refused: it is converted again, and they are rejected as rows that break a rule are. Paths
 * of files, so that memory does not grow with their number.
 */
export interface RefusedByTable {
  /** The list of those that are known by their positions in the source; null: there is none. */
  known: string | null;
  /** Transient files, one a piece, of those that are known by their places among the rows accepted the last time, `known` left out. */
  fresh: string | null;
  /** Where the list of all of them is put, complete but not fsynced; null: nowhere. */
  list: string | null;
  /** Transient files, one a piece, which the conversion makes. */
  scratch: string;
}

/** One file to convert. */
export interface ConversionTask {
  /** The text that is converted: the claimed file or, where that has to be decoded, what it was decoded to. */
  source: string;
  /** What it was when it was identified, or decoded. */
  expected: SourceState;
  dataset: Dataset;
  outputs: ConversionOutputs;
  /** Left out: no table has refused rows of it. */
  refused?: RefusedByTable;
}

/** One whose source is open for reading. */
export interface OpenTask extends ConversionTask {
  fd: number;
}

/** The rows of a source that were diverted, as a CSV file that can be repaired and dropped. */
export interface RejectFile {
  path: string;
  rows: number;
}

/** What came of a conversion. Files were written only if it is not refused. */
export interface ConversionResult extends FoundProblems {
  /** Whether the problems refuse the file as a whole; else their rows are diverted. */
  refused: boolean;
  /** Null where there are none, or nobody wants to see them. */
  rejects: RejectFile | null;
  counts: RowCounts;
  /** Name of the delimiter, null where the header did not read. */
  delimiter: string | null;
  parquetBytes: number;
  loadFiles: LoadFile[];
  /** Where one is wanted and the source is not refused. */
  profile?: PackedProfile;
  /** By which rows were rejected as outliers; left out where there are none. */
  outlierBounds?: OutlierBounds;
  /** Whether it is a part of an earlier source: the rows of that which were repaired. Left out: it is none. */
  isRejectFile?: true;
}
