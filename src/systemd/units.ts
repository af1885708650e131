import { isLoopback } from '../core/listen-address.ts';
import { resolve } from 'node:path';
import { scheduleText, timeText } from '../daemon/batch-schedule.ts';
import { reach, sandbox } from './sandbox.ts';
import { type ServicePlan, writtenFolders } from './service-plan.ts';
import {
  commandWords,
  restOfLine,
  type UnitFile,
  type UnitLine,
  type UnitSection,
  unitFile,
  words,
} from './unit-file.ts';

/** The names of all units that a name may stand for. */
export function unitNames(name: string): { daemon: string; ingest: string; timer: string } {
  return {
    daemon: `${name}.service`,
    ingest: `${name}-ingest.service`,
    timer: `${name}-ingest.timer`,
  };
}

/** The units of a plan: the daemon, or a run of ingest with its timer. */
export function units(plan: ServicePlan): UnitFile[] {
  const names = unitNames(plan.name);
  if (plan.schedule === null) return [unitFile(names.daemon, daemonSections(plan))];
  return [
    unitFile(names.ingest, ingestSections(plan)),
    unitFile(names.timer, timerSections(plan, plan.schedule.at)),
  ];
}

function daemonSections(plan: ServicePlan): UnitSection[] {
  return [
    {
      title: 'Unit',
      lines: [
        ['Description', 'csv-hopper: CSV files dropped into a folder become Parquet and rows'],
        ...surroundings(plan),
        '# Whatever keeps it from starting, such as a folder that is not mounted, may end at any time.',
        ['StartLimitIntervalSec', '0'],
      ],
    },
    {
      title: 'Service',
      lines: [
        '# systemd-notify tells of it, a process of its own, because Node.js has no datagram sockets of this kind.',
        ['Type', 'notify'],
        ['NotifyAccess', 'all'],
        ...command(plan, 'start'),
        ['ExecReload', '/bin/kill -HUP $MAINPID'],
        ['Restart', 'on-failure'],
        ['RestartSec', '10'],
        '# A configuration that is wrong stays wrong.',
        ['RestartPreventExitStatus', '2'],
        ['TimeoutStartSec', '5min'],
        '# Told of from the event loop, so what hangs is ended, and the next start goes on with what it was at.',
        ['WatchdogSec', '2min'],
        ['WatchdogSignal', 'SIGKILL'],
        ...ending,
        ...sandbox(plan),
      ],
    },
    {
      title: 'Install',
      lines: [['WantedBy', plan.runAs === null ? 'default.target' : 'multi-user.target']],
    },
  ];
}

function ingestSections(plan: ServicePlan): UnitSection[] {
  return [
    {
      title: 'Unit',
      lines: [
        ['Description', 'csv-hopper: the CSV files in a folder become Parquet and rows, once'],
        ...surroundings(plan),
      ],
    },
    {
      title: 'Service',
      lines: [['Type', 'oneshot'], ...ingestCommand(plan), ...ending, ...sandbox(plan)],
    },
  ];
}

/** Every day needs no question whether it is one. */
function ingestCommand(plan: ServicePlan): UnitLine[] {
  const { schedule } = plan;
  if (schedule === null || schedule.everyDays === 1) return command(plan, 'ingest');
  return [
    '# The timer elapses every day; csv-hopper counts the days. A calendar cannot: */2 is on the 31st and on the 1st after it.',
    ...command(plan, 'ingest', '--when-due', scheduleText(schedule)),
  ];
}

function timerSections({ name }: ServicePlan, at: number): UnitSection[] {
  return [
    { title: 'Unit', lines: [['Description', `When ${unitNames(name).ingest} runs`]] },
    {
      title: 'Timer',
      lines: [
        ['OnCalendar', `*-*-* ${timeText(at)}:00`],
        ['AccuracySec', '1s'],
        '# What was missed while the machine was off is made up for.',
        ['Persistent', 'true'],
      ],
    },
    { title: 'Install', lines: [['WantedBy', 'timers.target']] },
  ];
}

/** What has to be there first. */
function surroundings(plan: ServicePlan): UnitLine[] {
  const { config, runAs } = plan;
  // A user's manager knows neither mounts nor the units of the system.
  if (runAs === null) return [];
  const { database } = config;
  const lines: UnitLine[] = [['RequiresMountsFor', words(...writtenFolders(config))]];
  if (reach(plan) === 'anybody') {
    lines.push(['Wants', 'network-online.target'], ['After', 'network-online.target']);
  }
  if (database !== null && isLoopback(database.host)) {
    lines.push(['After', 'mariadb.service mysql.service']);
  }
  return lines;
}

function command(plan: ServicePlan, ...given: string[]): UnitLine[] {
  const { config, workingFolder, node, cli, runAs, environmentFile } = plan;
  return [
    ['ExecStart', commandWords(node, cli, ...given, '--config', config.file)],
    ['WorkingDirectory', restOfLine(workingFolder)],
    ...(runAs === null ? [] : [['User', runAs] as const]),
    ...(environmentFile === null
      ? []
      : [['EnvironmentFile', restOfLine(environmentFile)] as const]),
    // Who runs a unit of their own can read the file anyway.
    ...(runAs === null ? [] : config.secretFiles).map(({ credential, path }) => {
      const file = restOfLine(resolve(workingFolder, path));
      return ['LoadCredential', `${credential}:${file}`] as const;
    }),
  ];
}

const ending: UnitLine[] = [
  '# The first signal is for csv-hopper alone: a process that it has started would look as if its file had ended it.',
  ['KillMode', 'mixed'],
  ['TimeoutStopSec', '20'],
];
