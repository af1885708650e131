// Compiles src/ to dist/ when that is missing or older, so that `npm start` works on a fresh clone and costs nothing later.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const built = join(root, 'dist', '.tsbuildinfo');

function newest(path) {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function isCurrent() {
  if (!existsSync(built) || !existsSync(join(root, 'dist', 'cli.js'))) return false;
  const sources = ['src', 'package.json', 'tsconfig.json', 'tsconfig.build.json'];
  return sources.every((source) => newest(join(root, source)) <= statSync(built).mtimeMs);
}

// An installation without sources or compiler runs what it was shipped with.
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
if (existsSync(compiler) && !isCurrent()) {
  const { status } = spawnSync(
    process.execPath,
    [compiler, '-p', join(root, 'tsconfig.build.json')],
    {
      stdio: 'inherit',
    },
  );
  process.exitCode = status ?? 1;
  // tsc leaves the file alone when nothing in it changed.
  if (status === 0) utimesSync(built, new Date(), new Date());
}
