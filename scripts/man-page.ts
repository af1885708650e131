import { commandTree } from '../src/commands/command-tree.ts';
import { buildProgram } from '../src/commands/program.ts';
import { version } from '../src/core/version.ts';

/** The manual page, made of the commands themselves; see man-pages(7). */
export function manPage(): string {
  const program = buildProgram(() => undefined);
  const commands = commandTree(program);
  const lines = [
    '.\\" Made by scripts/generate-docs.ts; change the code instead.',
    `.TH CSV-HOPPER 1 "" "csv-hopper ${version}" "User commands"`,
    ...[
      '.SH NAME',
      'csv\\-hopper \\- CSV files dropped into a folder become Parquet files and rows',
    ],
    '.SH SYNOPSIS',
    ...['.B csv\\-hopper', '.I command', '[\\fIoption\\fR...] [\\fIargument\\fR...]'],
    ...['.SH DESCRIPTION', text(program.description())],
    '.SH COMMANDS',
    ...commands.flatMap(({ name, usage, summary, options, examples }) => [
      `.SS ${text(`csv-hopper ${name} ${usage}`.trim())}`,
      text(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`),
      ...options.flatMap(({ flags, meaning, choices }) => {
        const values = choices.length === 0 ? '' : `: ${choices.join(', ')}`;
        return ['.TP', `.B ${text(flags)}`, text(`${meaning}${values}`)];
      }),
      ...['.PP', 'Examples:', '.PP', '.EX'],
      ...examples.map((example) => text(`    ${example}`)),
      '.EE',
    ]),
    '.SH "EXIT STATUS"',
    ...['.TP', '.B 0', 'Done.'],
    ...['.TP', '.B 1', 'A file failed, or the work could not be done.'],
    ...['.TP', '.B 2', 'Wrong usage or configuration.'],
    '.SH FILES',
    ...[
      '.TP',
      '.I config/config.yaml',
      'The configuration, unless \\fB\\-\\-config\\fR names another.',
    ],
    ...['.TP', '.I logs/conversion_log.txt', 'Every step of every file.'],
    '.SH ENVIRONMENT',
    ...[
      '.TP',
      '.B NO_COLOR\\fR, \\fBFORCE_COLOR',
      'Whether lines are coloured; otherwise they are on a terminal.',
    ],
    '.TP',
    '.B NOTIFY_SOCKET\\fR, \\fBWATCHDOG_USEC\\fR, \\fBCREDENTIALS_DIRECTORY',
    'Set by systemd: whom to tell that the daemon works, and where the secrets are.',
    '.SH "SEE ALSO"',
    text('README.md and docs/ of the project. systemd.service(5), systemd.timer(5)'),
  ];
  return `${lines.join('\n')}\n`;
}

/** Text that means itself in roff: hyphens that can be copied, and no line that is a request. */
function text(words: string): string {
  const escaped = words.replaceAll('\\', '\\e').replaceAll('-', '\\-');
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}
