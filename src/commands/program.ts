import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { version } from '../core/version.ts';
import { encodingNames } from '../core/encoding-name.ts';
import { visibleText } from '../core/visible-text.ts';
import type { CheckOptions } from './check.ts';
import type { CommonOptions } from './command.ts';
import type { Shell } from './completion.ts';
import type { InferOptions } from './infer.ts';
import type { IngestOptions } from './ingest.ts';
import type { LogOptions } from './log.ts';
import type { NotifyOptions } from './notify.ts';
import type { ProfileOptions } from './profile.ts';
import type { QueryOptions } from './query.ts';
import type { RehearseOptions } from './rehearse.ts';
import type { ReportOptions } from './report.ts';
import type { RetryOptions } from './retry.ts';
import type { ServiceAction, ServiceOptions } from './service.ts';
import type { StatusOptions } from './status.ts';

/**
 * The command line: names the commands and their options. What a command returns is handed to `onExitCode`; wrong usage
 * is printed and thrown as a CommanderError.
 */
export function buildProgram(onExitCode: (code: number) => void): Command {
  const program = new Command('csv-hopper')
    .description(
      'Turns CSV files dropped into a folder into typed Parquet files and rows in MySQL, exactly once.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .exitOverride()
    .configureOutput({ outputError: printUsageError })
    .showHelpAfterError('csv-hopper --help shows the commands.')
    .addHelpText('after', examples(['csv-hopper check', 'csv-hopper start']))
    .addHelpText('after', '\nExit codes: 0 done, 1 a file failed, 2 wrong usage or configuration.');

  const command = (usage: string, summary: string, samples: string[]): Command => {
    const added = program
      .command(usage)
      .summary(summary)
      .description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`)
      .option('--config <file>', 'the configuration', 'config/config.yaml')
      .addHelpText('after', examples(samples));
    return added.showHelpAfterError(`csv-hopper ${added.name()} --help shows how it is used.`);
  };
  // Each command loads its own code: DuckDB alone, which only query needs, took 95 ms of the 370 that an ingest of nothing took.
  const exitWith =
    <A extends unknown[]>(run: (...args: A) => Promise<number>) =>
    async (...args: A): Promise<void> => {
      onExitCode(await run(...args));
    };

  command('start', 'run the daemon: watch the input folder until SIGTERM or SIGINT', [
    'csv-hopper start',
    'csv-hopper start --config /etc/csv-hopper/config.yaml',
  ]).action(
    exitWith(async (options: CommonOptions) => (await import('./start.ts')).start(options)),
  );

  command(
    'ingest [file...]',
    'run the pipeline once: over the input folder, or over the files named',
    ['csv-hopper ingest', 'csv-hopper ingest exports/*.csv', 'csv-hopper ingest --lost'],
  )
    .option('--lost', 'only over the archived files of loads that check --ledger finds lost')
    .option(
      '--when-due <schedule>',
      'only if a run is due by "every 2 days at 06:00 from 2026-11-27"',
    )
    .action(
      exitWith(async (files: string[], options: IngestOptions) =>
        (await import('./ingest.ts')).ingest(files, options),
      ),
    );

  command(
    'check [file...]',
    'check configuration, schemas, folders and database, or files against their schema; writes nothing',
    ['csv-hopper check', 'csv-hopper check student-mat.csv', 'csv-hopper check --ledger'],
  )
    .option('--ledger', 'compare database, receipts and Parquet files, load by load')
    .action(
      exitWith(async (files: string[], options: CheckOptions) =>
        (await import('./check.ts')).check(files, options),
      ),
    );

  command('infer <file>', 'draft schema.yaml, schema_sql.yaml and the dataset entry from a file', [
    'csv-hopper infer new-orders.csv',
    'csv-hopper infer new-orders.csv --write schema',
  ])
    .option(
      '--name <dataset>',
      'name of the dataset and its table; otherwise made from the file name',
    )
    .addOption(
      new Option('--encoding <name>', 'how a file without a byte order mark is written').choices(
        encodingNames,
      ),
    )
    .option(
      '--delimiter <text>',
      'what stands between two values, or comma, semicolon, tab, pipe; otherwise found',
    )
    .option(
      '--write <folder>',
      'write the two schema files into this folder, over none that is there',
    )
    .action(
      exitWith(async (file: string, options: InferOptions) =>
        (await import('./infer.ts')).infer(file, options),
      ),
    );

  command('status', 'show what waits, runs, is parked or failed, and the last loads', [
    'csv-hopper status',
    'csv-hopper status --json',
  ])
    .option('--json', 'as JSON')
    .action(
      exitWith(async (options: StatusOptions) => (await import('./status.ts')).status(options)),
    );

  command('retry [file...]', 'put failed files, repaired or not, back into the input folder', [
    'csv-hopper retry student-mat.csv',
    'csv-hopper retry --all',
  ])
    .option('--all', 'every file in the failed folder')
    .action(
      exitWith(async (files: string[], options: RetryOptions) =>
        (await import('./retry.ts')).retry(files, options),
      ),
    );

  command('undo <loadId>', 'take one load back: out of MySQL, the Parquet files and the ledger', [
    'csv-hopper undo d00e65ea',
  ]).action(
    exitWith(async (loadId: string, options: CommonOptions) =>
      (await import('./undo.ts')).undo(loadId, options),
    ),
  );

  command('query [sql]', 'answer SQL over the Parquet files; each dataset is a table', [
    'csv-hopper query "SELECT COUNT(*) FROM student_data"',
    'csv-hopper query --file queries/1-mothers-jobs.sql --format csv',
  ])
    .option('--file <file>', 'read the SQL from a file')
    .addOption(
      new Option('--format <format>', 'how to print the result')
        .choices(['table', 'csv', 'json'])
        .default('table'),
    )
    .action(
      exitWith(async (sql: string | undefined, options: QueryOptions) =>
        (await import('./query.ts')).query(sql, options),
      ),
    );

  command(
    'report',
    'write what is in the datasets, with the answers to the saved questions, as one HTML file',
    ['csv-hopper report', 'csv-hopper report --dataset student_data --out students.html'],
  )
    .option('--dataset <name>', 'only of this dataset, and the questions about it')
    .option('--out <file>', 'the file to write', 'report.html')
    .action(
      exitWith(async (options: ReportOptions) => (await import('./report.ts')).report(options)),
    );

  command('notify', 'try the receiver of notices', ['csv-hopper notify --test'])
    .option('--test', 'send a notice that says nothing but that notices arrive')
    .action(
      exitWith(async (options: NotifyOptions) => (await import('./notify.ts')).notify(options)),
    );

  command('profile <what>', 'show what is in the columns of a load (by its id) or of a file', [
    'csv-hopper profile d00e65ea',
    'csv-hopper profile student-mat.csv --json',
  ])
    .option('--json', 'as JSON')
    .action(
      exitWith(async (what: string, options: ProfileOptions) =>
        (await import('./profile.ts')).profile(what, options),
      ),
    );

  command(
    'rehearse <schema>',
    'convert the archived files of a dataset under a changed schema, and tell what would newly fail; writes nothing',
    [
      'csv-hopper rehearse schema/orders-new.yaml',
      'csv-hopper rehearse schema/orders-new.yaml --dataset orders --last 30d',
    ],
  )
    .option('--dataset <name>', 'whose files; needed where there are several')
    .option('--last <count>', 'only loads of so many days (30d), or the last so many (100)')
    .option('--json', 'as JSON')
    .action(
      exitWith(async (schema: string, options: RehearseOptions) =>
        (await import('./rehearse.ts')).rehearse(schema, options),
      ),
    );

  command('service', 'make units for systemd: of the daemon, or of ingest with a timer', [
    'csv-hopper service print',
    'csv-hopper service install --run-as hopper',
    'csv-hopper service install --at 06:00 --every "2 days"',
    'csv-hopper service uninstall',
  ])
    .addArgument(
      new Argument('<action>', 'print, write or remove them').choices([
        'print',
        'install',
        'uninstall',
      ] satisfies ServiceAction[]),
    )
    .option('--name <name>', 'name of the units', unitName, 'csv-hopper')
    .option('--dir <folder>', 'where they are; otherwise where systemd looks for them')
    .option(
      '--user',
      'for the service manager of the user who calls, instead of that of the system',
    )
    .option(
      '--run-as <user>',
      'whom the service runs as; otherwise the owner of the input folder, or csv-hopper where that is root',
    )
    .option('--environment-file <file>', 'NAME=value lines that the configuration refers to')
    .option('--at <time>', 'no daemon, but ingest at this time of day, such as 06:00')
    .option('--every <period>', 'with --at: how often, such as "2 days"; otherwise every day')
    .option(
      '--from <date>',
      'with --every: the first day; otherwise the next one on which that time comes',
    )
    .action(
      exitWith(async (action: ServiceAction, options: ServiceOptions) =>
        (await import('./service.ts')).service(action, options),
      ),
    );

  command('log', 'print the conversion log, readable', [
    'csv-hopper log --lines 100',
    'csv-hopper log --follow',
  ])
    .option('-f, --follow', 'go on with what is added, until SIGINT')
    .option('-n, --lines <count>', 'how many events to begin with', wholeNumber, 20)
    .action(exitWith(async (options: LogOptions) => (await import('./log.ts')).log(options)));

  command('completion', 'print what a shell needs to complete commands and options', [
    'csv-hopper completion bash',
  ])
    .addArgument(
      new Argument('<shell>', 'bash, zsh or fish').choices([
        'bash',
        'zsh',
        'fish',
      ] satisfies Shell[]),
    )
    .action(
      exitWith(async (shell: Shell) =>
        (await import('./completion.ts')).completion(shell, program),
      ),
    );

  return program;
}

function examples(lines: string[]): string {
  return ['', 'Examples:', ...lines.map((line) => `  ${line}`)].join('\n');
}

/** Commander's text repeats what was typed, or what a script put there from a file name. */
function printUsageError(text: string, write: (text: string) => void): void {
  const lines = text
    .trimEnd()
    .replace(/^error: /, 'csv-hopper: ')
    .split('\n');
  write(lines.map((line) => `${visibleText(line)}\n`).join(''));
}

function unitName(text: string): string {
  if (/^[A-Za-z0-9][\w.-]{0,199}$/.test(text)) return text;
  throw new InvalidArgumentError('It may have letters, digits, dots, hyphens and underscores.');
}

function wholeNumber(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 0 to 999999.');
}
