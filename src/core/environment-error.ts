import { HopperError } from '../errors/hopper-error.ts';
import type { ErrorCode } from '../errors/catalogue.ts';

/** The code of a failed system call, such as ENOENT; undefined for any other error. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('syscall' in error)) return undefined;
  return (error as NodeJS.ErrnoException).code;
}

/**
 * Makes a HopperError of a failed call on a file or folder: `disk_full`, `too_many_open_files` and `folder_unusable` where the
 * system says so, otherwise `otherwise`. The message ends in the system's own word for the cause.
 */
export function environmentError(
  cause: unknown,
  failed: string,
  otherwise: ErrorCode,
  details: Record<string, unknown>,
): HopperError {
  const code = systemCode(cause);
  return new HopperError(codes.get(code) ?? otherwise, {
    message: `${failed}: ${code ?? String(cause)}.`,
    ...(code === 'ENOTDIR' && {
      hint: 'Something that is no folder has the name of one: move it out of the way.',
    }),
    details: { ...details, system: code },
    cause,
  });
}

/**
 * Any error as a HopperError: one stays what it is, a failed system call is an error of the environment, and all else is
 * a defect of csv-hopper, for which the file at hand is not to blame.
 */
export function asHopperError(error: unknown): HopperError {
  if (error instanceof HopperError) return error;
  if (systemCode(error) === undefined) return new HopperError('defect', { cause: error });
  const { path, syscall, dest } = error as NodeJS.ErrnoException & { dest?: string };
  const where = path === undefined ? '' : ` on ${path}${dest === undefined ? '' : ` to ${dest}`}`;
  return environmentError(error, `The system call ${syscall}${where} failed`, 'io_failed', {
    path,
  });
}

const codes = new Map<string | undefined, ErrorCode>([
  ['ENOSPC', 'disk_full'],
  ['EDQUOT', 'disk_full'],
  ['EMFILE', 'too_many_open_files'],
  ['ENFILE', 'too_many_open_files'],
  ['EACCES', 'folder_unusable'],
  ['EPERM', 'folder_unusable'],
  ['EROFS', 'folder_unusable'],
  ['EXDEV', 'folder_unusable'],
  ['ENOTDIR', 'folder_unusable'],
]);
