import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether certificates can be made here; under CI=true they must be. */
export const hasOpenssl =
  process.env['CI'] === 'true' || spawnSync('openssl', ['version']).status === 0;

/** A certificate authority that nobody knows, in a folder of its own. */
export class Authority {
  readonly #folder = mkdtempSync(join(tmpdir(), 'hopper-authority-'));
  /** Path of its own certificate. */
  readonly ca = join(this.#folder, 'ca.pem');
  readonly #key = join(this.#folder, 'ca.key');

  constructor() {
    const subject = ['-subj', '/CN=csv-hopper test authority', '-days', '2'];
    this.#openssl('req', '-x509', ...subject, ...newKey(this.#key), '-out', this.ca);
  }

  get caText(): string {
    return readFileSync(this.ca, 'utf8');
  }

  /** Options of a MariaDB server that it proves to be `name`. */
  serverFor(name: string): string[] {
    const path = (ending: string): string => join(this.#folder, `${name}.${ending}`);
    writeFileSync(path('ext'), `subjectAltName=DNS:${name}\n`);
    const request = ['-subj', `/CN=${name}`, ...newKey(path('key')), '-out', path('csr')];
    this.#openssl('req', '-new', ...request);
    const signer = ['-CA', this.ca, '-CAkey', this.#key, '-CAcreateserial', '-days', '2'];
    const signed = ['-in', path('csr'), '-extfile', path('ext'), '-out', path('pem')];
    this.#openssl('x509', '-req', ...signer, ...signed);
    return [`--ssl-cert=${path('pem')}`, `--ssl-key=${path('key')}`];
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }

  #openssl(...words: string[]): void {
    execFileSync('openssl', words, { cwd: this.#folder, stdio: 'pipe' });
  }
}

function newKey(path: string): string[] {
  return ['-newkey', 'rsa:2048', '-nodes', '-keyout', path];
}
