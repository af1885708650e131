import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCommand } from '../support/command-run.ts';
import { eachWithDatabase } from '../support/database-project.ts';
import { expectNothingLeft, loadIdFor, parquetRows, receiptsIn } from '../support/exactly-once.ts';
import { filesIn, type HopperProject } from '../support/hopper-project.ts';
import { describeWithMariadb } from '../support/mariadb.ts';
import { poisonArgument } from '../support/poison.ts';
import type { TestDatabase } from '../support/test-database.ts';

const LIMIT_MS = 60_000;
const poison = ['poison.csv', 'id;name\n1;Ann\ntwo;Bob\n3;Cyd\n'] as const;
const loadId = loadIdFor('people', ...poison);
const striking = { node: [poisonArgument({ when: 'converted', how: 'kill' })] };

describeWithMariadb('a file with broken rows under which the process dies', () => {
  let database: TestDatabase;
  let project: HopperProject;
  eachWithDatabase((made) => {
    ({ database, project } = made);
    project.configure({
      datasets:
        "datasets:\n  - { name: people, match: '*.csv', schema: schema/people.yaml, on_invalid_rows: divert }\n",
      folders: 'folders: { receipts: input_csv/receipts }',
    });
  });

  function receipt(): Record<string, unknown> {
    const text = readFileSync(join(project.input, 'receipts/poison.csv.json'), 'utf8');
    return JSON.parse(text) as Record<string, unknown>;
  }

  /** Its two sound rows are loaded once, the other one is handed back, and its sender knows. */
  async function expectDiverted(): Promise<void> {
    expect(await database.tableRows('people')).toEqual({ [loadId]: 2 });
    expect(await parquetRows(project, 'people')).toEqual({ [loadId]: 2 });
    expect(filesIn(project.failed)).toEqual([
      'poison.csv.rejects.csv',
      'poison.csv.report.html',
      'poison.csv.report.json',
    ]);
    expect(readFileSync(join(project.failed, 'poison.csv.rejects.csv'), 'utf8')).toMatch(
      /\ntwo;Bob;3;/,
    );
    expect(receipt()).toMatchObject({
      ...{ verdict: 'diverted', loadId, rejects: '../output_failed/poison.csv.rejects.csv' },
      rows: { rowsRead: 3, rowsAccepted: 2, rowsRejected: 1 },
    });
    expect(await receiptsIn(project, 'people')).toMatchObject([{ loadId, rowsRejected: 1 }]);
    await expectNothingLeft(project);
  }

  test(
    'after its other rows were committed is set aside with what is loaded of it, and has its reject file when it is brought back',
    async () => {
      project.drop(...poison);
      const crash = { event: 'loaded' } as const;
      expect(await project.run(['ingest'], { crash }).ended).toBe('SIGKILL');
      expect((await runCommand(project, ['ingest'], striking)).code).toBe(1);
      expect(await database.tableRows('people')).toEqual({ [loadId]: 2 });
      expect(await parquetRows(project, 'people')).toEqual({ [loadId]: 2 });
      expect(filesIn(project.failed)).toContain('poison.csv');
      expect(receipt()).toMatchObject({ verdict: 'set_aside', loadId });
      expect(receipt()['reason']).toContain('2 rows of it are loaded, 1 is not');
      expect(await receiptsIn(project, 'people')).toEqual([]);
      await runCommand(project, ['retry', 'poison.csv']);
      expect((await runCommand(project, ['ingest'])).code).toBe(0);
      await expectDiverted();
      expect(project.stepsOf('poison.csv').at(-1)).toBe('finished');
    },
    LIMIT_MS,
  );

  test(
    'of which the table refuses one is held against what it refused then, and not against what it holds now',
    async () => {
      const file = ['poison.csv', 'id;name\n1;Ann\n1;Bob\n3;Cyd\n'] as const;
      const load = loadIdFor('people', ...file);
      await database.query(
        'CREATE TABLE $people (id INT UNIQUE, name VARCHAR(40), _load_id CHAR(32) CHARACTER SET ascii) CHARACTER SET utf8mb4',
      );
      project.drop(...file);
      const crash = { event: 'loaded' } as const;
      expect(await project.run(['ingest'], { crash }).ended).toBe('SIGKILL');
      expect((await runCommand(project, ['ingest'], striking)).code).toBe(1);
      await runCommand(project, ['retry', 'poison.csv']);
      expect((await runCommand(project, ['ingest'])).code).toBe(0);
      expect(await database.tableRows('people')).toEqual({ [load]: 2 });
      expect(await parquetRows(project, 'people')).toEqual({ [load]: 2 });
      expect(readFileSync(join(project.failed, 'poison.csv.rejects.csv'), 'utf8')).toMatch(
        /\n1;Bob;3;/,
      );
      expect(await receiptsIn(project, 'people')).toMatchObject([
        { rowsAccepted: 2, rowsRejected: 1 },
      ]);
      const failed = project.events().find(({ event }) => event === 'failed');
      expect(failed).toMatchObject({ rowsAccepted: 2, rowsRejected: 1 });
      expect(failed).not.toHaveProperty('sha256');
      await expectNothingLeft(project);
    },
    LIMIT_MS,
  );

  test(
    'when they are in people’s hands already is finished, and its sender is told of them',
    async () => {
      project.drop(...poison);
      const crash = { event: 'diverted' } as const;
      expect(await project.run(['ingest'], { crash }).ended).toBe('SIGKILL');
      expect((await runCommand(project, ['ingest'], striking)).code).toBe(0);
      await expectDiverted();
    },
    LIMIT_MS,
  );
});
