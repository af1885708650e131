import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readConfig } from '../../src/config/read-config.ts';
import type { Hopper } from '../../src/daemon/hopper.ts';
import { claimFile } from '../../src/intake/claim.ts';
import type { ConversionLog } from '../../src/log/conversion-log.ts';
import type { LogEvent } from '../../src/log/log-event.ts';
import type { Outcome } from '../../src/pipeline/passage.ts';
import { expectExactlyOnce, loadIdFor, parquetRows } from '../support/exactly-once.ts';
import { filesIn, HopperProject, people, peopleDataset } from '../support/hopper-project.ts';
import { compiled } from '../support/hopper-process.ts';
import { settledNow } from '../support/intake-folder.ts';

const before = people(0, 50);
const addition = people(50, 50).slice('id;name\n'.length);

let project: HopperProject;
let log: ConversionLog;
let hopper: Hopper;
let onEvent: (event: LogEvent) => void;
beforeEach(async () => {
  project = new HopperProject();
  const { root, input, output, logs } = project;
  project.configure({
    datasets: peopleDataset.replace('schema/people', `${root}/schema/people`),
    folders: `folders: ${JSON.stringify({ input, output, logs })}`,
  });
  const daemon = await compiled<typeof import('../../src/daemon/hopper.ts')>('daemon/hopper.js');
  const logging =
    await compiled<typeof import('../../src/log/conversion-log.ts')>('log/conversion-log.js');
  log = logging.openConversionLog({
    folder: logs,
    rotateBytes: 1 << 20,
    rotateDays: 1,
    keepFiles: 1,
    now: () => new Date(),
    onLine: (_line, _level, event) => {
      onEvent(event);
    },
  });
  const { signal } = new AbortController();
  hopper = await daemon.Hopper.open({
    config: readConfig(join(root, 'config/config.yaml'), {}),
    log,
    patience: { signal, attemptsMax: 2 },
  });
});
afterEach(async () => {
  await hopper.close();
  log.close();
  await project.remove();
});

/**
 * Takes a file of which a writer, of the kind that cannot be seen in /proc, still has a handle. It appends when the log
 * says that a step is done, which is before the next step begins.
 */
async function takeAndAppendAfter(event: LogEvent): Promise<Outcome> {
  project.drop('a.csv', before);
  const handle = openSync(join(project.input, 'a.csv'), 'a');
  let left = 1;
  onEvent = (happened) => {
    if (happened === event && left-- === 1) writeSync(handle, addition);
  };
  try {
    const room = await hopper.room();
    const settled = settledNow(project.input, 'a.csv');
    const claim = await claimFile(project.input, project.processing, settled);
    if (typeof claim === 'string') throw new Error(claim);
    return await hopper.take(claim, 'new', room);
  } finally {
    closeSync(handle);
  }
}

test('a file that is appended to before it is converted is read anew and loaded as the whole that it is then', async () => {
  expect(await takeAndAppendAfter('claimed')).toBe('finished');
  const steps = ['claimed', 'parked', 'claimed', 'converted', 'published', 'finished'];
  expect(project.stepsOf('a.csv')).toEqual(steps);
  await expectExactlyOnce(project, 'people', new Map([['a.csv', before + addition]]));
});

test('a file that is appended to after it was converted is loaded as it was then, and goes back to people as it is', async () => {
  expect(await takeAndAppendAfter('published')).toBe('failed');
  const loadId = loadIdFor('people', 'a.csv', before);
  expect(await parquetRows(project, 'people')).toEqual({ [loadId]: 50 });
  expect(readFileSync(join(project.failed, 'a.csv'), 'utf8')).toBe(before + addition);
  const report = readFileSync(join(project.failed, 'a.csv.report.json'), 'utf8');
  expect(JSON.parse(report)).toMatchObject({ problems: [{ rule: 'changed' }] });
  expect(report).toContain(loadId);
  expect(filesIn(join(project.archive, 'people'))).toEqual([]);
});
