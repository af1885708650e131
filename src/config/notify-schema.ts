import * as z from 'zod';
import { noticeKinds } from '../core/notice-kind.ts';
import { flag, integer, path, text } from './setting.ts';

const DAY_SECONDS = 86_400;
const TEN_MINUTES_MS = 600_000;

/** The entry `notify`. */
export const notifySchema = z
  .strictObject({
    url: text()
      .optional()
      .describe(
        'Where notices are sent: an https URL. It is treated as a secret. Give this or `url_file`.',
      ),
    url_file: path().optional().describe('A file that holds the URL.'),
    allow_http: flag()
      .default(false)
      .describe('Take a URL of plain http on another machine too, which anybody on the way reads.'),
    tls_ca: path()
      .optional()
      .meta({ default: 'the authorities that Node.js knows' })
      .describe(
        'A file with the certificates (PEM) of the authority that signed that of the receiver.',
      ),
    secret: text()
      .optional()
      .describe(
        'With what notices are signed: `whsec_` and 24 to 64 bytes in base64. Give this or `secret_file`, or neither.',
      ),
    secret_file: path().optional().describe('A file that holds the secret.'),
    events: z
      .array(z.enum(noticeKinds))
      .min(1, 'must list at least one event')
      .meta({ type: `list of ${noticeKinds.join(', ')}` })
      .default([...noticeKinds])
      .describe('What is told of; see NOTIFICATIONS.md.'),
    group_seconds: integer(1, DAY_SECONDS)
      .default(60)
      .describe('At most one notice is sent in this time, with all that has happened.'),
    timeout_ms: integer(100, TEN_MINUTES_MS)
      .default(10_000)
      .describe('How long the receiver may take to answer.'),
  })
  .refine((value) => (value.url === undefined) !== (value.url_file === undefined), {
    message: 'needs a receiver: give either url or url_file',
  })
  .refine((value) => value.secret === undefined || value.secret_file === undefined, {
    path: ['secret_file'],
    message: 'has no effect beside secret: give one of both',
  });

export type NotifyValues = z.output<typeof notifySchema>;
