#!/usr/bin/env node
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { check } from './commands/check.ts';
import { type CommonOptions, DONE, FILE_FAILED, printError, USAGE } from './commands/command.ts';
import { ingest } from './commands/ingest.ts';
import { log, type LogOptions } from './commands/log.ts';
import { query, type QueryOptions } from './commands/query.ts';
import { start } from './commands/start.ts';
import { status, type StatusOptions } from './commands/status.ts';
import { asHopperError } from './core/environment-error.ts';
import { version } from './core/version.ts';

/** The command line: names the commands and their options, and turns what they return or throw into an exit code. */
const program = new Command('csv-hopper')
  .description(
    'Turns CSV files dropped into a folder into typed Parquet files and rows in MySQL, exactly once.',
  )
  .version(version)
  .exitOverride()
  .showHelpAfterError('csv-hopper --help shows the commands.');

function command(usage: string, summary: string): Command {
  return program
    .command(usage)
    .description(summary)
    .option('--config <file>', 'the configuration', 'config/config.yaml');
}

function wholeNumber(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

let exitCode: number = DONE;
/** What a command returns becomes the exit code. */
function exitWith<A extends unknown[]>(run: (...args: A) => Promise<number>) {
  return async (...args: A): Promise<void> => {
    exitCode = await run(...args);
  };
}

command('start', 'run the daemon: watch the input folder until SIGTERM or SIGINT').action(
  exitWith((options: CommonOptions) => start(options)),
);

command(
  'ingest [file...]',
  'run the pipeline once: over the input folder, or over the files named',
).action(exitWith((files: string[], options: CommonOptions) => ingest(files, options)));

command(
  'check [file...]',
  'check configuration, schemas, folders and database, or files against their schema; writes nothing',
).action(exitWith((files: string[], options: CommonOptions) => check(files, options)));

command('status', 'show what waits, runs, is parked or failed, and the last loads')
  .option('--json', 'as JSON')
  .action(exitWith((options: StatusOptions) => status(options)));

command('query [sql]', 'answer SQL over the Parquet files; each dataset is a table')
  .option('--file <file>', 'read the SQL from a file')
  .addOption(
    new Option('--format <format>', 'how to print the result')
      .choices(['table', 'csv', 'json'])
      .default('table'),
  )
  .action(exitWith((sql: string | undefined, options: QueryOptions) => query(sql, options)));

command('log', 'print the conversion log, readable')
  .option('-f, --follow', 'go on with what is added')
  .option('-n, --lines <count>', 'how many events to begin with', wholeNumber, 20)
  .action(exitWith((options: LogOptions) => log(options)));

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) exitCode = error.exitCode === 0 ? DONE : USAGE;
  else {
    const { fault, message, hint, code, cause } = asHopperError(error);
    printError(`csv-hopper: ${message}\n${hint}`);
    if (code === 'defect' && cause instanceof Error) printError(cause.stack ?? cause.message);
    exitCode = fault === 'configuration' ? USAGE : FILE_FAILED;
  }
}
process.exitCode = exitCode;
