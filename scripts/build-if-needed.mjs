// Compiles src/ to dist/ when dist/ is missing or was made from other sources, so that `npm start` works on a fresh clone
// and costs nothing later. A build is made beside dist/ and takes its place when it is whole: nothing of a failed one is
// ever run, and nothing lingers of a source that is gone.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const kernelCompiler = join(root, 'node_modules', 'assemblyscript', 'bin', 'asc.js');
/** What the kernel is compiled to, below src/ and below dist/: tests run the sources in src/ as they are. */
const KERNEL = 'kernel/kernel.wasm';
/** The file of a build that says which sources it was made from. */
const STAMP = '.built-from';

/** A hash of all that a build is made from. Times would not do: files unpacked from an archive may be older than dist/. */
function sourcesHash() {
  const hash = createHash('sha256');
  const add = (path) => {
    if (statSync(join(root, path)).isDirectory()) {
      for (const name of readdirSync(join(root, path)).sort()) add(join(path, name));
    } else if (path !== join('src', KERNEL)) {
      const content = readFileSync(join(root, path));
      hash.update(`${path}\0${content.length}\0`).update(content);
    }
  };
  for (const path of [
    'src',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'tsconfig.build.json',
  ]) {
    if (existsSync(join(root, path))) add(path);
  }
  return hash.digest('hex');
}

function isBuiltFrom(sources) {
  const stamp = join(dist, STAMP);
  const kernel = join(root, 'src', KERNEL);
  if (existsSync(dirname(kernel)) && !existsSync(kernel)) return false;
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === sources;
}

function compile(outDir) {
  const words = [compiler, '-p', join(root, 'tsconfig.build.json'), '--outDir', outDir];
  return run(words) && compileKernel(join(outDir, KERNEL));
}

/** The options are in asconfig.json: a runtime for memory only, and no checks that cost time in loops. */
function compileKernel(outFile) {
  const folder = join(root, 'src/kernel/wasm');
  if (!existsSync(folder)) return true;
  if (!run([kernelCompiler, '--config', 'asconfig.json', '--outFile', outFile], folder))
    return false;
  const beside = join(root, 'src', KERNEL);
  copyFileSync(outFile, `${beside}.${process.pid}.tmp`);
  renameSync(`${beside}.${process.pid}.tmp`, beside);
  return true;
}

/**
 * Puts the modules and the packages that they use together in a few files, and has dist/cli.js start those: reading some two
 * hundred modules one by one took half of the 0.35 s that an ingest of next to nothing took. From Node 22.1 on the code that V8
 * compiles is kept beside them, where the folder may be written to.
 */
async function bundle(outDir) {
  const { build: bundleWith } = await import('esbuild');
  const names = [
    ...['cli.js', 'pipeline/conversion-worker.js', 'pipeline/conversion-process.js'],
    'query/query-process.js',
  ];
  const entries = names.map((name) => join(outDir, name));
  await bundleWith({
    entryPoints: entries.filter(existsSync),
    outdir: join(outDir, 'bundle'),
    // A worker is started by its name beside the file that starts it.
    entryNames: '[name]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    sourcemap: true,
    // Native and WebAssembly modules find their other files by where they lie.
    external: ['@duckdb/node-api', 'snappy', '@hpcc-js/wasm-zstd'],
    banner: {
      // Packages in the older module format call it for the modules of Node.
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  if (existsSync(join(outDir, KERNEL))) {
    copyFileSync(join(outDir, KERNEL), join(outDir, 'bundle/kernel.wasm'));
  }
  writeFileSync(join(outDir, 'cli.js'), launcher);
}

/** Its builder is loaded only here, because the bundler is not installed wherever csv-hopper is. */
async function bundlePage(outDir) {
  const source = join(root, 'src/page');
  if (!existsSync(source)) return;
  const { buildPage, buildReport } = await import('./build-page.mjs');
  await buildPage(source, join(outDir, 'page'));
  await buildReport(source, join(outDir, 'report'));
}

const launcher = `#!/usr/bin/env node
import * as module from 'node:module';
import { fileURLToPath } from 'node:url';
module.enableCompileCache?.(fileURLToPath(new URL('.compile-cache', import.meta.url)));
await import('./bundle/cli.js');
`;

function run(words, cwd = root) {
  return spawnSync(process.execPath, words, { stdio: 'inherit', cwd }).status === 0;
}

/** Another build may finish at the same moment; either is whole, so the last one stays. */
function takePlace(made) {
  const former = `${made}.former.tmp`;
  for (;;) {
    try {
      if (existsSync(dist)) renameSync(dist, former);
      renameSync(made, dist);
      return;
    } catch (error) {
      if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(error.code) || !existsSync(made)) throw error;
    } finally {
      rmSync(former, { recursive: true, force: true });
    }
  }
}

async function build(sources) {
  const made = join(root, `dist-${process.pid}.tmp`);
  // An interrupt ends the compiler, which shares the terminal; this process then cleans up.
  process.on('SIGINT', () => undefined);
  try {
    if (!compile(made)) return false;
    await bundle(made);
    await bundlePage(made);
    // `npm link` and `npm install` see to this too, a link made by hand does not.
    chmodSync(join(made, 'cli.js'), 0o755);
    writeFileSync(join(made, STAMP), sources);
    takePlace(made);
    return true;
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

if (existsSync(compiler) && existsSync(join(root, 'src'))) {
  const sources = sourcesHash();
  if (!isBuiltFrom(sources)) {
    console.error('csv-hopper is built first, because its sources are new.');
    if (!(await build(sources))) {
      console.error('csv-hopper was not built; the errors are above.');
      process.exitCode = 1;
    }
  }
} else if (!existsSync(join(dist, 'cli.js'))) {
  // An installation without sources or compiler runs what it was shipped with.
  console.error('csv-hopper is not built and the compiler is missing: run npm ci first.');
  process.exitCode = 1;
}
