import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './until.ts';

const ROOT = '/sys/fs/cgroup';

let made = 0;

/** A control group of its own, in which the system ends a process when they need more memory than the limit. */
export class MemoryLimit {
  readonly #folder: string;
  /** Put these before a command: it and all that it starts share the limit. */
  readonly words: string[];

  constructor(bytes: number) {
    const { folder, limitFile } = parentGroup();
    this.#folder = join(folder, `csv-hopper-test-${process.pid}-${++made}`);
    mkdirSync(this.#folder);
    writeFileSync(join(this.#folder, limitFile), String(bytes));
    const processes = join(this.#folder, 'cgroup.procs');
    this.words = ['sh', '-c', 'echo $$ > "$0" && exec "$@"', processes];
  }

  /** How many processes the system has ended for lack of memory. */
  get kills(): number {
    const file = ['memory.events', 'memory.oom_control'].find((name) =>
      existsSync(join(this.#folder, name)),
    );
    const text = readFileSync(join(this.#folder, file ?? 'memory.events'), 'utf8');
    return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
  }

  /** Once no process is in it any more: what a killed one had started ends a moment later. */
  async remove(): Promise<void> {
    const processes = (): string => readFileSync(join(this.#folder, 'cgroup.procs'), 'utf8');
    await until(
      () => processes() === '',
      () => `Still in the group: ${processes()}`,
    );
    this.#removeNow();
  }

  /** Why no limit can be set; null where one can. */
  static missing(): string | null {
    try {
      new MemoryLimit(1 << 30).#removeNow();
      return null;
    } catch {
      return 'no right to make a control group with a memory limit';
    }
  }

  #removeNow(): void {
    rmdirSync(this.#folder);
  }
}

/** The group of this process, under either version of control groups. */
function parentGroup(): { folder: string; limitFile: string } {
  const groups = readFileSync('/proc/self/cgroup', 'utf8');
  const old = /^\d+:(?:.*,)?memory(?:,.*)?:(.*)$/m.exec(groups)?.[1];
  if (old !== undefined) {
    return { folder: join(ROOT, 'memory', old), limitFile: 'memory.limit_in_bytes' };
  }
  return { folder: join(ROOT, /^0::(.*)$/m.exec(groups)?.[1] ?? ''), limitFile: 'memory.max' };
}
