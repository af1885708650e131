import { asHopperError } from '../core/environment-error.ts';
import { HopperError } from '../errors/hopper-error.ts';
import type { ErrorCode } from '../errors/catalogue.ts';
import type { Dataset } from '../schema/dataset.ts';
import type {
  ConversionOutputs,
  ConversionResult,
  ConversionSettings,
  SourceIdentity,
  SourceState,
} from './conversion.ts';

/** What is given to a worker thread when it starts. */
export interface WorkerSettings {
  datasets: Dataset[];
  conversion: ConversionSettings;
}

/** What a worker thread can be asked. */
export type WorkerJob =
  | { kind: 'identify'; source: string }
  | {
      kind: 'convert';
      source: string;
      expected: SourceState;
      dataset: string;
      outputs: ConversionOutputs;
    };

export type WorkerAnswer =
  | { kind: 'identified'; identity: SourceIdentity }
  | { kind: 'converted'; result: ConversionResult }
  | { kind: 'failed'; error: WireError };

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
