import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LoadProfile } from '../../src/profile/load-profile.ts';
import { runCommand, snapshot } from '../support/command-run.ts';
import { repository } from '../support/hopper-process.ts';
import { HopperProject } from '../support/hopper-project.ts';

const doc = readFileSync(join(repository, 'docs/PROFILES.md'), 'utf8');

function block(language: string): string {
  const [, found] = new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(doc) ?? [];
  if (found === undefined) throw new Error(`docs/PROFILES.md has no block of ${language}.`);
  return found;
}

function datasets(more = ''): string {
  return `datasets:\n  - { name: orders, match: 'orders*.csv', schema: schema/orders.yaml${more} }\n`;
}

let project: HopperProject;
beforeEach(() => {
  project = new HopperProject({ datasets: datasets() });
  writeFileSync(join(project.root, 'schema/orders.yaml'), block('yaml'));
  writeFileSync(join(project.root, 'orders.csv'), block('csv'));
});
afterEach(async () => {
  await project.remove();
});

function loadId(): string {
  const receipts = readFileSync(join(project.output, 'orders/.receipts.jsonl'), 'utf8');
  return (JSON.parse(receipts.split('\n')[0]!) as { loadId: string }).loadId;
}

test('the example of docs/PROFILES.md is what the command prints, and nothing is written', async () => {
  const before = snapshot(project.root);
  const run = await runCommand(project, ['profile', 'orders.csv']);
  expect(run).toEqual({ code: 0, stderr: '', stdout: block('text') });
  expect(snapshot(project.root)).toEqual(before);
});

test('the profile of a load is kept where the dataset wants it, for its owner alone', async () => {
  project.configure({ datasets: datasets(', profile: true') });
  expect((await runCommand(project, ['ingest', 'orders.csv'])).code).toBe(0);
  const journal = join(project.output, 'orders/.profiles.jsonl');
  expect(statSync(journal).mode & 0o777).toBe(0o600);
  rmSync(project.archive, { recursive: true });
  const run = await runCommand(project, ['profile', loadId().slice(0, 8)]);
  const [title = '', ...lines] = run.stdout.split('\n');
  expect(title).toBe(`orders.csv, load ${loadId().slice(0, 8)}, dataset orders`);
  expect(lines.join('\n')).toBe(block('text').split('\n').slice(1).join('\n'));
  const json = await runCommand(project, ['profile', loadId(), '--json']);
  expect(JSON.parse(json.stdout)).toMatchObject({ loadId: loadId(), rows: 6 });
});

test('without one it is made from the archive, and without that it says what to do', async () => {
  expect((await runCommand(project, ['ingest', 'orders.csv'])).code).toBe(0);
  expect(readdirSync(join(project.output, 'orders'))).not.toContain('.profiles.jsonl');
  const run = await runCommand(project, ['profile', loadId()]);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  expect(run.stdout).toContain(`orders.csv, load ${loadId().slice(0, 8)}, from the archive`);
  rmSync(project.archive, { recursive: true });
  const gone = await runCommand(project, ['profile', loadId()]);
  expect(gone).toMatchObject({ code: 2, stdout: '' });
  expect(gone.stderr).toContain('profile: true');
});

test('redacted, neither the journal nor the command has a text of the file', async () => {
  const more = 'report: { values: redacted }\nintake: { quiet_ms: 100 }';
  const expected = ', profile: true, expect: { columns: { status: { categories: warn } } }';
  project.configure({ datasets: datasets(expected), more });
  expect((await runCommand(project, ['ingest', 'orders.csv'])).code).toBe(0);
  const journal = readFileSync(join(project.output, 'orders/.profiles.jsonl'), 'utf8');
  const shown = await runCommand(project, ['profile', 'orders.csv', '--json']);
  for (const text of [journal, shown.stdout]) {
    expect(text).not.toMatch(/paid|open|void/);
    const { columns } = JSON.parse(text) as LoadProfile;
    expect(columns.map(({ distinct }) => distinct)).toEqual([6, 3, 5, 3]);
  }
});

test('a file that does not meet its schema has none, and says why', async () => {
  writeFileSync(join(project.root, 'orders-2.csv'), 'id,status,amount,day\nx,paid,1,2024-01-01\n');
  const run = await runCommand(project, ['profile', 'orders-2.csv']);
  expect(run).toMatchObject({ code: 1, stderr: '' });
  expect(run.stdout).toContain('line 2: id is not an INTEGER.');
});

test('what is neither a file nor a load is refused', async () => {
  const run = await runCommand(project, ['profile', '00000000']);
  expect(run).toMatchObject({ code: 2, stdout: '' });
  expect(run.stderr).toContain('There is no file and no load 00000000.');
});
