import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildProgram } from '../../../src/commands/program.ts';

const readme = readFileSync(join(import.meta.dirname, '../../../README.md'), 'utf8');
/** The chapter on commands: an option of another program elsewhere in the text does not count. */
const chapter = readme.split(/^## /m).find((text) => text.startsWith('Commands\n')) ?? '';
const { commands } = buildProgram(() => undefined);

test.each(commands.map((command) => [command.name(), command] as const))(
  'the README documents %s and its options',
  (name, command) => {
    expect(chapter).toMatch(new RegExp(`\`${name}\\b`));
    for (const { long } of command.options) expect(chapter).toContain(long);
  },
);

test('the README says what the exit codes mean', () => {
  expect(chapter).toMatch(/Exit codes: 0 .*, 1 .*, 2 /);
});
