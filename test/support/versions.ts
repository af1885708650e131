import { expect } from 'vitest';
import { expectNothingLeft, loadIdFor, parquetRows, receiptsIn } from './exactly-once.ts';
import { runCommand } from './command-run.ts';
import { type HopperProject, people } from './hopper-project.ts';
import type { TestDatabase } from './test-database.ts';

/** The people dataset with a write mode, and what belongs to it. */
export function peopleWith(settings: string): string {
  return `datasets:\n  - { name: people, match: '*.csv', schema: schema/people.yaml, ${settings} }\n`;
}

/** A version of a file: so many rows from the same id on, each with the version's name. */
export function version(name: string, rows: number): string {
  return people(0, rows, name);
}

/**
 * Holds all places against the versions that have to stand, file name and content, one for each name: their rows and no
 * others in the table, ledger, Parquet files and receipts, nothing staged or claimed, and check --ledger content.
 */
export async function expectVersions(
  project: HopperProject,
  files: readonly (readonly [name: string, content: string])[],
  database: TestDatabase | null = null,
): Promise<void> {
  const standing = Object.fromEntries(
    files.map(([name, content]) => [
      loadIdFor('people', name, content),
      content.split('\n').length - 2,
    ]),
  );
  expect(await parquetRows(project, 'people')).toEqual(standing);
  const receipts = await receiptsIn(project, 'people');
  expect(receipts.map(({ loadId }) => loadId).sort()).toEqual(Object.keys(standing).sort());
  if (database !== null) {
    expect(await database.tableRows('people')).toEqual(standing);
    expect(await database.ledgerRows('people')).toEqual(standing);
  }
  await expectNothingLeft(project);
  const { stdout } = await runCommand(project, ['check', '--ledger']);
  expect(stdout).toMatch(/^[\d,]+ loads? compared, no differences\n$/);
}
