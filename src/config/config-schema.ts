// The one declaration of the configuration: what comes in is the YAML file as text (see yaml-tree.ts), what goes out is
// typed, with every default filled in. Names, types, defaults and meanings in docs/CONFIG.md are made from it.
import { isIP } from 'node:net';
import { join } from 'node:path';
import * as z from 'zod';
import { codecNames } from '../core/codec-name.ts';
import { datasetSchema } from './dataset-schema.ts';
import { notifySchema } from './notify-schema.ts';
import { serveSchema } from './serve-schema.ts';
import { flag, integer, oneOf, path, text } from './setting.ts';
import { studentData } from './student-data.ts';
import { checkWriteKeys } from './write-keys.ts';

const MIB = 1024 * 1024;
/** The longest that a Node.js timer can wait, in milliseconds; a longer one would fire at once. */
const TIMER_MAX_MS = 2 ** 31 - 1;
const HOUR_MS = 3_600_000;

const database = z
  .strictObject({
    host: text().default('127.0.0.1').describe('Name or address of the MySQL or MariaDB server.'),
    port: integer(1, 65535).default(3306).describe('Its TCP port.'),
    user: text().describe('The user that csv-hopper logs in as.'),
    password: z
      .string()
      .meta({ type: 'text' })
      .optional()
      .describe('Its password. Give this or `password_file`.'),
    password_file: path()
      .optional()
      .describe('A file that holds the password; one newline at its end is cut off.'),
    database: text().describe('The database that the tables are in. It must exist.'),
    tls: flag()
      .default(false)
      .describe(
        'Encrypt the connection, and refuse a server whose certificate does not prove `database.host`.',
      ),
    tls_ca: path()
      .optional()
      .meta({ default: 'the authorities that Node.js knows' })
      .describe(
        'A file with the certificates (PEM) of the authority that signed that of the server.',
      ),
    connect_timeout_ms: integer(1, TIMER_MAX_MS)
      .default(10_000)
      .describe('How long a connection may take to open.'),
    query_timeout_ms: integer(1, TIMER_MAX_MS)
      .default(60_000)
      .describe(
        'How long a statement may take; afterwards its outcome is looked up before anything is repeated.',
      ),
  })
  .refine((value) => (value.password === undefined) !== (value.password_file === undefined), {
    message: 'needs a password: give either password or password_file',
  })
  .refine(({ tls, host }) => !tls || isIP(host) === 0, {
    path: ['host'],
    message: 'must be a name where tls is true, because a certificate is checked against a name',
  })
  .refine((value) => value.tls || value.tls_ca === undefined, {
    path: ['tls_ca'],
    message: 'has no effect without tls: true',
  });

const folders = z
  .strictObject({
    input: path().default('input_csv').describe('Where files are dropped.'),
    output: path()
      .default('output_parquet')
      .describe('Where Parquet files go, in one folder for each dataset.'),
    failed: path()
      .optional()
      .meta({ default: 'output_failed in the input folder' })
      .describe('Where files with wrong content go, with their reports.'),
    archive: path()
      .nullable()
      .optional()
      .meta({ default: 'archive in the input folder' })
      .describe('Where the sources of loaded files go; `null` deletes them.'),
    receipts: path()
      .nullable()
      .default(null)
      .describe(
        'Where senders find what became of each file, as `<file>.json`; `null`: they get no receipts. See NOTIFICATIONS.md.',
      ),
    logs: path().default('logs').describe('Where the conversion log is written.'),
  })
  .transform((given) => ({
    ...given,
    failed: given.failed ?? join(given.input, 'output_failed'),
    archive: given.archive === undefined ? join(given.input, 'archive') : given.archive,
  }))
  .prefault({});

export const configSchema = z.strictObject({
  database: database
    .optional()
    .meta({ default: 'no database: rows are queried straight from the Parquet files' }),
  folders,
  datasets: z
    .array(datasetSchema.superRefine(checkWriteKeys))
    .min(1, 'must list at least one dataset')
    .meta({ default: 'one dataset `student_data`, as config/config.yaml spells it out' })
    .prefault([studentData]),
  parquet: z
    .strictObject({
      codec: oneOf(codecNames)
        .default('zstd')
        .describe('How the pages of Parquet files are compressed.'),
      row_group_rows: integer(1, 1_048_576)
        .default(131_072)
        .describe('The most rows in a row group.'),
    })
    .prefault({}),
  intake: z
    .strictObject({
      quiet_ms: integer(0, HOUR_MS)
        .default(1000)
        .describe('How long a file must stay unchanged before it is taken.'),
      sweep_ms: integer(100, HOUR_MS)
        .default(10_000)
        .describe('The longest between two looks at the whole input folder.'),
      polling: flag()
        .default(false)
        .describe('Watch by polling, for network mounts that send no events.'),
    })
    .prefault({}),
  convert: z
    .strictObject({
      workers: integer(1, 256)
        .optional()
        .meta({
          default:
            'the number of processor cores; one fewer, but at least 1, where the database server is on this machine',
        })
        .describe('Worker threads that convert files side by side.'),
      line_bytes_max: integer(MIB, 1024 * MIB)
        .default(16 * MIB)
        .describe('A line with more bytes fails the file.'),
      problems_max: integer(1, 1_000_000)
        .default(1000)
        .describe('How many problems a report lists.'),
      unpacked_bytes_max: integer(MIB, 1024 * 1024 * MIB)
        .default(32 * 1024 * MIB)
        .describe(
          'A packed file (.gz, .zst, .zip) that becomes larger fails. While such a file is converted, its text lies in the input folder; so many files as there are workers may do so at a time.',
        ),
      unpacked_ratio_max: integer(1, 1_000_000)
        .default(500)
        .describe(
          'A packed file fails whose text is more than so many times as large; 64 MiB are never too much.',
        ),
    })
    .prefault({}),
  report: z
    .strictObject({
      values: oneOf(['shown', 'redacted'])
        .default('shown')
        .describe(
          'Whether the reports on failed files show the values at fault, or no value of the file at all.',
        ),
    })
    .prefault({}),
  serve: serveSchema,
  notify: notifySchema.optional().meta({ default: 'nobody is told' }),
  log: z
    .strictObject({
      rotate_bytes: integer(1024, 1024 * 1024 * MIB)
        .default(50 * MIB)
        .describe('A log file is rotated before it grows beyond this.'),
      rotate_days: integer(1, 3650)
        .default(7)
        .describe('A log file is rotated when it is older than this.'),
      keep_files: integer(0, 10_000)
        .default(10)
        .describe('How many rotated files of each log are kept.'),
    })
    .prefault({}),
});

export type ConfigValues = z.output<typeof configSchema>;
