import { fstatSync, readSync } from 'node:fs';

const CHUNK_BYTES = 64 * 1024;

export interface LastLines {
  /** Whole lines without their line feed, oldest first, at most `count`. */
  lines: string[];
  /** Where reading on begins: behind the last whole line. */
  offset: number;
}

/** Reads the last whole lines of an open file from its end, so that the cost is that of the lines and not of the file. */
export function lastLines(descriptor: number, count: number): LastLines {
  let position = fstatSync(descriptor).size;
  let tail = Buffer.alloc(0);
  // One line feed more than lines are asked for: the one in front of the first of them.
  while (position > 0 && lineFeeds(tail) <= count) {
    const length = Math.min(CHUNK_BYTES, position);
    position -= length;
    const chunk = Buffer.alloc(length);
    readSync(descriptor, chunk, 0, length, position);
    tail = Buffer.concat([chunk, tail]);
  }
  const end = tail.lastIndexOf(10) + 1;
  const lines = tail.toString('utf8', 0, end).split('\n').slice(0, -1);
  // What was read does not begin at a line's start, unless it is the whole file.
  const whole = position === 0 ? lines : lines.slice(1);
  return { lines: count === 0 ? [] : whole.slice(-count), offset: position + end };
}

function lineFeeds(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}
