import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { shortLoadId } from '../../src/core/load.ts';
import { TRIAL_NOTE } from '../../src/intake/transient-name.ts';
import { receiptsPath } from '../../src/pipeline/receipt-book.ts';
import { eachWithDatabase } from '../support/database-project.ts';
import { claimsIn, expectExactlyOnce, loadIdFor, noClaims } from '../support/exactly-once.ts';
import { filesIn, HopperProject, people } from '../support/hopper-project.ts';
import { describeWithMariadb } from '../support/mariadb.ts';
import { poisonArgument } from '../support/poison.ts';
import type { TestDatabase } from '../support/test-database.ts';
import { until } from '../support/until.ts';

const LIMIT_MS = 60_000;
const poison = people(1, 3, 'poison');
const poisonLoad = loadIdFor('people', 'poison.csv', poison);

describeWithMariadb('a file that ends whatever works on it', () => {
  let database: TestDatabase;
  let project: HopperProject;
  eachWithDatabase((made) => {
    ({ database, project } = made);
  });

  function dropWithOthers(): Map<string, string> {
    const files = new Map<string, string>();
    for (let n = 0; n < 30; n++) files.set(`file-${n}.csv`, people(n * 20, 20));
    for (const [name, content] of files) project.drop(name, content);
    project.drop('poison.csv', poison);
    return files;
  }

  /** Why a file was set aside, which lies there as it was. */
  function reasonOf(name: string, loadId: string | null): string {
    expect(readFileSync(join(project.failed, name), 'utf8')).toBe(poison);
    const text = readFileSync(join(project.failed, `${name}.report.json`), 'utf8');
    const report = JSON.parse(text) as Record<string, unknown>;
    expect(report).toMatchObject({ code: 'set_aside', loadId, rowsRead: 0, problemsTotal: 1 });
    return String(report['reason']);
  }

  test(
    'is set aside after three deaths, whenever it strikes, and the others are loaded',
    async () => {
      const node = [
        poisonArgument({ when: 'converted', how: 'kill' }),
        poisonArgument({ when: 'opened', how: 'kill', name: 'unread' }),
      ];
      const files = dropWithOthers();
      project.drop('unread.csv', poison);
      expect(await project.run(['start'], { node }).ended).toBe('SIGKILL');
      const daemon = await project.start({ node });
      await Promise.all([
        project.event('failed', 'poison.csv'),
        project.event('failed', 'unread.csv'),
      ]);
      expect(await daemon.stop(), daemon.said).toBe(0);
      await expectExactlyOnce(project, 'people', files, database);
      for (const [name, loadId] of [
        ['poison.csv', poisonLoad],
        ['unread.csv', null],
      ] as const) {
        expect(reasonOf(name, loadId)).toMatch(/ended 3 times: SIGKILL .*, SIGKILL .*, SIGKILL/);
      }
      expect(filesIn(project.failed)).toHaveLength(2 * 3);
    },
    LIMIT_MS,
  );

  test(
    'of a worker thread is set aside after three deaths alone, also by one ingest',
    async () => {
      const node = [poisonArgument({ when: 'converted', how: 'memory' })];
      const files = dropWithOthers();
      const ingest = project.run(['ingest'], { node });
      expect(await ingest.ended, ingest.said).toBe(1);
      await expectExactlyOnce(project, 'people', files, database);
      expect(reasonOf('poison.csv', poisonLoad)).toMatch(
        /3 times: (ERR_WORKER_OUT_OF_MEMORY .*){3}/,
      );
    },
    LIMIT_MS,
  );

  test(
    'is finished, not set aside, where its rows are committed already',
    async () => {
      const daemon = await project.start();
      project.drop('poison.csv', poison);
      await project.event('finished', 'poison.csv');
      await noClaims(project);
      await daemon.stop('SIGKILL');
      const claim = join(project.processing, poisonLoad);
      mkdirSync(claim);
      const archived = join(project.archive, 'people', `poison-${shortLoadId(poisonLoad)}.csv`);
      renameSync(archived, join(claim, 'poison.csv'));
      rmSync(receiptsPath(project.output, 'people'));

      await project.start({ node: [poisonArgument({ when: 'converted', how: 'kill' })] });
      await project.event('finished', 'poison.csv', 2);
      const files = new Map([['poison.csv', poison]]);
      await expectExactlyOnce(project, 'people', files, database);
      expect(filesIn(project.failed)).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    'may do so in a process that is killed from outside: that does not count',
    async () => {
      const crash = { event: 'found' } as const;
      project.drop('a.csv', people(0, 20));
      expect(await project.run(['start'], { crash }).ended).toBe('SIGKILL');
      for (let n = 0; n < 4; n++) {
        const daemon = project.run(['start'], {
          node: [poisonArgument({ when: 'opened', how: 'hang', name: 'a.csv' })],
        });
        await until(
          () => noteOf()?.includes(`"interruptions":${n + 1}`) === true,
          () => `${noteOf() ?? 'no note'}\n${daemon.said}`,
        );
        expect(await daemon.stop('SIGKILL')).toBe('SIGKILL');
      }
      await project.start();
      await project.event('finished', 'a.csv');
      await expectExactlyOnce(project, 'people', new Map([['a.csv', people(0, 20)]]), database);
      expect(filesIn(project.failed)).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    'keeps none of those waiting that a kill left together with it, and a kill meanwhile has each of them tried alone',
    async () => {
      const files = new Map(['a.csv', 'b.csv'].map((name, n) => [name, people(n * 20, 20)]));
      for (const [name, content] of files) project.drop(name, content);
      const crash = { event: 'found', nth: 2 } as const;
      expect(await project.run(['start'], { crash }).ended).toBe('SIGKILL');
      const node = [poisonArgument({ when: 'opened', how: 'hang', name: 'a.csv' })];
      const daemon = await project.start({ node });
      await project.event('converted', 'b.csv');
      expect(await daemon.stop('SIGKILL')).toBe('SIGKILL');
      expect(noteOf()).toContain('"interruptions":1');

      const again = await project.start({ node });
      await until(
        () => noteOf()?.includes('"interruptions":2') === true,
        () => `${noteOf() ?? 'no note'}\n${again.said}`,
      );
      expect(await again.stop('SIGKILL')).toBe('SIGKILL');
      await project.start();
      await project.event('finished', 'a.csv');
      await expectExactlyOnce(project, 'people', files, database);
      expect(filesIn(project.failed)).toEqual([]);
    },
    LIMIT_MS,
  );

  /** The note of the trial that is under way. */
  function noteOf(): string | null {
    for (const claim of claimsIn(project)) {
      try {
        return readFileSync(join(project.processing, claim, TRIAL_NOTE), 'utf8');
      } catch {
        // Another one is tried, or none any more.
      }
    }
    return null;
  }
});
