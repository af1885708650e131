import { HopperError } from '../errors/hopper-error.ts';

const FRAMES_MAX = 6;

/**
 * An error as the log has it. Only the words of a HopperError and of the operating system are written: a message from
 * elsewhere may quote a cell, as MySQL's "Duplicate entry 'x'" or a JSON parser do. Of those the code and, where there is
 * none, the places in the code are kept.
 */
export function serialiseError(error: unknown): Record<string, unknown> {
  if (error instanceof HopperError) {
    const { code, stage, message, hint } = error;
    const cause = error.cause === undefined ? {} : { cause: serialiseCause(error.cause) };
    return { code, stage, message, hint, ...cause };
  }
  return serialiseCause(error);
}

function serialiseCause(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error };
  if (error instanceof HopperError) return { code: error.code, message: error.message };
  if ('code' in error && typeof error.code === 'string') {
    const { code } = error;
    if ('sqlState' in error && typeof error.sqlState === 'string') {
      return { code, sqlState: error.sqlState };
    }
    // Node.js and mysql2 make these messages of their own words, paths and addresses.
    if ('syscall' in error || 'fatal' in error) return { code, message: error.message };
    return { code };
  }
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return { name: error.name, at: frames.slice(0, FRAMES_MAX).map((frame) => frame.trim()) };
}
