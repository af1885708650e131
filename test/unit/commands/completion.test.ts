import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { completion, type Shell } from '../../../src/commands/completion.ts';
import { buildProgram } from '../../../src/commands/program.ts';
import { isHere } from '../../support/program-here.ts';

const program = buildProgram(() => undefined);
const commands = program.commands.map((command) => command.name());

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'csv-hopper-completion-'));
  writeFileSync(join(folder, 'query.sql'), '');
  for (const shell of ['bash', 'zsh', 'fish'] as const)
    writeFileSync(join(folder, shell), scriptOf(shell));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function scriptOf(shell: Shell): string {
  let printed = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  completion(shell, program);
  write.mockRestore();
  return printed;
}

/** What each shell offers for the last word of a line. */
const offers: Record<Shell, (words: string[]) => string[]> = {
  bash: (words) => {
    // A completion that leaves it to bash gets the names of files, as `complete -o default` has it.
    const script = `
      compopt() { :; }
      source "$1"; shift
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _csv_hopper
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    return run('bash', ['--norc', '-c', script, 'bash', join(folder, 'bash'), ...words]);
  },
  fish: (words) => {
    const script = `source ${join(folder, 'fish')}; complete -C '${words.join(' ')}'`;
    return run('fish', ['--no-config', '-c', script]).map((line) => line.split('\t')[0] ?? '');
  },
  zsh: () => [],
};

function run(program: string, words: string[]): string[] {
  const env = { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  const said = execFileSync(program, words, {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return said
    .toString()
    .split('\n')
    .filter((line) => line !== '');
}

describe.each(['bash', 'fish'] as const)('in %s', (shell) => {
  const inShell = test.skipIf(!isHere(shell, '--version'));

  inShell('every command is offered, and those that begin with what was typed', () => {
    expect(offers[shell](['csv-hopper', ''])).toEqual(expect.arrayContaining(commands));
    expect(offers[shell](['csv-hopper', 're']).sort()).toEqual(['rehearse', 'report', 'retry']);
  });

  inShell('every long option of every command is offered', () => {
    for (const command of program.commands) {
      const long = command.options.flatMap((option) => option.long ?? []);
      const offered = offers[shell](['csv-hopper', command.name(), '--']);
      expect(offered, command.name()).toEqual(expect.arrayContaining(long));
    }
  });

  inShell('the values of an option and of an argument are offered where they are known', () => {
    expect(offers[shell](['csv-hopper', 'query', '--format', '']).sort()).toEqual([
      'csv',
      'json',
      'table',
    ]);
    expect(offers[shell](['csv-hopper', 'service', 'un'])).toEqual(['uninstall']);
  });
});

test('bash completes the names of files where nothing else is known', () => {
  expect(offers.bash(['csv-hopper', 'query', '--file', 'qu'])).toEqual([]);
  expect(scriptOf('bash')).toContain('complete -o default -F _csv_hopper csv-hopper');
});

test.skipIf(!isHere('zsh', '--version'))(
  'zsh takes the script, which has every command and option',
  () => {
    const script = `autoload -Uz compinit && compinit -D && source ${join(folder, 'zsh')} && echo $_comps[csv-hopper]`;
    expect(run('zsh', ['-f', '-c', script])).toEqual(['_csv_hopper']);
    const text = scriptOf('zsh');
    for (const command of program.commands) {
      const line =
        text.split('\n').find((found) => found.includes(`${command.name()}) _arguments`)) ?? '';
      for (const { long } of command.options) expect(line).toContain(`'${long ?? ''}[`);
    }
  },
);
