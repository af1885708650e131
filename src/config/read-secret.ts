import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { SecretFile } from './config.ts';
import { readLine } from './read-text.ts';

/** The secrets of a configuration that lie in files of their own. */
export class SecretReader {
  readonly #credentials: string | undefined;
  /** Those that were read. */
  readonly files: SecretFile[] = [];

  constructor(environment: Readonly<Record<string, string | undefined>>) {
    this.#credentials = environment['CREDENTIALS_DIRECTORY'];
  }

  /**
   * What a file holds, without one newline at its end. Where systemd has handed it over as a credential (LoadCredential=, named after
   * the key without `_file`), it is read from there: then the file may belong to root alone, and one configuration serves the
   * service and an administrator's commands. In a list the entry goes by a name of its own, because places change. Throws
   * config_unreadable.
   */
  read(key: string, path: string, credential = key.replace(/_file$/, '')): string {
    this.files.push({ credential, path });
    const handed = this.#credentials === undefined ? null : join(this.#credentials, credential);
    return readLine(key, handed !== null && existsSync(handed) ? handed : path);
  }
}
