import { nearest } from '../core/nearest.ts';
import type { NulForm } from './describe-fault.ts';

/** Names that are looked at for one that is meant, so that a header of a million names costs no time. */
const NAMES_MAX = 200;

/** For names that the schema does not know the one of those missing that each probably means; no one is meant twice. */
export function meantNames(
  unknown: readonly string[],
  missing: readonly string[],
): Map<string, string> {
  const free = new Set(missing.slice(0, NAMES_MAX));
  const meant = new Map<string, string>();
  for (const name of unknown.slice(0, NAMES_MAX)) {
    const [best] = nearest(name, free, 1);
    if (best === undefined) continue;
    free.delete(best);
    meant.set(name, best);
  }
  return meant;
}

/** What a first line looks like that names no column at all. `readings`: its values under each delimiter. */
export function firstLineHint(
  readings: readonly { names: readonly string[]; delimiter: string }[],
  columnNames: readonly string[],
): string | null {
  const most = readings.toSorted((a, b) => b.names.length - a.names.length)[0];
  if (most === undefined) return null;
  if (readings.some(({ names }) => names[0]?.startsWith('sep='))) {
    return 'The first line looks like the "sep=" line of Excel: take it out.';
  }
  if (most.names.some(isNoName)) {
    const example =
      most.names.length === columnNames.length && columnNames.length <= NAMES_MAX
        ? `, such as ${columnNames.join(most.delimiter)} if they are in the order of the schema`
        : '';
    return `The first line looks like data, so the header seems to be missing: put a line with the names of the columns above it${example}.`;
  }
  if (most.names.length === 1 && columnNames.length > 1) {
    return 'The first line has one value only: it looks like a title above the header, which has to go, or like a file with another delimiter.';
  }
  return null;
}

/** Whether a value is a number or a date, which name no column. */
function isNoName(value: string): boolean {
  return /^[+-]?\d+([.,]\d+)*$|^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}/.test(value);
}

/** What the first bytes of a file that holds NUL bytes look like. */
export function nulFormOf(bytes: Uint8Array): NulForm {
  const [first, second, third, fourth] = bytes;
  if (first === 0x1f && second === 0x8b) return 'gzip';
  if (first === 0x28 && second === 0xb5 && third === 0x2f && fourth === 0xfd) return 'zstd';
  if (first === 0x50 && second === 0x4b && third === 3 && fourth === 4) return 'zip';
  return looksLikeUtf16(bytes) ? 'utf-16' : 'unknown';
}

/** Whether bytes look like UTF-16 without a mark: Latin letters have a zero as every second byte. */
export function looksLikeUtf16(bytes: Uint8Array): boolean {
  const zeros = [0, 0] as [number, number];
  const length = Math.min(bytes.length, 256);
  for (let i = 0; i < length; i++) if (bytes[i] === 0) zeros[(i % 2) as 0 | 1]++;
  const [few, many] = [Math.min(...zeros), Math.max(...zeros)];
  return few === 0 && many > length / 4;
}
