import * as z from 'zod';
import { roles } from '../core/role.ts';
import { integer, oneOf, path, text } from './setting.ts';

const roleOrNone = ['none', ...roles] as const;

/** A word that stands in the log for somebody. */
function name() {
  return z
    .string()
    .regex(/^[\w.@+-]{1,64}$/, 'must be 1 to 64 letters, digits and . _ @ + -')
    .meta({ type: 'text' });
}

const token = z
  .strictObject({
    name: name().describe('Who uses it, as the log shall have it.'),
    role: oneOf(roles).describe(
      'What they may do: look; also upload; also retry and take back loads.',
    ),
    token: text()
      .optional()
      .describe('The token, 24 characters or more: openssl rand -hex 32 makes one.'),
    token_file: path()
      .optional()
      .describe('A file that holds the token; one newline at its end is cut off.'),
  })
  .refine((value) => (value.token === undefined) !== (value.token_file === undefined), {
    message: 'needs a token: give either token or token_file',
  });

const proxy = z.strictObject({
  peers: z
    .array(text())
    .min(1, 'must list at least one address')
    .meta({ type: 'list of addresses, such as 10.0.0.7 or 10.0.0.0/24' })
    .describe('From where the proxy connects. From anywhere else its header means nothing.'),
  user_header: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, 'must be the name of a header, such as X-Remote-User')
    .meta({ type: 'text' })
    .describe(
      'The header in which it says who somebody is. It must take that header out of what it is sent itself.',
    ),
  users: z
    .array(
      z.strictObject({
        name: name().describe('A user as the proxy names them.'),
        role: oneOf(roles).describe('What they may do.'),
      }),
    )
    .default([])
    .describe('Users with a role of their own.'),
  others: oneOf(roleOrNone)
    .default('none')
    .describe('What everybody else may do whom the proxy lets through.'),
});

/** What readers are told of the datasets, and how much a query may take. */
const data = z
  .strictObject({
    role: oneOf(roleOrNone)
      .default('viewer')
      .describe(
        'Who may look at rows of the datasets: explorer, SQL and questions. `none`: nobody, over HTTP.',
      ),
    questions: path()
      .default('queries')
      .describe('The folder of saved questions: files with SQL, see docs/DATA.md.'),
    timeout_ms: integer(100, 600_000)
      .default(30_000)
      .describe('The longest a query may take, in milliseconds; it is given up then.'),
    rows_max: integer(1, 100_000)
      .default(10_000)
      .describe('So many rows of an answer are shown; it says when there are more.'),
    download_rows_max: integer(1, 1_000_000_000)
      .default(1_000_000)
      .describe('A CSV download with more rows is broken off.'),
    memory_bytes_max: integer(512 << 20, 2 ** 40)
      .default(1 << 30)
      .describe('The most memory that a query may take. Each has a process of its own.'),
    at_once: integer(1, 16).default(2).describe('So many queries run side by side.'),
    waiting_max: integer(0, 10_000)
      .default(50)
      .describe('So many more may wait, half a minute at most; others are refused.'),
  })
  .prefault({});

/** The entry `serve`. */
export const serveSchema = z
  .strictObject({
    listen: text()
      .nullable()
      .default('127.0.0.1:9278')
      .describe(
        'Address and port of the page, health and metrics over HTTP; `null`: none. Port 0 is any free one, which the log tells. Beyond this machine only with tokens or a proxy.',
      ),
    hosts: z
      .array(text())
      .default([])
      .meta({ type: 'list of text' })
      .describe(
        'Further names by which it may be called, such as that of a reverse proxy. Calls under any other than these, its own address and localhost are refused; beyond this machine only if some are listed.',
      ),
    anonymous: oneOf(roleOrNone)
      .optional()
      .meta({ default: '`viewer`; `none` where there are tokens or a proxy' })
      .describe('What may be done from this machine without a token.'),
    tokens: z
      .array(token)
      .default([])
      .describe('Who may do what by a token, as `Authorization: Bearer` or as a password.'),
    upload_bytes_max: integer(1, 1_000_000_000_000)
      .default(1_000_000_000)
      .describe('The largest file that may be uploaded, in bytes.'),
    proxy: proxy
      .optional()
      .meta({ default: 'no header of a proxy means anything' })
      .describe('A reverse proxy that knows who somebody is.'),
    data,
  })
  .prefault({});

export type ServeValues = z.output<typeof serveSchema>;
