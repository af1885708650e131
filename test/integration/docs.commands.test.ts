import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import { buildProgram } from '../../src/commands/program.ts';
import { eachWithDatabase } from '../support/database-project.ts';
import { build, repository } from '../support/hopper-process.ts';
import type { HopperProject } from '../support/hopper-project.ts';
import { describeWithMariadb } from '../support/mariadb.ts';
import { NoticeReceiver } from '../support/notice-receiver.ts';

const path = join(repository, 'docs/COMMANDS.md');
const page = readFileSync(path, 'utf8');
/** A block of commands, each behind a dollar sign, with what they print. */
const block = /^```console\n([\s\S]*?)^```$/gm;

const files: Readonly<Record<string, string>> = {
  'people.csv': 'id;name\n1;Ada\n2;Grace\n3;Alan\n',
  'late.csv': 'id;name\n4;Edsger\nfive;Barbara\n',
  'strict.yaml': 'id: { type: INTEGER, max: 4 }\nname: VARCHAR(40)\n',
  'visits.csv': 'visit,room,from\nA-01,101,2026-11-02\nA-02,012,2026-11-03\nA-03,101,2026-11-05\n',
};

test('the page shows every command', () => {
  const shown = [...page.matchAll(/^\$ csv-hopper (\w+)/gm)].map(([, name]) => name);
  const { commands } = buildProgram(() => undefined);
  expect(shown).toEqual(expect.arrayContaining(commands.map((command) => command.name())));
});

describeWithMariadb('the page of the commands', () => {
  let project: HopperProject;
  eachWithDatabase((made) => {
    ({ project } = made);
  });

  // `npx vitest run test/integration/docs.commands.test.ts -u` writes what they print into the page.
  test('shows what they print', async () => {
    installCommand(project.root);
    const receiver = new NoticeReceiver();
    const url = `http://127.0.0.1:${await receiver.listen()}/`;
    const serve = 'serve: { listen: 127.0.0.1:0 }';
    project.configure({ more: `notify: { url: '${url}' }\nconvert: { workers: 2 }\n${serve}` });
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(join(project.root, name), content);
    }
    const answers = new Map<string, string>();
    for (const [, lines = ''] of page.matchAll(block)) answers.set(lines, await replay(lines));
    const now = page.replace(
      block,
      (_, lines: string) => `\`\`\`console\n${answers.get(lines)!}\`\`\``,
    );
    await receiver.close();
    await expect(now).toMatchFileSnapshot(path);
  });

  async function replay(lines: string): Promise<string> {
    const commands = lines.split('\n').filter((line) => line.startsWith('$ '));
    let status = 0;
    let shown = '';
    for (const line of commands) {
      const words = line.slice(2);
      let printed: string;
      if (words === 'echo $?') printed = `${status}\n`;
      else if (words === 'csv-hopper start') printed = await startAndStop();
      else ({ printed, status } = await run(words));
      shown += `${line}\n${constant(printed)}`;
    }
    return shown;
  }

  function run(words: string): Promise<{ printed: string; status: number }> {
    const path = `${join(project.root, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`;
    const options = { cwd: project.root, env: { ...process.env, PATH: path, TZ: 'UTC' } };
    return new Promise((resolve) => {
      execFile('sh', ['-c', `${words} 2>&1`], options, (error, printed) => {
        resolve({ printed, status: error === null ? 0 : Number(error.code) });
      });
    });
  }

  async function startAndStop(): Promise<string> {
    const daemon = await project.start();
    await project.event('finished', 'people.csv');
    const before = daemon.stdout;
    await daemon.stop('SIGINT');
    return `${before}^C\n${daemon.stdout.slice(before.length)}`;
  }

  /** What differs from run to run, as it would be on some day in some folder. */
  function constant(printed: string): string {
    return (
      printed
        // CSV ends its lines with CR LF, which an editor would not keep in the page.
        .replaceAll('\r', '')
        .replaceAll(project.root, '/srv/csv-hopper')
        .replace(/\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/g, '2026-11-27T06:00:00')
        .replace(/(\d+ ms|\d+\.\d s)\b/g, '42 ms')
        .replace(/hopper_[0-9a-f]{8} at 127\.0\.0\.1:\d+/g, 'just_play_db at 127.0.0.1:3306')
        // As it is by default.
        .replace(
          '127.0.0.1, any port: the log has it',
          '127.0.0.1:9278  (health under /readyz, metrics under /metrics)',
        )
        .replace('HTTP port 127.0.0.1:0', 'HTTP port 127.0.0.1:9278')
        .replace(/(serving .*127\.0\.0\.1):\d+/g, '$1:9278')
        .replace(/(MariaDB|MySQL) \d\S*(?=\.\n)/g, 'MariaDB 10.11.6-MariaDB')
        // Of a server with a binary log, which MySQL has as it comes.
        .replace(', sync_binlog = 1)', ')')
    );
  }
});

/** Puts `csv-hopper` on the path of the project's shell. */
function installCommand(root: string): void {
  build();
  const bin = join(root, 'bin');
  mkdirSync(bin);
  const script = `#!/bin/sh\nexec '${process.execPath}' '${join(repository, 'dist/cli.js')}' "$@"\n`;
  writeFileSync(join(bin, 'csv-hopper'), script, { mode: 0o755 });
}
