import type { RotatingFile } from './rotating-file.ts';

export interface GapReport {
  /** Told when writing begins to fail. */
  broke: (error: unknown) => void;
  /** Gives the line that says how many lines are missing. */
  gapLine: (lost: number) => string;
  /** Told when that line is written. */
  mended: (lost: number) => void;
}

/**
 * One file of the conversion log that outlives a full disk: a line that cannot be written is counted, and as soon as
 * writing works again a line with the count goes in front of the next.
 */
export class LogSink {
  readonly #file: RotatingFile;
  readonly #report: GapReport;
  #lost = 0;

  constructor(file: RotatingFile, report: GapReport) {
    this.#file = file;
    this.#report = report;
  }

  /** Writes a line, which brings its own line feed. Never throws. */
  write(line: string): void {
    try {
      if (this.#lost > 0) {
        const lost = this.#lost;
        this.#file.write(this.#report.gapLine(lost));
        this.#lost = 0;
        this.#report.mended(lost);
      }
      this.#file.write(line);
    } catch (error) {
      if (this.#lost === 0) this.#report.broke(error);
      this.#lost++;
    }
  }

  release(): void {
    this.#file.release();
  }
}
