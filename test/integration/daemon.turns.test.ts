import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readConfig } from '../../src/config/read-config.ts';
import { takeFiles } from '../../src/daemon/take-files.ts';
import type { Claim } from '../../src/intake/claim.ts';
import { SpareFolders } from '../../src/intake/spare-folders.ts';
import type { SettledFile } from '../../src/intake/waiting-files.ts';
import { type ConversionLog, openConversionLog } from '../../src/log/conversion-log.ts';
import { HopperProject, people } from '../support/hopper-project.ts';
import { settledNow } from '../support/intake-folder.ts';

let project: HopperProject;
let log: ConversionLog;
beforeEach(() => {
  project = new HopperProject();
  const { root, input, output, logs } = project;
  project.configure({
    datasets: `datasets:
  - { name: people, match: 'a*.csv', schema: ${root}/schema/people.yaml }
  - { name: others, match: 'b*.csv', schema: ${root}/schema/people.yaml }
`,
    folders: `folders: ${JSON.stringify({ input, output, logs })}`,
  });
  mkdirSync(project.processing, { recursive: true });
  log = openConversionLog({
    ...{ folder: project.logs, rotateBytes: 1 << 20, rotateDays: 1, keepFiles: 1 },
    now: () => new Date(),
  });
});
afterEach(async () => {
  log.close();
  await project.remove();
});

/** A file that a former run had claimed. */
function claimOf(file: string): Claim {
  project.drop(file, people(0, 1));
  const folder = join(project.processing, `claim-${file}`);
  mkdirSync(folder);
  const claim = { folder, path: join(folder, file), file };
  renameSync(join(project.input, file), claim.path);
  return claim;
}

function fileOf(name: string): SettledFile {
  project.drop(name, people(0, 1));
  return settledNow(project.input, name);
}

/** The files in the order in which they are taken. `settling`: what has settled at each look. */
async function orderOf(left: readonly Claim[], settling: SettledFile[][]): Promise<string[]> {
  const order: string[] = [];
  const { signal } = new AbortController();
  const takeNow = (): SettledFile[] => settling.shift() ?? [];
  await takeFiles(left, {
    ...{ log, signal, config: readConfig(join(project.root, 'config/config.yaml'), {}) },
    intake: {
      takeNow,
      take: () => Promise.resolve(takeNow()),
      forget: () => undefined,
      defer: () => undefined,
    },
    hopper: {
      spareFolders: new SpareFolders(),
      room: () => Promise.resolve({ freePlace: () => undefined, freeConversion: () => undefined }),
      take: ({ file }, origin) => {
        order.push(`${file} ${origin}`);
        return Promise.resolve('finished');
      },
    },
  });
  return order;
}

test("a dataset's new file does not wait for what another had claimed before a restart, but its own files go first", async () => {
  const left = ['a1.csv', 'a2.csv', 'a3.csv', 'b1.csv'].map(claimOf);
  const settled = ['a4.csv', 'b2.csv'].map(fileOf);
  expect(await orderOf(left, [[], settled])).toEqual([
    'a1.csv resumed',
    'b1.csv resumed',
    'a2.csv resumed',
    'b2.csv new',
    'a3.csv resumed',
    'a4.csv new',
  ]);
});

test("a dataset's new file does not wait for another's backlog in the input folder either", async () => {
  const backlog = ['a1.csv', 'a2.csv', 'a3.csv', 'a4.csv'].map(fileOf);
  const fresh = fileOf('b1.csv');
  expect(await orderOf([], [backlog, [], [fresh]])).toEqual([
    'a1.csv new',
    'a2.csv new',
    'a3.csv new',
    'b1.csv new',
    'a4.csv new',
  ]);
});
