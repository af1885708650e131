import { createHmac } from 'node:crypto';

/** A notice as it is sent: with the same id and the same bytes at each attempt. */
export interface SealedNotice {
  id: string;
  /** ISO 8601, UTC. */
  sealedAt: string;
  body: string;
}

/**
 * The headers by which a receiver knows a notice again and, where there is a key, that it is ours and not an old one.
 * Spec: Standard Webhooks, https://www.standardwebhooks.com: HMAC-SHA256 over `<id>.<seconds>.<body>`, in base64.
 */
export function noticeHeaders(
  { id, body }: SealedNotice,
  key: Buffer | null,
  now: Date,
): Record<string, string> {
  const seconds = String(Math.floor(now.getTime() / 1000));
  const headers = { 'webhook-id': id, 'webhook-timestamp': seconds };
  if (key === null) return headers;
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  return { ...headers, 'webhook-signature': `v1,${signature}` };
}
