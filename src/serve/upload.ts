// Takes a file that somebody sends over HTTP: one more way into the input folder, from which it goes on as any other. It is written under a
// hidden name in the folder of the claims, which is in the same file system and is not watched; made durable; and then gets its name, which
// nothing may have that waits.
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm, statfs } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Config } from '../config/config.ts';
import { syncFolder, syncPath } from '../core/durable-file.ts';
import { environmentError, systemCode } from '../core/environment-error.ts';
import { exists } from '../core/exists.ts';
import { NAME_BYTES_MAX } from '../core/file-name.ts';
import { counted } from '../core/counted.ts';
import { loadIdOf } from '../core/load-id.ts';
import { moveWithoutOverwriting } from '../core/move-file.ts';
import { visibleText } from '../core/visible-text.ts';
import { processingFolder } from '../daemon/processing-folder.ts';
import { unfinishedUploadPath } from '../daemon/unfinished-uploads.ts';
import { datasetRoute } from '../intake/dataset-route.ts';
import { isTemporaryName } from '../intake/ignored-name.ts';
import type { Dataset } from '../schema/dataset.ts';
import { HttpRefusal } from './http-refusal.ts';
import type { UploadedData } from './page-data.ts';

/** At the same time, of all callers. */
const UPLOADS_MAX = 8;
/** What must stay free of a disk. */
const SPARE_BYTES = 16 * 1024 * 1024;

export class Uploads {
  readonly #config: Config;
  readonly #bytesMax: number;
  readonly #route: (name: string) => Dataset | null;
  #underWay = 0;

  constructor(config: Config, bytesMax: number) {
    this.#config = config;
    this.#bytesMax = bytesMax;
    this.#route = datasetRoute(config.datasets);
  }

  /**
   * Receives a file of so many bytes, null where that is not said. Throws an HttpRefusal for one that cannot be taken, and
   * environment errors; nothing is left of it then.
   */
  async take(name: string, body: Readable, length: number | null): Promise<UploadedData> {
    const dataset = this.#datasetOf(name);
    await this.#checkRoom(name, length);
    if (this.#underWay >= UPLOADS_MAX) {
      throw new HttpRefusal(503, 'Too many files are being uploaded.', 'Try again in a moment.', {
        'retry-after': '2',
      });
    }
    this.#underWay++;
    const hidden = unfinishedUploadPath(processingFolder(this.#config));
    try {
      const { sha256, bytes } = await this.#receive(body, length, hidden);
      await this.#place(hidden, name);
      return {
        file: name,
        dataset: dataset.name,
        loadId: loadIdOf(dataset.name, name, sha256),
        bytes,
      };
    } catch (error) {
      if (error instanceof HttpRefusal) throw error;
      throw notTaken(name, error);
    } finally {
      this.#underWay--;
      await rm(hidden, { force: true });
    }
  }

  /** Throws an HttpRefusal for a name that no file may be dropped under. */
  #datasetOf(name: string): Dataset {
    const wrong = this.#wrongWith(name);
    if (wrong !== null) {
      throw new HttpRefusal(
        422,
        `The name ${visibleText(name)} ${wrong}.`,
        'Give the file another name.',
      );
    }
    const dataset = this.#route(name);
    if (dataset !== null) return dataset;
    const patterns = this.#config.datasets.map(({ match }) => match).join(', ');
    throw new HttpRefusal(
      422,
      `No dataset takes a file of the name ${name}.`,
      `Its name must match one of: ${patterns}.`,
    );
  }

  #wrongWith(name: string): string | null {
    const { input, failed, archive, receipts } = this.#config.folders;
    const own = [failed, archive, receipts].map((folder) => folder && relative(input, folder));
    if (name === '' || own.includes(name)) return 'is none for a file';
    if (/[/\\]/.test(name)) return 'leads to another folder';
    if (Buffer.byteLength(name) > NAME_BYTES_MAX) return `has more than ${NAME_BYTES_MAX} bytes`;
    // U+FFFD stands for what was no text.
    if (visibleText(name) !== name || name.includes('\ufffd'))
      return 'has characters that cannot be seen';
    if (isTemporaryName(name)) return 'is one of files that are not complete';
    return null;
  }

  async #checkRoom(name: string, length: number | null): Promise<void> {
    if (length !== null && length > this.#bytesMax) throw this.#tooLarge();
    if (await exists(join(this.#config.folders.input, name))) throw taken(name);
    const { bavail, bsize } = await statfs(this.#config.folders.input);
    if ((length ?? 0) + SPARE_BYTES > bavail * bsize) throw noRoom();
  }

  async #receive(
    body: Readable,
    length: number | null,
    path: string,
  ): Promise<{ sha256: string; bytes: number }> {
    const hash = createHash('sha256');
    let bytes = 0;
    const meter = new Transform({
      transform: (chunk: Buffer, _, done) => {
        bytes += chunk.length;
        hash.update(chunk);
        if (bytes > this.#bytesMax) done(this.#tooLarge());
        else done(null, chunk);
      },
    });
    try {
      await pipeline(body, meter, createWriteStream(path, { flags: 'wx' }));
    } catch (error) {
      if (error instanceof HttpRefusal || systemCode(error) !== undefined) throw error;
      throw endedEarly();
    }
    if (length !== null && length !== bytes) throw endedEarly();
    await syncPath(path);
    return { sha256: hash.digest('hex'), bytes };
  }

  async #place(hidden: string, name: string): Promise<void> {
    const { input } = this.#config.folders;
    if (!(await moveWithoutOverwriting(hidden, join(input, name)))) throw taken(name);
    await syncFolder(input);
  }

  #tooLarge(): HttpRefusal {
    return new HttpRefusal(
      413,
      `The file has more than ${counted(this.#bytesMax, 'byte')}.`,
      'Drop it into the input folder itself, or raise serve.upload_bytes_max.',
    );
  }
}

function taken(name: string): HttpRefusal {
  return new HttpRefusal(
    409,
    `A file of the name ${name} waits in the input folder already.`,
    'Try again when that one has been taken, or give this one another name.',
  );
}

function noRoom(): HttpRefusal {
  return new HttpRefusal(507, 'The disk has no room for this file.', 'Free space, then try again.');
}

/** The hints of the catalogue are for files that wait; of this one nothing is kept. */
function notTaken(name: string, error: unknown): HttpRefusal {
  const what = `${visibleText(name)} cannot be taken`;
  const { code, message } = environmentError(error, what, 'io_failed', { name });
  if (code === 'disk_full') return noRoom();
  return new HttpRefusal(
    503,
    message,
    'Nothing of it was kept: upload it again when that is over.',
  );
}

function endedEarly(): HttpRefusal {
  return new HttpRefusal(400, 'The upload has ended too early.', 'Upload the file again.');
}
