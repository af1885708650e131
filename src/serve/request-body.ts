import type { IncomingMessage } from 'node:http';
import { HttpRefusal } from './http-refusal.ts';

/** What an action has to say is a few names. */
export const BODY_BYTES_MAX = 64 * 1024;

/** Whether a request says that a body follows. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Refuses one that is too large by what it says of itself. */
export function checkLength({ headers }: IncomingMessage): void {
  if (Number(headers['content-length'] ?? 0) > BODY_BYTES_MAX) throw tooLarge();
}

/** The whole body. Throws an HttpRefusal for one that is larger than it may be, or that does not come to its end. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  checkLength(request);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > BODY_BYTES_MAX) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof HttpRefusal) throw error;
    throw new HttpRefusal(400, 'The request has ended too early.', 'Send it again.');
  }
  return Buffer.concat(chunks);
}

function tooLarge(): HttpRefusal {
  return new HttpRefusal(413, `The body has more than ${BODY_BYTES_MAX} bytes.`, 'Send less.');
}
