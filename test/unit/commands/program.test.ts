import { expect, test } from 'vitest';
import { buildProgram } from '../../../src/commands/program.ts';

const program = buildProgram(() => undefined);

test('the commands are those of the design', () => {
  const names = program.commands.map((command) => command.name());
  expect(names).toEqual([
    ...['start', 'ingest', 'check', 'infer', 'status', 'retry', 'undo', 'query'],
    // Not of the design: docs/ARCHITECTURE.md says why they are there.
    ...['report', 'notify', 'profile', 'rehearse', 'service'],
    ...['log', 'completion'],
  ]);
});

test.each(program.commands.map((command) => [command.name(), command] as const))(
  'the help of %s names every option with its meaning, and gives an example',
  (name, command) => {
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) });
    command.outputHelp();
    expect(command.options.map(({ long }) => long)).toContain('--config');
    for (const { flags, description } of command.options) {
      expect(description).not.toBe('');
      expect(help).toContain(flags);
    }
    expect(help).toMatch(new RegExp(`Examples:\n  csv-hopper ${name}`));
  },
);

test('every example can be parsed', () => {
  for (const command of program.commands) {
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) });
    command.outputHelp();
    const examples = help.split('Examples:\n')[1]?.trim().split('\n') ?? [];
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      const words = example.trim().match(/"[^"]*"|\S+/g) ?? [];
      const { unknown } = command.parseOptions(words.slice(2));
      expect(unknown, example).toEqual([]);
    }
  }
});
