import { execFileSync } from 'node:child_process';

/** The system calls that the SystemCallFilter= lines of a unit leave, in the order of the lines: an allow list first. */
export function allowedCalls(unit: string): Set<string> {
  const sets = readSets();
  const allowed = new Set<string>();
  const named = (word: string): string[] => {
    if (!word.startsWith('@')) return [word];
    const members = sets.get(word);
    if (members === undefined) throw new Error(`There is no set ${word}.`);
    return members.flatMap(named);
  };
  for (const [, line = ''] of unit.matchAll(/^SystemCallFilter=(.*)$/gm)) {
    const denies = line.startsWith('~');
    for (const call of line.replace('~', '').split(' ').flatMap(named)) {
      if (denies) allowed.delete(call);
      else allowed.add(call);
    }
  }
  return allowed;
}

/** What systemd-analyze says of each set: a heading, and below it calls and other sets. */
function readSets(): Map<string, string[]> {
  const sets = new Map<string, string[]>();
  let current: string[] = [];
  const said = execFileSync('systemd-analyze', ['syscall-filter', '--no-pager']).toString();
  for (const line of said.split('\n')) {
    if (line.startsWith('@')) sets.set(line.trim(), (current = []));
    else if (/^\s+[@\w]/.test(line)) current.push(line.trim());
  }
  return sets;
}

/** The words before a command that let it make just these calls, as the filter would; what it was refused stands in `log`. */
export function onlyAllowing(calls: ReadonlySet<string>, log: string): string[] {
  // Some calls exist on other processors only.
  const rest = `!${[...calls].map((call) => `?${call}`).join(',')}`;
  const refused = ['-e', `trace=${rest}`, '-e', `inject=${rest}:error=EPERM`];
  return ['strace', '-D', '-f', '--seccomp-bpf', '-qq', '-e', 'signal=none', '-o', log, ...refused];
}
