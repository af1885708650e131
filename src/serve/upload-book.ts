import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Journal, parseLine } from '../core/journal.ts';
import { systemCode } from '../core/environment-error.ts';
import type { UploadedData } from './page-data.ts';

/** So much of its end is read, some 20,000 uploads. */
const BYTES_MAX = 4 * 1024 * 1024;

export interface Upload extends UploadedData {
  /** Who it was, as the log has them. */
  by: string;
  /** ISO 8601, UTC. */
  time: string;
}

/** Who has uploaded what: a journal beside the Parquet files, so that senders find what became of it after a restart too. */
export class UploadBook {
  readonly #path: string;
  readonly #journal: Journal<Upload>;
  #opened: Promise<void> | null = null;

  constructor(outputFolder: string) {
    this.#path = join(outputFolder, '.uploads.jsonl');
    this.#journal = new Journal(this.#path);
  }

  async add(upload: Upload): Promise<void> {
    try {
      this.#opened ??= this.#journal.open();
      await this.#opened;
    } catch (error) {
      // The next upload tries again.
      this.#opened = null;
      throw error;
    }
    await this.#journal.add(upload);
  }

  /** The last ones of somebody, the newest first. */
  async last(by: string, max: number): Promise<Upload[]> {
    const found: Upload[] = [];
    for (const text of (await this.#end()).split('\n').reverse()) {
      const line = parseLine(text);
      if (line !== null && isUpload(line) && line.by === by) found.push(line);
      if (found.length === max) break;
    }
    return found;
  }

  async close(): Promise<void> {
    await this.#opened?.catch(() => undefined);
    await this.#journal.close();
  }

  async #end(): Promise<string> {
    try {
      const handle = await open(this.#path, 'r');
      try {
        const { size } = await handle.stat();
        const length = Math.min(size, BYTES_MAX);
        const { buffer, bytesRead } = await handle.read(
          Buffer.alloc(length),
          0,
          length,
          size - length,
        );
        return buffer.toString('utf8', 0, bytesRead);
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return '';
      throw error;
    }
  }
}

function isUpload(line: object): line is Upload {
  const { by, time, file, loadId } = line as Record<string, unknown>;
  return [by, time, file, loadId].every((text) => typeof text === 'string');
}
