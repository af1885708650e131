import { readFileSync, statSync } from 'node:fs';
import { writtenFolders } from './service-plan.ts';
import type { Config } from '../config/config.ts';

/** The user that a service runs as where nothing else fits. */
const DEFAULT_USER = 'csv-hopper';

interface User {
  name: string;
  uid: number;
}

/**
 * Whoever the input folder belongs to, so that nothing about the folders has to change; where that is root, or there is no folder
 * yet, a user of csv-hopper's own. A dynamic user would own files that nobody else has a name for.
 */
export function ownerOf({ folders }: Config): string {
  const uid = statSync(folders.input, { throwIfNoEntry: false })?.uid ?? 0;
  if (uid === 0) return DEFAULT_USER;
  return users().find((user) => user.uid === uid)?.name ?? String(uid);
}

/** The commands, for root, that let a user work: what is there and right needs none. */
export function preparations(config: Config, runAs: string): string[] {
  const user = users().find(({ name, uid }) => name === runAs || String(uid) === runAs);
  const folders = writtenFolders(config);
  const found = folders.map((path) => [path, statSync(path, { throwIfNoEntry: false })] as const);
  const missing = found.flatMap(([path, stats]) => (stats === undefined ? [path] : []));
  const foreign = found.flatMap(([path, stats]) =>
    stats !== undefined && stats.uid === user?.uid ? [] : [path],
  );
  const shell = (paths: string[]): string => paths.map(quoted).join(' ');
  return [
    // A number needs no name.
    ...(user === undefined && !/^\d+$/.test(runAs)
      ? [
          `useradd --system --user-group --no-create-home --shell /usr/sbin/nologin ${quoted(runAs)}`,
        ]
      : []),
    // Who is in the group of the user may drop files then.
    ...(missing.length > 0 ? [`install -d -m 2770 ${shell(missing)}`] : []),
    ...(foreign.length > 0 ? [`chown -R ${quoted(runAs)}: ${shell(foreign)}`] : []),
  ];
}

/** Those of this machine; directories elsewhere are not asked. */
function users(): User[] {
  let text = '';
  try {
    text = readFileSync('/etc/passwd', 'utf8');
  } catch {
    // A system without one: numbers are users too.
  }
  return text.split('\n').flatMap((line) => {
    const [name = '', , uid = ''] = line.split(':');
    return /^\d+$/.test(uid) ? [{ name, uid: Number(uid) }] : [];
  });
}

/** A word for a shell. */
function quoted(word: string): string {
  return /^[\w./:@,+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
