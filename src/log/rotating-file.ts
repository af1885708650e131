// A log file that is rotated by size and age. Lines come in; each is in the file, handed to the operating system, when
// write() returns, so that a killed process loses no line that it has written. The file always consists of whole lines but
// for the last: the part of a line that a full disk took is taken back, and what a crash left torn is ended with a line feed
// before the next line.
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { systemCode } from '../core/environment-error.ts';
import { logFile, nextRotatedFile, rotatedFiles, type LogExtension } from './rotated-files.ts';

export interface RotatingFileOptions {
  folder: string;
  extension: LogExtension;
  /** A line that would make the file larger goes into a new one. */
  rotateBytes: number;
  rotateDays: number;
  keepFiles: number;
  now: () => Date;
  /** Told once when rotating, or removing old files, begins to fail; lines go on into the file there is. */
  onRotationError: (error: unknown) => void;
}

interface OpenFile {
  descriptor: number;
  size: number;
  /** When its first line was written. */
  born: number;
  /** Whether its last line lacks the line feed. */
  torn: boolean;
}

const DAY_MS = 86_400_000;
const FIRST_LINE_BYTES = 4096;

export class RotatingFile {
  readonly #options: RotatingFileOptions;
  #file: OpenFile | null = null;
  #rotationFails = false;

  constructor(options: RotatingFileOptions) {
    this.#options = options;
  }

  /** Opens the file if it is not open. Throws what the system says. */
  open(): void {
    this.#opened();
  }

  /** Appends a line, which brings its own line feed. Throws what the system says, and leaves nothing of the line then. */
  write(line: string): void {
    const bytes = Buffer.from(line);
    let file = this.#opened();
    if (file.size > 0 && this.#isDue(file, bytes.length)) file = this.#rotate();
    if (file.torn) append(file, Buffer.from('\n'));
    append(file, bytes);
  }

  /** Lets go of the file; the next line goes into the file that then has the name, which may be a new one. */
  release(): void {
    if (this.#file !== null) closeSync(this.#file.descriptor);
    this.#file = null;
  }

  #opened(): OpenFile {
    const { folder, extension, now } = this.#options;
    this.#file ??= openLog(logFile(folder, extension), now());
    return this.#file;
  }

  #isDue(file: OpenFile, bytes: number): boolean {
    const { rotateBytes, rotateDays, now } = this.#options;
    return file.size + bytes > rotateBytes || now().getTime() - file.born >= rotateDays * DAY_MS;
  }

  #rotate(): OpenFile {
    const { folder, extension, keepFiles, now, onRotationError } = this.#options;
    try {
      renameSync(logFile(folder, extension), nextRotatedFile(folder, extension, now()));
      this.release();
      const rotated = rotatedFiles(folder, extension);
      for (const old of rotated.slice(0, Math.max(0, rotated.length - keepFiles))) unlinkSync(old);
      this.#rotationFails = false;
    } catch (error) {
      // Somebody has removed the file: lines would go on into nothing.
      if (systemCode(error) === 'ENOENT') this.release();
      if (!this.#rotationFails) onRotationError(error);
      this.#rotationFails = true;
    }
    return this.#opened();
  }
}

function openLog(path: string, now: Date): OpenFile {
  const descriptor = openSync(path, 'a+');
  try {
    const { size, birthtimeMs } = fstatSync(descriptor);
    if (size === 0) return { descriptor, size, born: now.getTime(), torn: false };
    const last = Buffer.alloc(1);
    readSync(descriptor, last, 0, 1, size - 1);
    const first = Buffer.alloc(FIRST_LINE_BYTES);
    const length = readSync(descriptor, first, 0, first.length, 0);
    const born = timeIn(first.toString('utf8', 0, length)) ?? birthtimeMs;
    return { descriptor, size, born, torn: last[0] !== 10 };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** The first time in a text: both logs have the time of their first event in front. */
function timeIn(text: string): number | null {
  const match = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/.exec(text);
  return match === null ? null : Date.parse(match[0]);
}

function append(file: OpenFile, bytes: Buffer): void {
  let written = 0;
  try {
    while (written < bytes.length) written += writeSync(file.descriptor, bytes, written);
  } catch (error) {
    if (written > 0) takeBack(file, written);
    throw error;
  }
  file.size += written;
  file.torn = false;
}

/** A program that reads the log line by line should not meet half an event. */
function takeBack(file: OpenFile, bytes: number): void {
  file.torn = true;
  // What another process wrote behind it must stay; the piece is then ended before the next line.
  if (fstatSync(file.descriptor).size !== file.size + bytes) return;
  ftruncateSync(file.descriptor, file.size);
  file.torn = false;
}
