import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { NotifyConfig } from '../config/config.ts';
import { version } from '../core/version.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { noticeHeaders, type SealedNotice } from './sign-notice.ts';

/**
 * Sends a notice once; resolves when the receiver has taken it (2xx). Redirects are not followed, because whoever answers could send
 * the notice anywhere, and certificates are always checked. Throws notice_undelivered, with nothing of the URL in it.
 */
export function postNotice(
  { url, ca, secret, timeoutMs }: NotifyConfig,
  notice: SealedNotice,
  signal: AbortSignal,
): Promise<void> {
  const { protocol } = new URL(url);
  const body = Buffer.from(notice.body);
  const options = {
    method: 'POST',
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'content-length': body.length,
      'user-agent': `csv-hopper/${version}`,
      ...noticeHeaders(notice, secret, new Date()),
    },
    // A connection of its own: one that was kept may be dead by the next notice.
    agent: false,
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  };
  const tls = { rejectUnauthorized: true, ...(ca === null ? {} : { ca }) };
  return new Promise((resolve, reject) => {
    const call =
      protocol === 'https:' ? requestHttps(url, { ...options, ...tls }) : requestHttp(url, options);
    call.on('response', (response) => {
      const status = response.statusCode ?? 0;
      // What it says besides is not read: it may be without end.
      response.on('error', () => undefined).destroy();
      if (status >= 200 && status < 300) resolve();
      else reject(undelivered(answer(status)));
    });
    call.on('error', (error) => {
      const code = 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error';
      const slow = signal.aborted ? 'no answer before the end' : `no answer within ${timeoutMs} ms`;
      reject(undelivered(code === 'ABORT_ERR' ? slow : code));
    });
    call.end(body);
  });
}

function answer(status: number): string {
  const isRedirect = status >= 300 && status < 400;
  return `HTTP ${status}${isRedirect ? ', a redirect, which is not followed' : ''}`;
}

function undelivered(why: string): HopperError {
  return new HopperError('notice_undelivered', {
    message: `The receiver of notices does not take them: ${why}.`,
  });
}
