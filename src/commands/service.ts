import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Config } from '../config/config.ts';
import { environment } from '../config/environment.ts';
import { readConfig } from '../config/read-config.ts';
import {
  parseSchedule,
  firstDay,
  scheduleText,
  type BatchSchedule,
} from '../daemon/batch-schedule.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { installUnits, readUnit, removeUnits } from '../systemd/installed-units.ts';
import { type ServicePlan, touches } from '../systemd/service-plan.ts';
import { ownerOf, preparations } from '../systemd/service-user.ts';
import { unitNames, units } from '../systemd/units.ts';
import { type CommonOptions, DONE, print, printError } from './command.ts';
import { localZone } from './local-zone.ts';

export type ServiceAction = 'print' | 'install' | 'uninstall';

export interface ServiceOptions extends CommonOptions {
  name: string;
  user?: boolean;
  dir?: string;
  runAs?: string;
  environmentFile?: string;
  at?: string;
  every?: string;
  from?: string;
}

/** `csv-hopper service print|install|uninstall`: units for systemd, made of the configuration. */
export async function service(action: ServiceAction, options: ServiceOptions): Promise<number> {
  const folder = resolve(options.dir ?? unitFolder(options.user === true));
  const names = unitNames(options.name);
  if (action === 'uninstall') return uninstall(folder, Object.values(names), options);
  const { config, variables } = readWithVariables(options.config);
  const plan = await planOf(config, options, folder);
  const made = units(plan);
  const notes = notesOn(plan, variables);
  if (action === 'print') {
    // On standard output there is nothing but units, for a file.
    printError(...notes);
    for (const { name, text } of made) {
      print(...(made.length > 1 ? [`# --- ${name}`] : []), ...text.trimEnd().split('\n'));
    }
    return DONE;
  }
  const installed = plan.schedule === null ? [names.daemon] : [names.ingest, names.timer];
  const others = Object.values(names).filter((name) => !installed.includes(name));
  for (const { path, what } of await installUnits(folder, made, others)) print(`${path}: ${what}`);
  print(...nextSteps(plan, installed.at(-1) ?? '', notes));
  return DONE;
}

async function uninstall(
  folder: string,
  names: string[],
  { user }: ServiceOptions,
): Promise<number> {
  const removed = await removeUnits(folder, names);
  if (removed.length === 0) {
    print(`there are no units of csv-hopper in ${folder}`);
    return DONE;
  }
  const manager = user === true ? 'systemctl --user' : 'systemctl';
  const stopped = names.filter((name) => removed.includes(join(folder, name)));
  print(...removed.map((path) => `${path}: removed`), 'Next:');
  print(`  ${manager} stop ${stopped.join(' ')}`, `  ${manager} daemon-reload`);
  return DONE;
}

/** Which variables of the environment the configuration refers to: a service has none of them by itself. */
function readWithVariables(path: string): { config: Config; variables: string[] } {
  const variables = new Set<string>();
  const watched = new Proxy(environment(), {
    get: (all, name) => {
      if (typeof name === 'string' && name !== 'CREDENTIALS_DIRECTORY') variables.add(name);
      return Reflect.get(all, name) as string | undefined;
    },
  });
  return { config: readConfig(path, watched), variables: [...variables] };
}

async function planOf(
  config: Config,
  options: ServiceOptions,
  folder: string,
): Promise<ServicePlan> {
  if (options.user === true && options.runAs !== undefined) {
    throw new HopperError('usage_invalid', {
      message: '--user and --run-as exclude one another: a unit of your own runs as you.',
      hint: 'Leave out one of both.',
    });
  }
  const { environmentFile, runAs } = options;
  // Spec: systemd.exec(5), User=: names that it takes, and numbers.
  if (runAs !== undefined && !/^[A-Za-z0-9_][\w.-]*\$?$/.test(runAs)) {
    throw new HopperError('usage_invalid', {
      message: '--run-as takes the name or number of a user.',
      hint: 'Use letters, digits and . _ - only.',
    });
  }
  return {
    name: options.name,
    config,
    workingFolder: process.cwd(),
    node: process.execPath,
    cli: realpathSync(process.argv[1] ?? ''),
    runAs: options.user === true ? null : (runAs ?? ownerOf(config)),
    environmentFile: environmentFile === undefined ? null : resolve(environmentFile),
    schedule: await scheduleOf(options, folder),
  };
}

/** Without a first day, that of the unit that is installed, so that installing it again moves nothing. */
async function scheduleOf(
  { name, at, every, from }: ServiceOptions,
  folder: string,
): Promise<BatchSchedule | null> {
  if (at === undefined) {
    if (every === undefined && from === undefined) return null;
    throw new HopperError('usage_invalid', {
      message:
        '--every and --from are about the times of ingest, which --at begins; without it the unit is that of the daemon.',
      hint: 'Add --at 06:00, or leave out both.',
    });
  }
  const text = `every ${every ?? '1 day'} at ${at} from `;
  const given = parseSchedule(`${text}${from ?? '2000-01-01'}`);
  if (given === null) {
    throw new HopperError('usage_invalid', {
      message: `${text}${from ?? ''} is no schedule.`,
      hint: 'Write it as in --every "2 days" --at 06:00 --from 2026-11-27.',
    });
  }
  if (from !== undefined && given.everyDays === 1) {
    throw new HopperError('usage_invalid', {
      message:
        'A run every day begins on the next one: --from is the day from which others are counted.',
      hint: 'Leave out --from, or give --every "2 days".',
    });
  }
  if (from !== undefined) return given;
  const unit = await readUnit(join(folder, unitNames(name).ingest));
  const former = parseSchedule(/--when-due "([^"]*)"/.exec(unit ?? '')?.[1] ?? '');
  const first = { ...given, from: firstDay(given.at, Date.now(), localZone()) };
  const stays = former !== null && former.at === given.at && former.everyDays === given.everyDays;
  return stays ? former : first;
}

function notesOn(plan: ServicePlan, variables: string[]): string[] {
  const notes: string[] = [];
  if (variables.length > 0 && plan.environmentFile === null) {
    const names = variables.join(', ');
    notes.push(
      `The configuration reads ${names} from the environment, which a service does not have: put a secret into a file (password_file), or NAME=value lines into one for --environment-file.`,
    );
  }
  if (plan.runAs !== null && touches(plan, '/root')) {
    notes.push(
      `Something that it needs lies in /root, where ${plan.runAs} may not look: the project belongs elsewhere, such as /opt/csv-hopper.`,
    );
  }
  return notes;
}

function nextSteps(plan: ServicePlan, unit: string, notes: string[]): string[] {
  const { config, runAs, schedule } = plan;
  const manager = runAs === null ? 'systemctl --user' : 'systemctl';
  const steps = [
    ...(runAs === null ? ['loginctl enable-linger'] : preparations(config, runAs)),
    `${manager} daemon-reload`,
    `${manager} enable --now ${unit}`,
  ];
  return [
    ...(schedule === null ? [] : [`ingest runs ${scheduleText(schedule)} (${localZone()})`]),
    ...notes,
    'Next:',
    ...steps.map((step) => `  ${step}`),
  ];
}

function unitFolder(ofUser: boolean): string {
  return ofUser ? join(homedir(), '.config/systemd/user') : '/etc/systemd/system';
}
