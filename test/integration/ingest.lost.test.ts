import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { shortLoadId } from '../../src/core/load.ts';
import { claimArchived } from '../../src/daemon/bring-back.ts';
import { runCommand } from '../support/command-run.ts';
import type { CrashPoint } from '../support/crash-point.ts';
import { eachWithDatabase } from '../support/database-project.ts';
import { expectNothingLeft, loadIdFor, parquetRows, receiptsIn } from '../support/exactly-once.ts';
import { filesIn, HopperProject } from '../support/hopper-project.ts';
import { describeWithMariadb } from '../support/mariadb.ts';
import type { TestDatabase } from '../support/test-database.ts';
import { peopleWith } from '../support/versions.ts';

const folders = `folders: { input: input_csv, output: output_parquet, failed: input_csv/output_failed,
  archive: input_csv/archive, logs: logs, receipts: receipts }`;
const diverts = peopleWith('on_invalid_rows: divert');
const name = 'people.csv';
const content = 'id;name\n1;Ann\ntwo;Bob\n3;Cyd\n';
const loadId = loadIdFor('people', name, content);
const rejectsName = `${name}.rejects.csv`;

let project: HopperProject;
afterEach(() => project.remove());

/** Loads it, and its repaired row, and empties the folder of receipts, as a sender does who has read them. */
async function loadAndRepair(): Promise<void> {
  project.drop(name, content);
  expect((await runCommand(project, ['ingest'])).stdout).toContain('1 finished');
  const rejects = join(project.failed, rejectsName);
  project.drop(rejectsName, readFileSync(rejects, 'utf8').replace('\ntwo;', '\n2;'));
  for (const file of filesIn(project.failed)) rmSync(join(project.failed, file));
  expect((await runCommand(project, ['ingest'])).stdout).toContain('1 finished');
  for (const file of filesIn(receipts())) rmSync(join(receipts(), file));
}

function receipts(): string {
  return join(project.root, 'receipts');
}

function parquet(): string {
  return join(project.output, `people/people-${shortLoadId(loadId)}.parquet`);
}

/** Kills the run that brings the load back, and lets the next run, of an operator who knows nothing of it, go on. */
async function bringBack(crash: CrashPoint): Promise<void> {
  expect((await runCommand(project, ['ingest', '--lost'], { crash })).code).toBe('SIGKILL');
  const next = await runCommand(project, ['ingest']);
  expect(next.code, next.stdout + next.stderr).toBe(0);
  // Where it was not claimed yet it is still lost.
  if (!existsSync(parquet())) await runCommand(project, ['ingest', '--lost']);
}

/** It is as it was made first, and nobody was handed or told anything once more. */
async function expectAsBefore(): Promise<void> {
  expect(filesIn(project.failed)).toEqual([]);
  expect(filesIn(receipts())).toEqual([]);
  expect((await parquetRows(project, 'people'))[loadId]).toBe(2);
  // Whoever counts loads and rows by their receipts counts it once.
  expect(await receiptsIn(project, 'people')).toHaveLength(2);
  expect(filesIn(join(project.archive, 'people'))).toHaveLength(2);
  await expectNothingLeft(project);
  const { stdout } = await runCommand(project, ['check', '--ledger']);
  expect(stdout).toBe('2 loads compared, no differences\n');
}

test.each([
  { beforeRenameTo: `/${loadId}/` },
  { afterRenameTo: `/${loadId}/${name}` },
  { event: 'converted' },
  { beforeRenameTo: '/archive/people/' },
] as CrashPoint[])(
  'a load that is brought back and killed at %o hands no row back twice when the next run goes on with it',
  async (crash) => {
    project = new HopperProject({ datasets: diverts, folders });
    await loadAndRepair();
    rmSync(parquet());
    await bringBack(crash);
    await expectAsBefore();
  },
);

test('the end of one that was killed when it was in the archive again is told by the next run', async () => {
  project = new HopperProject({ datasets: diverts, folders });
  await loadAndRepair();
  rmSync(parquet());
  const ends = (): number =>
    project.events().filter((line) => line.event === 'finished' && line.loadId === loadId).length;
  const before = ends();
  await bringBack({ afterRenameTo: '/archive/people/' });
  expect(ends()).toBe(before + 1);
  await expectAsBefore();
});

test('one whose dataset is gone meanwhile stays claimed, and goes on when it is there again', async () => {
  project = new HopperProject({ datasets: diverts, folders });
  await loadAndRepair();
  rmSync(parquet());
  await runCommand(project, ['ingest', '--lost'], { crash: { event: 'claimed' } });
  project.configure({ datasets: diverts.replace("'*.csv'", "'*.tsv'") });
  const { code, stdout } = await runCommand(project, ['ingest']);
  expect({ code, stdout }).toMatchObject({ code: 1 });
  expect(stdout).toContain('1 waiting for the next run');
  expect(filesIn(project.input)).toEqual([]);
  project.configure({ datasets: diverts });
  expect((await runCommand(project, ['ingest'])).stdout).toContain('1 finished');
  await expectAsBefore();
});

test('a drop of the file that waits in its claim is not replaced by what is in the archive', async () => {
  project = new HopperProject({ datasets: diverts, folders });
  await loadAndRepair();
  const { input, archive } = project;
  const config = { folders: { input, archive }, datasets: [{ name: 'people' }] };
  const sha256 = createHash('sha256').update(content).digest('hex');
  const load = { loadId, dataset: 'people', file: name, sha256, bytes: content.length };
  const claim = join(input, '.processing', loadId);
  mkdirSync(claim, { recursive: true });
  writeFileSync(join(claim, name), `${content}4;Dan\n`);
  await expect(claimArchived(load, config as unknown as Config)).rejects.toThrow(
    /is still under way/,
  );
  expect(readFileSync(join(claim, name), 'utf8')).toBe(`${content}4;Dan\n`);
  expect(filesIn(claim)).toEqual([name]);
  expect(filesIn(join(archive, 'people'))).toHaveLength(2);
});

describeWithMariadb('with a database that has lost it', () => {
  let database: TestDatabase;
  eachWithDatabase((made) => {
    ({ database, project } = made);
    project.configure({ datasets: diverts, folders });
  });

  test('the same holds of a load that is killed right after its COMMIT', async () => {
    await loadAndRepair();
    await database.query(`DELETE FROM $people WHERE _load_id = '${loadId}'`);
    await database.query(`DELETE FROM $csv_hopper_ledger WHERE load_id = '${loadId}'`);
    await bringBack({ event: 'loaded' });
    await expectAsBefore();
    expect((await database.tableRows('people'))[loadId]).toBe(2);
  });
});
