import { type ChildProcess, spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { repository } from '../support/hopper-process.ts';
import { until } from '../support/until.ts';

/** Compiling everything takes half a minute of a core. */
const BUILD_MS_MAX = 120_000;

// A tree of its own, because other tests run what is in dist/ here.
let root: string;
let npm: ChildProcess | null;
beforeEach(() => {
  npm = null;
  root = mkdtempSync(join(tmpdir(), 'csv-hopper-npm-'));
  for (const name of ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts']) {
    cpSync(join(repository, name), join(root, name), { recursive: true });
  }
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'));
});
afterEach(async () => {
  // With all that it started.
  if (npm?.pid !== undefined && npm.exitCode === null) {
    process.kill(-npm.pid, 'SIGKILL');
    await once(npm, 'exit');
  }
  rmSync(root, { recursive: true });
});

describe('the build', () => {
  const write = (name: string, text: string): void => {
    writeFileSync(join(root, 'src', name), text);
  };
  const runScript = (): SpawnSyncReturns<string> =>
    spawnSync(process.execPath, [join(root, 'scripts/build-if-needed.mjs')], { encoding: 'utf8' });
  const build = (): number | null => runScript().status;
  const built = (): string[] =>
    readdirSync(join(root, 'dist')).filter((name) => name.endsWith('.js'));
  const says = (): string =>
    spawnSync(join(root, 'dist/cli.js'), { encoding: 'utf8' }).stdout.trim();

  beforeEach(() => {
    mkdirSync(join(root, 'src'));
    write('cli.ts', "#!/usr/bin/env node\nimport { word } from './word.ts';\nconsole.log(word);\n");
    write('word.ts', "export const word = 'first';\n");
  });

  test('a fresh tree is compiled, which is said, and what comes out can be run by its name', () => {
    const { status, stderr } = runScript();
    expect(status).toBe(0);
    expect(stderr).toContain('csv-hopper is built first');
    expect(built()).toEqual(['cli.js', 'word.js']);
    expect(says()).toBe('first');
  });

  test('an unchanged tree is left alone, whatever the times of its files', () => {
    build();
    const { ino } = statSync(join(root, 'dist'));
    utimesSync(join(root, 'src/word.ts'), new Date(), new Date());
    const { status, stdout, stderr } = runScript();
    expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: '' });
    expect(statSync(join(root, 'dist')).ino).toBe(ino);
  });

  test('a changed source is compiled, also where it looks older than the build', () => {
    build();
    write('word.ts', "export const word = 'second';\n");
    utimesSync(join(root, 'src/word.ts'), 0, 0);
    expect(build()).toBe(0);
    expect(says()).toBe('second');
  });

  test('nothing is left of a source that is gone', () => {
    build();
    rmSync(join(root, 'src/word.ts'));
    write('cli.ts', "console.log('alone');\n");
    expect(build()).toBe(0);
    expect(built()).toEqual(['cli.js']);
  });

  test('a build that fails is exit code 1 each time, names the line, and is never run', () => {
    build();
    write('word.ts', "export const word: number = 'second';\n");
    for (let i = 0; i < 2; i++) {
      const { status, stdout, stderr } = runScript();
      expect(status).toBe(1);
      expect(stdout).toContain('src/word.ts');
      expect(stderr).toContain('csv-hopper was not built');
    }
    expect(says()).toBe('first');
    expect(readdirSync(root).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    write('word.ts', "export const word = 'third';\n");
    expect(build()).toBe(0);
    expect(says()).toBe('third');
  });

  test('npm start does not run what does not compile, nor what was there before', () => {
    build();
    write('word.ts', "export const word: number = 'second';\n");
    const { status, stdout } = spawnSync('npm', ['start'], { cwd: root, encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stdout).toContain('src/word.ts');
    expect(stdout).not.toContain('first');
  });

  test('without a compiler, what was shipped is run; where nothing was, that is said', () => {
    build();
    rmSync(join(root, 'node_modules'));
    rmSync(join(root, 'src'), { recursive: true });
    expect(build()).toBe(0);
    rmSync(join(root, 'dist'), { recursive: true });
    const { status, stderr } = runScript();
    expect(status).toBe(1);
    expect(stderr).toContain('run npm ci first');
  });
});

describe('npm', () => {
  beforeEach(() => {
    for (const name of ['src', 'schema', 'config']) {
      cpSync(join(repository, name), join(root, name), { recursive: true });
    }
  });

  test(
    'start compiles, passes arguments on and runs the daemon; csv-hopper runs any command',
    async () => {
      cpSync(join(root, 'config/config.yaml'), join(root, 'other.yaml'));
      const words = ['start', '--', '--config', 'other.yaml'];
      const started = spawn('npm', words, {
        cwd: root,
        stdio: ['ignore', 'pipe', 'inherit'],
        detached: true,
      });
      npm = started;
      const exit = once(started, 'exit');
      let said = '';
      started.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
      await until(
        () => said.includes('waiting for CSV files') || started.exitCode !== null,
        () => said,
        BUILD_MS_MAX,
      );
      expect(said).toContain('waiting for CSV files');
      const lock = readFileSync(join(root, 'input_csv/.processing/lock.json'), 'utf8');
      const { pid } = JSON.parse(lock) as { pid: number };
      const status = spawnSync('npm', ['run', '--silent', 'csv-hopper', '--', 'status', '--json'], {
        cwd: root,
        encoding: 'utf8',
      });
      process.kill(pid, 'SIGTERM');
      expect(await exit).toEqual([0, null]);
      expect(JSON.parse(status.stdout)).toMatchObject({ daemon: { pid } });
    },
    2 * BUILD_MS_MAX,
  );
});
