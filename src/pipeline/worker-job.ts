import type { Config } from '../config/config.ts';
import { asHopperError } from '../core/environment-error.ts';
import { HopperError } from '../errors/hopper-error.ts';
import type { ErrorCode } from '../errors/catalogue.ts';
import type { SourceForm } from '../decode/decode-file.ts';
import type { UnpackingLimits } from '../decode/unpack.ts';
import type { Dataset } from '../schema/dataset.ts';
import type { Beginning } from './begin-conversion.ts';
import { FINGERPRINT_BYTES_MAX, PIECE_BYTES_MAX } from './conversion-plan.ts';
import type {
  ConversionResult,
  ConversionSettings,
  ConversionTask,
  SourceIdentity,
  SourceState,
} from './conversion.ts';
import type { PieceResult } from './piece-result.ts';
import type { SourceReading, UnreadSource } from './read-source.ts';

/** What is given to a worker thread when it starts. */
export interface WorkerSettings {
  datasets: Dataset[];
  conversion: ConversionSettings;
  unpacking: UnpackingLimits;
  /** Whether other processes go first: a database server on the same machine. */
  givesWay: boolean;
}

export function workerSettings({ database, datasets, parquet, convert }: Config): WorkerSettings {
  const { lineBytesMax, problemsMax } = convert;
  const limits = { pieceBytesMax: PIECE_BYTES_MAX, fingerprintBytesMax: FINGERPRINT_BYTES_MAX };
  const conversion = { ...parquet, lineBytesMax, problemsMax, ...limits };
  const unpacking = { bytesMax: convert.unpackedBytesMax, ratioMax: convert.unpackedRatioMax };
  return { datasets, conversion, unpacking, givesWay: database !== null };
}

/** A conversion between threads: the dataset by its name, because the worker has it. */
export type WorkerTask = Omit<ConversionTask, 'dataset'> & { dataset: string };

/** What a worker thread can be asked. */
export type WorkerJob =
  | { kind: 'identify'; source: string }
  | ({ kind: 'read'; dataset: string } & UnreadSource)
  | { kind: 'decode'; task: WorkerTask; form: SourceForm }
  /** The whole conversion, or its steps. */
  | { kind: 'convert'; task: WorkerTask }
  | { kind: 'begin'; task: WorkerTask }
  | { kind: 'piece'; task: WorkerTask; beginning: Beginning; piece: number }
  | { kind: 'settle'; task: WorkerTask; beginning: Beginning }
  | { kind: 'finish'; task: WorkerTask; beginning: Beginning; pieces: PieceResult[] };

/** What a worker thread says first: from here on its end may be a file's doing. */
export const STARTED = 'started';

/** The answer to each kind of job. */
export interface WorkerAnswers {
  identify: SourceIdentity;
  read: SourceReading;
  /** Of the decoded file, or why there is none. */
  decode: SourceState | ConversionResult;
  convert: ConversionResult;
  begin: Beginning | ConversionResult;
  piece: PieceResult;
  settle: Beginning | null;
  finish: ConversionResult;
}

export type WorkerAnswer<Kind extends WorkerJob['kind'] = WorkerJob['kind']> =
  { kind: 'done'; answer: WorkerAnswers[Kind] } | { kind: 'failed'; error: WireError };

/** Jobs that are sent together; `id`: of the reply to them. */
export interface WorkerMessage {
  id: number;
  jobs: WorkerJob[];
}

export interface WorkerReply {
  id: number;
  answers: WorkerAnswer[];
}

/** A HopperError between threads, where only plain data passes. A defect's stack stands in for its cause. */
export interface WireError {
  code: ErrorCode;
  message: string;
  hint: string;
  details: Record<string, unknown>;
  stack: string | null;
}

export function toWire(error: unknown): WireError {
  const { code, message, hint, details, cause } = asHopperError(error);
  const stack = code === 'defect' && cause instanceof Error ? (cause.stack ?? null) : null;
  return { code, message, hint, details, stack };
}

export function fromWire({ code, message, hint, details, stack }: WireError): HopperError {
  let cause: Error | undefined;
  if (stack !== null) {
    cause = new Error('in a worker thread');
    cause.stack = stack;
  }
  return new HopperError(code, { message, hint, details, cause });
}
