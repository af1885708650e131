import { readdirSync } from 'node:fs';
import { getPriority } from 'node:os';
import { expect, test } from 'vitest';
import { eachWithDatabase } from '../support/database-project.ts';
import { HopperProject, people, peopleDataset } from '../support/hopper-project.ts';
import { describeWithMariadb } from '../support/mariadb.ts';

/** How willing each thread of a process is to let others run, 0 to 19; a thread may end between the two calls. */
function nicenessOfThreads(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`)
    .map(Number)
    .map((thread) => getPriority(thread));
}

const onLinux = test.skipIf(process.platform !== 'linux');

describeWithMariadb('with a database on the same machine', () => {
  let project: HopperProject;
  eachWithDatabase((made) => {
    ({ project } = made);
  });

  onLinux('all threads give way to its server, and those that convert to the others', async () => {
    const { child } = await project.start();
    project.drop('a.csv', people(0, 20));
    await project.event('finished', 'a.csv');
    const niceness = nicenessOfThreads(child.pid ?? 0);
    expect(Math.min(...niceness)).toBe(14);
    expect(Math.max(...niceness)).toBe(19);
  });
});

onLinux('without a database no thread gives way', async () => {
  const project = new HopperProject({ datasets: peopleDataset });
  const { child } = await project.start();
  project.drop('a.csv', people(0, 20));
  await project.event('finished', 'a.csv');
  expect(Math.max(...nicenessOfThreads(child.pid ?? 0))).toBe(0);
  await project.remove();
});
