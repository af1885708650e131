import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCommand, snapshot } from '../support/command-run.ts';
import { HopperProject, people } from '../support/hopper-project.ts';

const commands = [
  ['start'],
  ['ingest'],
  ['ingest', 'people.csv'],
  ['check'],
  ['check', 'people.csv'],
  ['status'],
  ['query', 'SELECT 1'],
  ['log'],
  ['log', '-f'],
];

let project: HopperProject;
beforeEach(() => {
  project = new HopperProject();
  project.drop('waiting.csv', people(1, 3));
  writeFileSync(join(project.root, 'people.csv'), people(1, 3));
});
afterEach(() => project.remove());

function writeConfig(text: string): void {
  writeFileSync(join(project.root, 'config/config.yaml'), text);
}

async function expectRefusal(words: string[], message: string): Promise<void> {
  const before = snapshot(project.root);
  const { code, stdout, stderr } = await runCommand(project, words);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(`csv-hopper: ${message}`);
  // The message, and what to do about it.
  expect(stderr.trimEnd().split('\n')).toHaveLength(2);
  expect(snapshot(project.root)).toEqual(before);
}

describe.each(commands.map((words) => [words.join(' '), words] as const))('%s', (_, words) => {
  test('names file, line and key of a mistake in the configuration, and touches nothing', async () => {
    writeConfig('folders:\n  input: input_csv\n  ouput: elsewhere\n');
    const message = 'config/config.yaml:3: unknown key folders.ouput: did you mean output?';
    await expectRefusal(words, message);
  });

  test('names file, line and column of a mistake in a schema, and touches nothing', async () => {
    writeConfig("datasets:\n  - { name: people, match: '*.csv', schema: schema/people.yaml }\n");
    writeFileSync(join(project.root, 'schema/people.yaml'), 'id: INTEGER\nname: VARCHR(40)\n');
    await expectRefusal(words, 'schema/people.yaml:2: ');
  });
});

test.each([
  ['there is no configuration', ['status', '--config', 'none.yaml'], null, 'none.yaml cannot be'],
  [
    'a variable is not set',
    ['check'],
    'database:\n  user: u\n  password: ${HOPPER_NOT_SET}\n  database: d\n',
    'config/config.yaml:3: the environment variable HOPPER_NOT_SET is not set',
  ],
  [
    'a schema is missing',
    ['query', 'SELECT 1'],
    'datasets: [{ name: a, schema: a.yaml }]',
    'a.yaml',
  ],
  ['it is no YAML', ['start'], 'folders: [\n', 'config/config.yaml:'],
  ['it is a folder', ['log', '--config', 'config'], null, 'config is not a regular file'],
])('%s: one message, exit code 2, nothing touched', async (_, words, config, message) => {
  if (config !== null) writeConfig(config);
  await expectRefusal(words, message);
});

test('a password never stands in a message', async () => {
  writeConfig('database: { user: u, password: s3cret, database: d, port: s3cret }\n');
  const { stderr } = await runCommand(project, ['check']);
  expect(stderr).toContain('database.port');
  expect(stderr).not.toContain('s3cret');
});
