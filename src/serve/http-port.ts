// The port. It is opened as soon as it can be: where another program has it, files are taken all the same, the log says so once, and it
// is tried again until it is free. A client that is slow, or says nothing, is cut off.
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { backoffMs } from '../core/backoff.ts';
import { systemCode } from '../core/environment-error.ts';
import { hostInUrl, type ListenAddress } from '../core/listen-address.ts';
import type { ConversionLog } from '../log/conversion-log.ts';

export interface PortLimits {
  connections: number;
  headersMs: number;
  /** Without a byte in either direction. */
  quietMs: number;
  /** How often it is looked for those that took too long. */
  lookMs: number;
}

const usualLimits: PortLimits = {
  ...{ connections: 128, headersMs: 10_000, quietMs: 30_000, lookMs: 5000 },
};

const HEADERS_BYTES_MAX = 16 * 1024;
/** What is being answered at the end may take so long. */
const END_MS = 500;

export class HttpPort {
  readonly #address: ListenAddress;
  readonly #listener: RequestListener;
  readonly #log: ConversionLog;
  readonly #limits: PortLimits;
  #server: Server | null = null;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #closed = false;

  constructor(
    address: ListenAddress,
    listener: RequestListener,
    log: ConversionLog,
    limits = usualLimits,
  ) {
    this.#address = address;
    this.#listener = listener;
    this.#log = log;
    this.#limits = limits;
  }

  open(): void {
    const { connections, headersMs, quietMs, lookMs } = this.#limits;
    const server = createServer(
      {
        ...{ maxHeaderSize: HEADERS_BYTES_MAX, connectionsCheckingInterval: lookMs },
        // A file may take hours; whoever reads another body has a limit of their own.
        ...{ headersTimeout: headersMs, requestTimeout: 0 },
      },
      this.#listener,
    );
    server.maxConnections = connections;
    server.setTimeout(quietMs);
    server.on('error', (error) => {
      if (this.#server !== server) this.#retry(error);
    });
    server.listen(this.#address.port, this.#address.host, () => {
      if (this.#closed) {
        server.close();
        return;
      }
      this.#server = server;
      this.#failures = 0;
      const { port } = server.address() as AddressInfo;
      const url = `http://${hostInUrl(this.#address.host)}:${port}`;
      this.#log.info('serving', 'page, health and metrics over HTTP', { reason: url });
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const server = this.#server;
    if (server === null) return;
    const limit = setTimeout(() => {
      server.closeAllConnections();
    }, END_MS);
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeIdleConnections();
    });
    clearTimeout(limit);
  }

  #retry(error: Error): void {
    const { host, port } = this.#address;
    if (this.#failures === 0) {
      this.#log.warn('serving', 'the HTTP port cannot be opened, and is tried again', {
        reason: `${hostInUrl(host)}:${port} ${reasonOf(systemCode(error))}. Files are taken all the same.`,
        hint: 'Give serve.listen another port, or null for none.',
      });
    }
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      this.open();
    }, backoffMs(this.#failures++));
  }
}

function reasonOf(code: string | undefined): string {
  if (code === 'EADDRINUSE') return 'is in use by another program, maybe another csv-hopper';
  if (code === 'EACCES') return 'may not be opened by this user';
  if (code === 'EADDRNOTAVAIL') return 'is no address of this machine';
  return `cannot be opened: ${code ?? 'unknown error'}`;
}
