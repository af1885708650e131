#!/usr/bin/env node
// The command line's arguments come in; the exit code goes out: 0 done, 1 a file failed, 2 wrong usage or configuration.
import { CommanderError } from 'commander';
import { DONE, FILE_FAILED, printError, printFailure, USAGE } from './commands/command.ts';
import { buildProgram } from './commands/program.ts';
import { systemCode } from './core/environment-error.ts';

let exitCode: number = DONE;

// Who reads the output may go away, as `head` does when it has enough and a terminal when it is closed. The work goes on
// without them. An answer that could not be written for another reason is not an answer.
process.stdout.on('error', (error: Error) => {
  if (isReaderGone(error) || exitCode === FILE_FAILED) return;
  printError(`csv-hopper: The output cannot be written: ${systemCode(error) ?? String(error)}.`);
  process.exitCode = FILE_FAILED;
});
process.stderr.on('error', () => {
  // There is nowhere left to say it.
});

function isReaderGone(error: Error): boolean {
  return ['EPIPE', 'EIO'].includes(systemCode(error) ?? '');
}

try {
  await buildProgram((code) => {
    exitCode = code;
  }).parseAsync();
} catch (error) {
  if (error instanceof CommanderError) exitCode = error.exitCode === 0 ? DONE : USAGE;
  else exitCode = printFailure(error);
}
if (exitCode !== DONE) process.exitCode = exitCode;
