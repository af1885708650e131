import type { Config } from '../config/config.ts';
import { isLoopback } from '../core/listen-address.ts';
import { BASE_BYTES } from '../query/query-job.ts';
import { type ServicePlan, touches, writtenFolders } from './service-plan.ts';
import { type UnitLine, words } from './unit-file.ts';

const MIB = 1024 * 1024;

/**
 * What the service may do, and how much it may take. Each line that is weaker than it could be says why; systemd-analyze security
 * has the rest.
 */
export function sandbox(plan: ServicePlan): UnitLine[] {
  return [...limits(plan), ...rights(plan)];
}

/** Where only the system's manager can do so, rights to files; in a user's own unit those that need no other user. */
function rights(plan: ServicePlan): UnitLine[] {
  return [
    ['NoNewPrivileges', 'yes'],
    ['UMask', '0027'],
    ...(plan.runAs === null ? [] : fileRights(plan)),
    ...network(plan),
    '# No MemoryDenyWriteExecute: V8 compiles code while it runs.',
    ['LockPersonality', 'yes'],
    ['RestrictNamespaces', 'yes'],
    ['RestrictRealtime', 'yes'],
    ['RestrictSUIDSGID', 'yes'],
    ['SystemCallArchitectures', 'native'],
    ['SystemCallFilter', '@system-service'],
    ['SystemCallFilter', '~@privileged @resources'],
    '# It lets a database server on this machine have the processor first.',
    ['SystemCallFilter', 'setpriority'],
    '# It limits the memory of each process for queries.',
    ['SystemCallFilter', 'setrlimit prlimit64'],
    ['SystemCallErrorNumber', 'EPERM'],
  ];
}

function fileRights(plan: ServicePlan): UnitLine[] {
  const inHomes = touches(plan, '/home', '/root', '/run/user');
  const inTemporary = touches(plan, '/tmp', '/var/tmp');
  return [
    ['CapabilityBoundingSet', ''],
    ['AmbientCapabilities', ''],
    ['ProtectSystem', 'strict'],
    ['ReadWritePaths', words(...writtenFolders(plan.config))],
    ...weaker(inHomes, 'Something that it needs lies in a home folder.'),
    ['ProtectHome', inHomes ? 'read-only' : 'yes'],
    ...weaker(inTemporary, 'Something that it needs lies in a folder for temporary files.'),
    ['PrivateTmp', inTemporary ? 'no' : 'yes'],
    ['PrivateDevices', 'yes'],
    '# Its own processes and those of its user: who writes to a file is seen there. So no PrivateUsers either, and no ProcSubset,',
    '# which would hide the id of the boot: a lock from before a power cut could be taken for that of another process.',
    ['ProtectProc', 'invisible'],
    ['ProtectClock', 'yes'],
    ['ProtectControlGroups', 'yes'],
    ['ProtectHostname', 'yes'],
    ['ProtectKernelLogs', 'yes'],
    ['ProtectKernelModules', 'yes'],
    ['ProtectKernelTunables', 'yes'],
    '# No RemoveIPC: at the end it removes what other programs of the user share, and all files of the user in /dev/shm.',
    ['KeyringMode', 'private'],
    ['PrivateMounts', 'yes'],
  ];
}

function weaker(isWeaker: boolean, why: string): UnitLine[] {
  return isWeaker ? [`# ${why}`] : [];
}

/** Whom it talks to beside systemd, or answers: the daemon has a port. */
export function reach({
  config: { database, notify, serve },
  schedule,
}: ServicePlan): 'nobody' | 'this machine' | 'anybody' {
  const port = schedule === null ? serve : null;
  if (notify !== null || (port !== null && !isLoopback(port.listen.host))) return 'anybody';
  if (database !== null && !isLoopback(database.host)) return 'anybody';
  return database === null && port === null ? 'nobody' : 'this machine';
}

function network(plan: ServicePlan): UnitLine[] {
  const reached = reach(plan);
  const families = reached === 'nobody' ? 'AF_UNIX' : 'AF_UNIX AF_INET AF_INET6';
  const lines: UnitLine[] = [['RestrictAddressFamilies', families]];
  // A user's manager may not have the rights to it.
  if (plan.runAs === null || reached === 'anybody') return lines;
  if (reached === 'nobody') lines.push(['PrivateNetwork', 'yes']);
  lines.push(['IPAddressDeny', 'any']);
  if (reached === 'this machine') lines.push(['IPAddressAllow', 'localhost']);
  return lines;
}

function limits(plan: ServicePlan): UnitLine[] {
  const { workers } = plan.config.convert;
  const queries = queriesOf(plan);
  return [
    '# Far above what was ever measured (388 MiB with two workers, docs/RELIABILITY.md): it ends a leak, and no load. Each query that',
    '# may run has its own limit besides.',
    ['MemoryMax', `${memoryMax(plan.config) + queries * memoryOfQuery(plan.config)}M`],
    '# The process that works on a suspicious file alone may be ended without csv-hopper, which has to see how it ends.',
    ['OOMPolicy', 'continue'],
    ['TasksMax', String(64 + 8 * workers + 32 * queries)],
    ['LimitNOFILE', '65536'],
    '# A core dump would hold rows and the password.',
    ['LimitCORE', '0'],
  ];
}

/** How many may run side by side: the daemon's, where it has a port. */
function queriesOf({ config: { serve, data }, schedule }: ServicePlan): number {
  return schedule === null && serve !== null && data.role !== null ? data.atOnce : 0;
}

/** In MiB. */
function memoryOfQuery({ data }: Config): number {
  return Math.ceil((data.memoryBytesMax + BASE_BYTES) / MIB);
}

/** In MiB. Each worker may hold a few rows of the longest size, and the window of a packed file (128 MiB at the most). */
function memoryMax({ convert }: Config): number {
  const longRows = Math.ceil((8 * Math.max(0, convert.lineBytesMax - 16 * MIB)) / MIB);
  return 512 + convert.workers * (256 + longRows);
}
