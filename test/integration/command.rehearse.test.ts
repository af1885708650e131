import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCommand, snapshot } from '../support/command-run.ts';
import { HopperProject, peopleDataset } from '../support/hopper-project.ts';

let project: HopperProject;
beforeEach(async () => {
  project = new HopperProject({ datasets: peopleDataset });
  project.drop('a.csv', 'id;name\n1;Ann\n2;Bo\n3;Al\n');
  project.drop('b.csv', 'id;name\n4;Dan\n');
  project.drop('c.csv', 'id;name\nfive;Eve\n');
  expect((await runCommand(project, ['ingest'])).code).toBe(1);
  writeFileSync(
    join(project.root, 'schema/new.yaml'),
    'id: VARCHAR(5)\nname: { type: VARCHAR(40), minLength: 3 }\n',
  );
  writeFileSync(join(project.root, 'schema/text.yaml'), 'id: VARCHAR(5)\nname: VARCHAR(40)\n');
});
afterEach(async () => {
  await project.remove();
});

/** Runs rehearse and proves that it wrote nothing. */
async function rehearse(...words: string[]) {
  const before = snapshot(project.root);
  const run = await runCommand(project, ['rehearse', ...words]);
  expect(snapshot(project.root)).toEqual(before);
  return run;
}

test('what would newly fail is told by rule and column, and what would pass', async () => {
  expect(await rehearse('schema/new.yaml')).toEqual({
    code: 1,
    stderr: '',
    stdout: `1 of 2 files of people would newly fail under schema/new.yaml
  min_length in name: 2 problems in 1 file. name is shorter than its minLength. Expected: at least 3 characters.
    a.csv line 3
1 of 1 file in the failed folder would pass
  c.csv
`,
  });
});

test('a schema that refuses nothing new ends with 0', async () => {
  const run = await rehearse('schema/text.yaml');
  expect(run.code).toBe(0);
  expect(run.stdout).toContain('none of 2 files of people would fail under schema/text.yaml');
});

test('the last loads can be picked, by days or number', async () => {
  const last = await rehearse('schema/text.yaml', '--last', '1');
  expect(last.stdout).toContain('none of 1 file');
  const days = await rehearse('schema/text.yaml', '--last', '30d', '--dataset', 'people');
  expect(days.stdout).toContain('none of 2 files');
  expect((await rehearse('schema/text.yaml', '--last', 'month')).code).toBe(2);
  expect((await rehearse('schema/text.yaml', '--dataset', 'x')).code).toBe(2);
});

test('programs get JSON, and a source that is gone is told', async () => {
  rmSync(join(project.archive, 'people'), { recursive: true });
  const run = await rehearse('schema/new.yaml', '--json');
  expect(run.code).toBe(0);
  expect(run.stderr).toContain('there is no such file');
  expect(JSON.parse(run.stdout)).toMatchObject({
    ...{ dataset: 'people', loads: 0, failing: 0, groups: [], failed: 1, passing: ['c.csv'] },
  });
});

test('a schema that is wrong is refused', async () => {
  writeFileSync(join(project.root, 'schema/bad.yaml'), 'id: NUMBER\n');
  expect((await rehearse('schema/bad.yaml')).code).toBe(2);
});

test('rules across columns and unique keys of the new schema are rehearsed too', async () => {
  writeFileSync(
    join(project.root, 'schema/rules.yaml'),
    'id: INTEGER\nname: VARCHAR(40)\n$checks: [id <> 1, "id <> 2 or name = \'Al\'"]\n$uniqueKeys: [[name]]\n',
  );
  project.drop('d.csv', 'id;name\n7;Al\n8;Al\n');
  await runCommand(project, ['ingest']);
  const run = await rehearse('schema/rules.yaml');
  expect(run).toEqual({
    code: 1,
    stderr: '',
    stdout: `2 of 3 files of people would newly fail under schema/rules.yaml
  check: 1 problem in 1 file. The row breaks the check id <> 2 or name = 'Al'. Correct id or name.
    a.csv line 3
  check in id: 1 problem in 1 file. The row breaks the check id <> 1. Correct id.
    a.csv line 2
  unique in name: 1 problem in 1 file. name has a value that line 2 has already. Take out one of the two rows, or correct it.
    d.csv line 3
0 of 1 file in the failed folder would pass
`,
  });
});
