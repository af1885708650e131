import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { units } from '../../src/systemd/units.ts';
import { runCommand } from '../support/command-run.ts';
import { eachWithDatabase } from '../support/database-project.ts';
import { type HopperProject, people } from '../support/hopper-project.ts';
import { describeWithMariadb } from '../support/mariadb.ts';
import { isHere } from '../support/program-here.ts';
import { planWith } from '../support/service-plan.ts';
import { allowedCalls, onlyAllowing } from '../support/system-call-filter.ts';
import type { TestDatabase } from '../support/test-database.ts';

/** What Node.js and V8 ask for and do without: files through io_uring, and keys of memory that only some processors have. */
const dispensable = ['io_uring_setup', 'pkey_alloc'];

const possible = isHere('systemd-analyze', '--version') && isHere('strace', '--version');

describe.skipIf(!possible)('with systemd-analyze and strace', () => {
  describeWithMariadb('under the SystemCallFilter of its unit', () => {
    let project: HopperProject;
    let database: TestDatabase;
    eachWithDatabase((made) => {
      ({ project, database } = made);
    });

    function sandboxed(): { under: string[]; refused: () => string[] } {
      const log = join(project.root, 'refused-calls');
      const under = onlyAllowing(allowedCalls(units(planWith())[0]?.text ?? ''), log);
      const refused = (): string[] => {
        const said = existsSync(log) ? readFileSync(log, 'utf8') : '';
        const calls = new Set([...said.matchAll(/^\d+ +(\w+)\(/gm)].map(([, call = '']) => call));
        return [...calls].filter((call) => !dispensable.includes(call));
      };
      return { under, refused };
    }

    test('the daemon converts in threads, loads into MariaDB, and gives way to it', async () => {
      const { under, refused } = sandboxed();
      const daemon = await project.start({ under });
      project.drop('small.csv', people(0, 20));
      project.drop('large.csv', people(100, 400_000));
      await project.ends(2);
      expect(await daemon.stop()).toBe(0);
      expect(await database.query('SELECT COUNT(*) AS n FROM $people')).toEqual([{ n: 400_020 }]);
      expect(daemon.stderr).toBe('');
      expect(refused()).toEqual([]);
    });

    test('DuckDB answers', async () => {
      project.drop('a.csv', people(0, 20));
      await runCommand(project, ['ingest']);
      const { under, refused } = sandboxed();
      const { stdout, stderr, code } = await runCommand(
        project,
        ['query', '--format', 'csv', 'SELECT count(*) AS n FROM people'],
        { under },
      );
      expect({ stdout, stderr, code }).toEqual({ stdout: 'n\r\n20\r\n', stderr: '', code: 0 });
      expect(refused()).toEqual([]);
    });

    test('the filter is one: a call that it does not have is refused', async () => {
      const { under, refused } = sandboxed();
      writeFileSync(
        join(project.root, 'chown.mjs'),
        `import fs from 'node:fs'; fs.chownSync('logs', 1, 1);`,
      );
      const run = await runCommand(project, ['--version'], {
        under,
        node: ['--import', join(project.root, 'chown.mjs')],
      });
      expect(run.stderr).toContain('EPERM');
      expect(refused()).toContain('chown');
    });
  });
});
