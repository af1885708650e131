import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The calls by which csv-hopper changes anything outside of itself, or makes it last. */
const changingCalls = [
  ...[
    'openat',
    'write',
    'writev',
    'pwrite64',
    'ftruncate',
    'fsync',
    'fdatasync',
    'copy_file_range',
  ],
  ...['rename', 'renameat2', 'link', 'unlink', 'mkdir', 'rmdir', 'sendto', 'sendmsg'],
];

/**
 * A call at which something can be injected. strace counts calls for each thread, so one is found again by what it is on, or
 * by being the main thread's, or else by being the first in any thread to have its number.
 */
export interface CallPoint {
  call: string;
  /** A path below the project that is the same in each run, if it is on one; then calls on that path are counted. */
  path: string | null;
  thread: 'main' | 'any';
  nth: number;
  /** What it is on, for people: paths with their ids and numbers left out, or `server`. */
  on: string;
}

/** Why strace cannot be used, or null. */
export function straceMissing(): string | null {
  const { status, error } = spawnSync('strace', ['-D', '-f', '-qq', '-e', 'trace=none', 'true'], {
    stdio: 'ignore',
    timeout: 10_000,
  });
  if (error !== undefined) return 'no strace on this machine';
  return status === 0 ? null : 'processes may not be traced on this machine';
}

// strace is the csv-hopper's grandchild, so signals and the exit code are the csv-hopper's own. One thread does all
// asynchronous file work, so that calls come in nearly the same order each time.
const strace = ['env', 'UV_THREADPOOL_SIZE=1', 'strace', '-D', '-yy', '-qq'];

/** The words to run a csv-hopper under that write all changing calls to a file. */
export function tracing(traceFile: string): string[] {
  return [...strace, '-f', '-e', `trace=${changingCalls.join(',')}`, '-o', traceFile];
}

/** The words under which something befalls a csv-hopper at a point: `signal=SIGKILL`, `error=EIO`; strace's own words. */
export function injecting(
  point: CallPoint,
  what: string,
  root: string,
  traceFile: string,
  everAfter = false,
): string[] {
  const { call, path, thread, nth } = point;
  return [
    ...strace,
    ...(thread === 'any' ? ['-f'] : []),
    ...(path === null ? [] : ['-P', `${root}/${path}`]),
    ...['-e', `trace=${call}`, '-e', `inject=${call}:${what}:when=${nth}${everAfter ? '+' : ''}`],
    ...['-o', traceFile],
  ];
}

/** The points of a traced run, in their order, that change something below `root` or go to the server. */
export function callPoints(traceFile: string, root: string): CallPoint[] {
  const points: CallPoint[] = [];
  const counter = new CallCounter();
  let main: string | null = null;
  for (const line of readFileSync(traceFile, 'utf8').split('\n')) {
    const [, thread, call, operands] = /^(\d+) +(\w+)\((.*)$/.exec(line) ?? [];
    if (thread === undefined || call === undefined || operands === undefined) continue;
    main ??= thread;
    const paths = pathsIn(operands, root);
    // Of a rename strace's -P looks at the old name only.
    const seen = call === 'rename' ? paths.slice(0, 1) : paths;
    const [path = null, ...others] = seen.filter(isTheSameInEachRun);
    const anywhere = counter.count(thread, call);
    const onPath = path === null ? anywhere : counter.count(thread, `${call} ${path}`);
    for (const other of others) counter.count(thread, `${call} ${other}`);
    const on = operands.includes('<TCP:[') ? 'server' : paths.map(withoutIds).join(' -> ');
    if (on === '' || (call === 'openat' && !/O_(WRONLY|RDWR|CREAT)/.test(operands))) continue;
    if (path !== null) {
      if (onPath.isFirst) points.push({ call, path, thread: 'any', nth: onPath.nth, on });
    } else if (thread === main) {
      points.push({ call, path, thread: 'main', nth: anywhere.nth, on });
    } else if (anywhere.isFirst) {
      points.push({ call, path, thread: 'any', nth: anywhere.nth, on });
    }
  }
  return points;
}

/** The point that a killed process met, which for one without a path may be another than in the run before. */
export function metPoint(point: CallPoint, traceFile: string, root: string): CallPoint {
  const last = readFileSync(traceFile, 'utf8')
    .split('\n')
    .find((line) => line.endsWith(' = ?'));
  if (point.path !== null || last === undefined) return point;
  const on = last.includes('<TCP:[') ? 'server' : pathsIn(last, root).map(withoutIds).join(' -> ');
  return { ...point, on: on === '' ? 'nothing of csv-hopper' : on };
}

/** Counts the calls of each thread as strace does, and says whether another thread had the same number before. */
class CallCounter {
  readonly #counts = new Map<string, number>();
  readonly #reached = new Set<string>();

  count(thread: string, what: string): { nth: number; isFirst: boolean } {
    const nth = (this.#counts.get(`${thread} ${what}`) ?? 0) + 1;
    this.#counts.set(`${thread} ${what}`, nth);
    const isFirst = !this.#reached.has(`${what} ${nth}`);
    this.#reached.add(`${what} ${nth}`);
    return { nth, isFirst };
  }
}

function pathsIn(operands: string, root: string): string[] {
  const paths = [...operands.matchAll(/[<"]([^<>"]*)[>"]/g)].map(([, path]) => path ?? '');
  const inside = paths.filter((path) => path.startsWith(`${root}/`));
  return [...new Set(inside)].map((path) => path.slice(root.length + 1));
}

/** Claims before their files are identified, temporary files and locks have random names; all others follow from the content. */
function isTheSameInEachRun(path: string): boolean {
  return !/claim-|\.[0-9a-f]{16}\.tmp|lock\.[0-9a-f]{32}/.test(path);
}

function withoutIds(path: string): string {
  return path.replaceAll(/[0-9a-f]{32}|[0-9a-f]{16}|[0-9a-f]{8}/g, 'ID').replaceAll(/\d+/g, 'N');
}
