import type { BigIntStats } from 'node:fs';

/** Enough for a file that came complete; only guards against a look at the very instant of its arrival. */
export const SHORT_QUIET_MS = 50;

/** By how much the inode's time must be past the content's to tell a rename or chmod from a write. */
const TOUCH_AFTER_WRITE_NS = 20_000_000n;

/** What changes when a file is written, replaced, renamed or given other attributes. */
export interface FileMark {
  dev: bigint;
  ino: bigint;
  bytes: bigint;
  mtimeNs: bigint;
  ctimeNs: bigint;
  /** Of 512 bytes, on the disk. */
  blocks: bigint;
}

/** A file as it was first seen in its present form. */
export interface Observation {
  mark: FileMark;
  /** When it was first seen so, by the monotonic clock. */
  sinceMs: number;
  /** How long it must stay so to be settled. */
  quietMs: number;
}

/** The clocks at the time of a look: the monotonic one measures, the wall clock compares with times of files. */
export interface Look {
  monotonicMs: number;
  wallMs: number;
}

export interface QuietRule {
  quietMs: number;
  /** When the intake started, by the wall clock. */
  startedWallMs: number;
}

export function markOf(stats: BigIntStats): FileMark {
  const { dev, ino, size, mtimeNs, ctimeNs, blocks } = stats;
  return { dev, ino, bytes: size, mtimeNs, ctimeNs, blocks };
}

const BLOCK_BYTES = 512n;
/** Smaller files are read in no time, whatever they are. */
const HOLLOW_BYTES_MIN = 1n << 30n;
/** No file system compresses rows as far. */
const HOLLOW_FACTOR = 1000n;

/** Whether a file is a hole with next to nothing in it: of terabytes, which would be read for hours, and are all NUL. */
export function isHollow({ bytes, blocks }: FileMark): boolean {
  return bytes >= HOLLOW_BYTES_MIN && blocks * BLOCK_BYTES * HOLLOW_FACTOR < bytes;
}

export function sameMark(a: FileMark, b: FileMark): boolean {
  return (
    a.ino === b.ino &&
    a.bytes === b.bytes &&
    a.mtimeNs === b.mtimeNs &&
    a.ctimeNs === b.ctimeNs &&
    a.dev === b.dev
  );
}

/** Carries an observation on while the file stays as it was, and begins a new one when anything about it changed. */
export function observe(
  before: Observation | null,
  mark: FileMark,
  look: Look,
  rule: QuietRule,
): Observation {
  if (before !== null && sameMark(before.mark, mark)) return before;
  const complete = cameComplete(mark) || wasThereBefore(mark, look, rule);
  const quietMs = complete ? Math.min(SHORT_QUIET_MS, rule.quietMs) : rule.quietMs;
  return { mark, sinceMs: look.monotonicMs, quietMs };
}

export function isQuiet(observation: Observation, monotonicMs: number): boolean {
  return monotonicMs - observation.sinceMs >= observation.quietMs;
}

/**
 * A write sets both times to the same instant. Where the inode changed clearly later, the last thing that happened was a
 * rename, a chmod or a utimes, as at the end of a copy. An empty file says nothing: its writer may be about to begin.
 */
function cameComplete(mark: FileMark): boolean {
  return mark.bytes > 0n && mark.ctimeNs - mark.mtimeNs >= TOUCH_AFTER_WRITE_NS;
}

/**
 * A backlog has had its quiet period before the start. Only files older than the start count: later the wall clock is
 * not trusted, because a file server's may be behind ours by more than the quiet period.
 */
function wasThereBefore(mark: FileMark, look: Look, rule: QuietRule): boolean {
  const mtimeMs = Number(mark.mtimeNs / 1_000_000n);
  const ctimeMs = Number(mark.ctimeNs / 1_000_000n);
  return ctimeMs < rule.startedWallMs && look.wallMs - Math.max(mtimeMs, ctimeMs) > rule.quietMs;
}
