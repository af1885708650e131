import { expect } from 'vitest';
import { plainUser } from './database-scene.ts';
import { type Trouble, troubles } from './database-troubles.ts';
import { type Fault, type Figures, type Rig, timesOf } from './fault.ts';
import type { Mode } from './producer.ts';
import { Trial } from './trial.ts';

/** Every trouble in a trial of its own, with files before, in it and after. */
export const databaseFaults: Fault = {
  title: 'trouble with the database',
  missing: () => null,
  async run(rig) {
    const figures: Figures = {};
    const times = timesOf(rig, 3, 1);
    for (const trouble of troubles) {
      if (rig.isShort && trouble.inShortForm === undefined) continue;
      for (let n = 0; n < times; n++) await meet({ ...rig, seed: rig.seed + n }, trouble);
      figures[trouble.name] = times;
    }
    return figures;
  },
};

/** Every trouble so often in a dataset that does this with rows that are there, without the longest waits; how many. */
export async function troublesIn(rig: Rig, times: number, mode: Mode): Promise<Figures> {
  let met = 0;
  for (const trouble of troubles.filter(({ ofAppended }) => ofAppended === undefined)) {
    for (let n = 0; n < times; n++, met++)
      await meet({ ...rig, seed: rig.seed + n, isShort: true }, trouble, mode);
  }
  return { troubles: met };
}

async function meet(
  rig: Rig,
  { name, startsEmpty, befall }: Trouble,
  mode: Mode = 'append',
): Promise<void> {
  const { server } = rig;
  const trial = await Trial.open({
    ...{ seed: rig.seed, server, mode },
    database: { ...plainUser, connectTimeoutMs: 2000, queryTimeoutMs: 2000 },
    more: 'intake: { quiet_ms: 50, sweep_ms: 300 }\nconvert: { workers: 2 }',
  });
  try {
    const { database } = trial;
    if (database === null) throw new Error('The trial has no database.');
    const rights = ['SELECT', 'INSERT', 'CREATE', 'UPDATE', ...rightsOf[mode]].join(', ');
    await server.query(`CREATE USER IF NOT EXISTS plain@'%' IDENTIFIED BY '${plainUser.password}'`);
    await server.query(`GRANT ${rights} ON ${database.name}.* TO plain@'%'`);
    const daemon = trial.start();
    await daemon.ready();
    if (startsEmpty === undefined) trial.handOver(20);
    await trial.idle(daemon);
    await befall({ trial, daemon, server, database, isLong: !rig.isShort });
    trial.handOver(20);
    trial.handOver(3, 'failed');
    trial.handOver(5, 'diverted');
    await trial.idle(daemon);
    expect(await daemon.stop(), daemon.said).toBe(0);
    await trial.account();
    rig.onTrial(`${mode}: ${name}`);
  } catch (error) {
    throw new Error(`With the database's trouble "${name}" (${mode}):`, { cause: error });
  } finally {
    await trial.close();
  }
}

const rightsOf: Readonly<Record<Mode, readonly string[]>> = {
  append: [],
  key: [],
  replace: ['DELETE'],
  upsert: ['CREATE TEMPORARY TABLES'],
};
