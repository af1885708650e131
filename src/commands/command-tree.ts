import type { Command } from 'commander';

/** An option as completions and the manual need it. */
export interface TreeOption {
  /** As in `-f, --follow` and `--config <file>`. */
  flags: string;
  /** Every name, the long one last: `-f`, `--follow`. */
  names: string[];
  meaning: string;
  /** What a value is called, such as file; null where the option takes none. */
  value: string | null;
  /** The values there are; empty where any will do. */
  choices: readonly string[];
}

export interface TreeCommand {
  name: string;
  summary: string;
  /** As in `[file...]`. */
  usage: string;
  /** The words that its first argument may be; empty where any will do. */
  choices: readonly string[];
  takesArguments: boolean;
  options: TreeOption[];
  /** Complete command lines. */
  examples: string[];
}

const help: TreeOption = {
  flags: '-h, --help',
  names: ['-h', '--help'],
  meaning: 'print this help',
  value: null,
  choices: [],
};

/** The commands and their options, as the program itself has them. */
export function commandTree(program: Command): TreeCommand[] {
  return program.commands.map((command) => ({
    name: command.name(),
    summary: command.summary(),
    usage: command.registeredArguments.map(usageOf).join(' '),
    choices: command.registeredArguments[0]?.argChoices ?? [],
    takesArguments: command.registeredArguments.length > 0,
    options: [...command.options.map(optionOf), help],
    examples: examplesOf(command),
  }));
}

function usageOf(argument: Command['registeredArguments'][number]): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

function optionOf(option: Command['options'][number]): TreeOption {
  const { flags, short, long, description, argChoices } = option;
  return {
    flags,
    names: [short, long].filter((name) => name !== undefined),
    meaning: description,
    value: /[<[]([^>\]]+)[>\]]/.exec(flags)?.[1] ?? null,
    choices: argChoices ?? [],
  };
}

/** They are part of the help alone. */
function examplesOf(command: Command): string[] {
  let text = '';
  const before = command.configureOutput();
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  command.configureOutput(before);
  const [, examples = ''] = text.split('Examples:\n');
  return examples.split('\n').flatMap((line) => (line.startsWith('  ') ? [line.trim()] : []));
}
