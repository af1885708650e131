import type { IncomingMessage } from 'node:http';
import type * as z from 'zod';
import { HttpRefusal } from './http-refusal.ts';

/** What an action has to say is a few names. */
export const BODY_BYTES_MAX = 64 * 1024;

/** Whether a request says that a body follows. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** How long it says that it is; null where it does not. */
export function lengthOf({ headers }: IncomingMessage): number | null {
  const length = headers['content-length'];
  return length === undefined ? null : Number(length);
}

/** Refuses one that is too large by what it says of itself. */
export function checkLength({ headers }: IncomingMessage): void {
  if (Number(headers['content-length'] ?? 0) > BODY_BYTES_MAX) throw tooLarge();
}

/** How long a body may take: the port limits no request as a whole, because a file may take hours. */
const BODY_MS_MAX = 30_000;

/** The whole body. Throws an HttpRefusal for one that is larger than it may be, or that does not come to its end in time. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  checkLength(request);
  const chunks: Buffer[] = [];
  let bytes = 0;
  const limit = setTimeout(() => {
    request.destroy();
  }, BODY_MS_MAX);
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > BODY_BYTES_MAX) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof HttpRefusal) throw error;
    throw new HttpRefusal(400, 'The request has ended too early.', 'Send it again.');
  } finally {
    clearTimeout(limit);
  }
  return Buffer.concat(chunks);
}

/** What a body says as JSON. Throws an HttpRefusal where that is something else. */
export function jsonBody<T>(body: Buffer, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(body.toString()));
  } catch {
    throw new HttpRefusal(400, 'The request cannot be read.', 'Load the page again.');
  }
}

function tooLarge(): HttpRefusal {
  return new HttpRefusal(413, `The body has more than ${BODY_BYTES_MAX} bytes.`, 'Send less.');
}
