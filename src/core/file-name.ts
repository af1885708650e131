import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';

/** Longest file name of Linux's file systems, in bytes. */
export const NAME_BYTES_MAX = 255;

/**
 * `base` and `suffix` as one file name of at most `bytesMax` bytes. Where that is too long the end of the base goes, whole
 * characters at a time; of a suffix that is too long by itself, its end.
 */
export function fitName(base: string, suffix: string, bytesMax = NAME_BYTES_MAX): string {
  const room = Math.max(0, bytesMax - Buffer.byteLength(suffix));
  return cut(base, room) + cut(suffix, bytesMax);
}

/**
 * A name for a file that is being written, in the folder of the one that it becomes. Short, because the final name may
 * leave no room for more, and with a dot, which every reader of our folders passes over.
 */
export function temporaryBeside(path: string): string {
  return join(dirname(path), `.${randomBytes(8).toString('hex')}.tmp`);
}

/** Whether a file name is one that temporaryBeside gives. */
export function isTemporary(name: string): boolean {
  return /^\.[0-9a-f]{16}\.tmp$/.test(name);
}

function cut(text: string, bytesMax: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= bytesMax) return text;
  let end = bytesMax;
  // In UTF-8 every byte of a character but its first is 10xxxxxx.
  while (end > 0 && (bytes.readUInt8(end) & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}
