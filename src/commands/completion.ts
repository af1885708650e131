import type { Command } from 'commander';
import { commandTree, type TreeCommand, type TreeOption } from './command-tree.ts';
import { DONE } from './command.ts';

export type Shell = 'bash' | 'zsh' | 'fish';

/** `csv-hopper completion <shell>`: a script that lets the shell complete commands, options and their values. */
export function completion(shell: Shell, program: Command): number {
  const script = { bash, zsh, fish }[shell](commandTree(program));
  process.stdout.write(`${script.join('\n')}\n`);
  return DONE;
}

/** Whether what follows is the name of a file or folder; of anything else a shell knows nothing. */
function isPath({ value }: TreeOption): boolean {
  return value === 'file' || value === 'folder';
}

/** A word for a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Where COMPREPLY stays empty, bash completes the names of files. */
function bash(commands: TreeCommand[]): string[] {
  const names = [...commands.map(({ name }) => name), 'help', '--help', '--version'];
  return [
    '# bash completion of csv-hopper: source <(csv-hopper completion bash)',
    '_csv_hopper() {',
    '  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}',
    '  COMPREPLY=()',
    '  if ((COMP_CWORD == 1)); then',
    `    COMPREPLY=($(compgen -W ${quoted(names.join(' '))} -- "$cur"))`,
    '    return',
    '  fi',
    '  case $command in',
    ...commands.flatMap((command) => bashCase(command).map((line) => `    ${line}`)),
    `    help) COMPREPLY=($(compgen -W ${quoted(commands.map(({ name }) => name).join(' '))} -- "$cur")) ;;`,
    '  esac',
    '}',
    'complete -o default -F _csv_hopper csv-hopper',
  ];
}

function bashCase({ name, options, choices, takesArguments }: TreeCommand): string[] {
  const all = options.flatMap(({ names }) => names).join(' ');
  const values = options.flatMap((option) => {
    if (option.value === null) return [];
    const words =
      option.choices.length > 0
        ? `COMPREPLY=($(compgen -W ${quoted(option.choices.join(' '))} -- "$cur"))`
        : isPath(option)
          ? ':'
          : 'compopt +o default';
    return [`    ${option.names.join('|')}) ${words}; return ;;`];
  });
  const otherwise = takesArguments
    ? choices.length > 0
      ? [`  COMPREPLY=($(compgen -W ${quoted(choices.join(' '))} -- "$cur"))`]
      : []
    : [`  COMPREPLY=($(compgen -W ${quoted(all)} -- "$cur"))`];
  return [
    `${name})`,
    '  case $prev in',
    ...values,
    '  esac',
    `  [[ $cur == -* ]] && { COMPREPLY=($(compgen -W ${quoted(all)} -- "$cur")); return; }`,
    ...otherwise,
    '  ;;',
  ];
}

function zsh(commands: TreeCommand[]): string[] {
  const described = commands.map(({ name, summary }) =>
    quoted(`${name}:${summary.replaceAll(':', '\\:')}`),
  );
  return [
    '#compdef csv-hopper',
    '# zsh completion of csv-hopper: source <(csv-hopper completion zsh), or as _csv-hopper in a folder of $fpath',
    '_csv_hopper() {',
    '  local line state',
    '  local -a commands=(',
    ...described.map((line) => `    ${line}`),
    '  )',
    "  _arguments -C '1:command:->command' '*::argument:->argument'",
    '  case $state in',
    '    command) _describe command commands ;;',
    '    argument)',
    '      case $words[1] in',
    ...commands.map((command) => `        ${command.name}) _arguments ${zshWords(command)} ;;`),
    '      esac ;;',
    '  esac',
    '}',
    'compdef _csv_hopper csv-hopper',
  ];
}

function zshWords({ options, choices, takesArguments }: TreeCommand): string {
  const words = options.flatMap((option) => {
    const meaning = option.meaning.replaceAll(/[[\]:\\]/g, '\\$&');
    const values =
      option.choices.length > 0 ? `(${option.choices.join(' ')})` : isPath(option) ? '_files' : ' ';
    const value = option.value === null ? '' : `:${option.value}:${values}`;
    return option.names.map((name) => quoted(`${name}[${meaning}]${value}`));
  });
  if (takesArguments) {
    words.push(
      quoted(choices.length > 0 ? `1:action:(${choices.join(' ')})` : '*:argument:_files'),
    );
  }
  return words.join(' ');
}

function fish(commands: TreeCommand[]): string[] {
  const line = (...words: string[]): string => ['complete -c csv-hopper', ...words].join(' ');
  return [
    '# fish completion of csv-hopper: csv-hopper completion fish | source',
    ...commands.flatMap(({ name, summary, options, choices, takesArguments }) => {
      const within = `-n '__fish_seen_subcommand_from ${name}'`;
      return [
        line('-n __fish_use_subcommand -f', `-a ${name} -d ${quoted(summary)}`),
        ...options.map((option) => line(within, fishOption(option))),
        ...(choices.length > 0 ? [line(within, `-f -a ${quoted(choices.join(' '))}`)] : []),
        ...(takesArguments ? [] : [line(within, '-f')]),
      ];
    }),
  ];
}

function fishOption(option: TreeOption): string {
  const names = option.names.map((name) =>
    name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
  );
  const value =
    option.value === null
      ? []
      : option.choices.length > 0
        ? [`-x -a ${quoted(option.choices.join(' '))}`]
        : [isPath(option) ? '-r -F' : '-x'];
  return [...names, ...value, `-d ${quoted(option.meaning)}`].join(' ');
}
