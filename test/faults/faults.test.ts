import { afterAll, beforeAll, test } from 'vitest';
import { describeWithMariadb, type Mariadb, startMariadb } from '../support/mariadb.ts';
import { allFaults } from './all-faults.ts';

/** Some take two minutes on two cores that other tests share. What hangs is found much sooner, by what waits for it. */
const LIMIT_MS = 600_000;

// The short form of `npm run faults`, which has each of these hundreds of times; docs/RELIABILITY.md has the figures.
describeWithMariadb(
  'every file ends once and whole, its rows are there once, and the log says so, with',
  () => {
    let server: Mariadb;
    beforeAll(async () => {
      server = await startMariadb();
    });
    afterAll(() => server.stop());

    for (const { title, missing, run, inLongFormOnly } of Object.values(allFaults)) {
      if (inLongFormOnly === true) continue;
      const lack = missing();
      // Not even under CI=true do they fail where they cannot be had: no installation gives a right to trace or to mount.
      const testOrSkip = lack === null ? test : test.skip;
      testOrSkip(
        lack === null ? title : `${title} (skipped: ${lack})`,
        async () => {
          await run({
            server,
            seed: 1,
            isShort: true,
            times: null,
            skip: { left: 0 },
            onTrial: () => undefined,
          });
        },
        LIMIT_MS,
      );
    }
  },
);
