import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { build, repository } from './hopper-process.ts';
import type { HopperProject } from './hopper-project.ts';
import type { Mariadb } from './mariadb.ts';

const page = readFileSync(join(repository, 'docs/OPERATIONS.md'), 'utf8');

/** The blocks of a language under a heading of docs/OPERATIONS.md, up to the next heading. */
export function blocksUnder(heading: string, language = 'sh'): string[] {
  const part = page.split(/^(?=#{2,3} )/m).find((text) => text.startsWith(`${heading}\n`, 0));
  if (part === undefined) throw new Error(`docs/OPERATIONS.md has no "${heading}".`);
  const block = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm');
  return [...part.matchAll(block)].map(([, lines = '']) => lines);
}

export interface DocShellOptions {
  project: HopperProject;
  server: Mariadb;
  /** Those that stand for just_play_db and for the user hopper. */
  database: string;
  user: string;
}

/**
 * Runs commands of docs/OPERATIONS.md as they stand there, but for names: the folders of an installation are those of a project, the database and
 * its user those of a test. `systemctl` starts and stops the daemon of the project; nobody is made a user, so everything belongs to who tests.
 */
export class DocShell {
  readonly #options: DocShellOptions;
  readonly #bin: string;

  constructor(options: DocShellOptions) {
    this.#options = options;
    build();
    const { project, server } = options;
    const { user, password } = server.rootConfig;
    this.#bin = join(project.root, 'bin');
    mkdirSync(this.#bin);
    mkdirSync(join(project.root, 'etc'));
    const client = `--no-defaults -h127.0.0.1 -P${server.port} -u${user} '-p${password}' "$@"`;
    const pid = join(project.root, 'daemon.pid');
    const out = join(project.root, 'daemon.out');
    this.#install('csv-hopper', `exec '${process.execPath}' '${repository}/dist/cli.js' "$@"`);
    this.#install('runuser', 'shift 3; exec "$@"');
    this.#install('mariadb', `exec ${programOf('mariadb')} ${client}`);
    this.#install('mariadb-dump', `exec ${programOf('mariadb-dump')} ${client}`);
    this.#install('install', withoutOwner);
    for (const name of ['chown', 'chgrp', 'git', 'npm']) this.#install(name, 'exit 0');
    this.#install(
      'systemctl',
      `
stop() {
  [ ! -e '${pid}' ] || { kill "$(cat '${pid}')"; while kill -0 "$(cat '${pid}')" 2>/dev/null; do sleep 0.02; done; rm '${pid}'; }
}
start() {
  rm -f '${out}'
  csv-hopper start >'${out}' 2>&1 & echo $! >'${pid}'
  until grep -qs '^waiting for CSV files' '${out}'; do kill -0 "$(cat '${pid}')" || exit 1; sleep 0.02; done
}
case $1 in
  start | enable) start ;;
  restart) stop; start ;;
  stop) stop ;;
  daemon-reload) ;;
  *) exit 1 ;;
esac`,
    );
  }

  /** Runs a block with `set -eu`; what it printed. Throws where a command fails. */
  run(block: string, more: Record<string, string> = {}): string {
    const { project } = this.#options;
    const path = `${this.#bin}${delimiter}${process.env['PATH'] ?? ''}`;
    const env = { ...process.env, PATH: path, TZ: 'UTC', ...more };
    const script = `set -eu\nexec 2>&1\n${this.#here(block)}`;
    const { status, stdout } = spawnSync('sh', ['-c', script], {
      ...{ cwd: project.root, env, encoding: 'utf8', timeout: 60_000 },
    });
    if (status === 0) return stdout;
    const out = join(project.root, 'daemon.out');
    const said = existsSync(out) ? readFileSync(out, 'utf8') : '';
    throw new Error(`It ended with ${status}:\n${script}\n${stdout}\n${said}`);
  }

  stop(): void {
    this.run('systemctl stop csv-hopper');
  }

  #here(block: string): string {
    const { project, server, database, user } = this.#options;
    const root = project.root.slice(1);
    return block
      .replaceAll('srv/csv-hopper', root)
      .replaceAll('etc/csv-hopper', `${root}/etc`)
      .replaceAll('var/backups/csv-hopper', `${root}-backup`)
      .replaceAll('just_play_db', database)
      .replaceAll("'hopper'@'localhost'", `'${user}'@'%'`)
      .replaceAll('user: hopper', `user: ${user}`)
      .replaceAll('host: 127.0.0.1', `host: 127.0.0.1\n  port: ${server.port}`);
  }

  #install(name: string, script: string): void {
    writeFileSync(join(this.#bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
}

/** A user csv-hopper is not there. */
const withoutOwner = `
for word in "$@"; do
  shift
  case $word in
    -o | -g) skip=1 ;;
    *) [ "\${skip:-0}" = 1 ] || set -- "$@" "$word"; skip=0 ;;
  esac
done
exec /usr/bin/install "$@"`;

function programOf(name: string): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`There is no ${name} on this machine.`);
  return found;
}
