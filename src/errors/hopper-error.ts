import { catalogue, type ErrorCode, type Fault } from './catalogue.ts';

/** What an error may say besides its code: details are for people and the log, so they never hold cell values or secrets. */
export interface HopperErrorOptions {
  /** One sentence: what failed, on which file and line. Default: the catalogue's summary. */
  message?: string;
  /** What to do about it. Default: the catalogue's hint. */
  hint?: string;
  details?: Record<string, unknown>;
  cause?: unknown;
}

/**
 * The one error of csv-hopper. Its code is looked up in the catalogue, which says at which stage it happens and whose
 * fault it is; nothing decides by message text.
 */
export class HopperError extends Error {
  override readonly name = 'HopperError';
  readonly code: ErrorCode;
  readonly stage: string;
  readonly fault: Fault;
  readonly hint: string;
  readonly details: Record<string, unknown>;

  constructor(code: ErrorCode, options: HopperErrorOptions = {}) {
    const entry = catalogue[code];
    super(options.message ?? entry.summary, { cause: options.cause });
    this.code = code;
    this.stage = entry.stage;
    this.fault = entry.fault;
    this.hint = options.hint ?? entry.hint;
    this.details = options.details ?? {};
  }

  /** Whether the same work may succeed later without anybody changing the file or the configuration. */
  get retry(): boolean {
    return this.fault === 'environment';
  }
}
