import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import {
  createServer,
  type IncomingHttpHeaders,
  type RequestListener,
  type Server,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { NoticeGroup } from '../../src/notify/notice-group.ts';
import { until } from './until.ts';

export interface ReceivedNotice {
  headers: IncomingHttpHeaders;
  /** Byte for byte, which is what a signature is over. */
  text: string;
  type: string;
  data: NoticeGroup & { host: string; input: string };
}

/** What it answers to the nth call: a status, or nothing at all. */
export type Answer = (nth: number) => number | 'nothing';

/** A receiver of notices on this machine. */
export class NoticeReceiver {
  readonly received: ReceivedNotice[] = [];
  readonly #server: Server;

  /** `tls`: options of a MariaDB server, as test/support/certificates.ts gives them. */
  constructor(answer: Answer = () => 204, tls: string[] | null = null) {
    const listener: RequestListener = (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const body = JSON.parse(text) as Pick<ReceivedNotice, 'type' | 'data'>;
        const { headers } = request;
        this.received.push({ headers, text, type: body.type, data: body.data });
        const status = answer(this.received.length);
        if (status === 'nothing') return;
        response.writeHead(status, { location: 'http://127.0.0.1:9/elsewhere' }).end('thanks');
      });
    };
    const path = (start: string): string =>
      (tls ?? []).find((word) => word.startsWith(start))?.slice(start.length) ?? '';
    this.#server =
      tls === null
        ? createServer(listener)
        : createTlsServer(
            { cert: readFileSync(path('--ssl-cert=')), key: readFileSync(path('--ssl-key=')) },
            listener,
          );
  }

  /** Its port; by default any that is free. */
  async listen(port = 0): Promise<number> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  /** Waits for a notice of which this is true; gives all so far. */
  async notice(isMeant: (notice: ReceivedNotice) => boolean): Promise<ReceivedNotice> {
    return until(
      () => this.received.find(isMeant),
      () => `No such notice among: ${this.received.map(({ text }) => text).join('\n')}`,
    );
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** As docs/NOTIFICATIONS.md tells receivers to check a notice. */
export function isSignedBy(secret: string, { headers, text }: ReceivedNotice): boolean {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': given } = headers;
  const signed = `${String(id)}.${String(seconds)}.${text}`;
  const expected = createHmac('sha256', key).update(signed).digest();
  const isRecent = Math.abs(Date.now() / 1000 - Number(seconds)) < 300;
  return String(given)
    .split(' ')
    .some((one) => {
      const signature = Buffer.from(one.replace(/^v1,/, ''), 'base64');
      return (
        isRecent && signature.length === expected.length && timingSafeEqual(signature, expected)
      );
    });
}
