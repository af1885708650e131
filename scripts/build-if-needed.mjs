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
  for (const path of ['src', 'package.json', 'tsconfig.json', 'tsconfig.build.json']) add(path);
  return hash.digest('hex');
}

function isBuiltFrom(sources) {
  const stamp = join(dist, STAMP);
  if (!existsSync(join(root, 'src', KERNEL))) return false;
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === sources;
}

function compile(outDir) {
  const words = [compiler, '-p', join(root, 'tsconfig.build.json'), '--outDir', outDir];
  return run(words) && compileKernel(join(outDir, KERNEL));
}

/** See src/kernel/kernel.ts for its memory. Without a runtime but for memory, and without checks that cost time in loops. */
function compileKernel(outFile) {
  const source = join(root, 'src/kernel/wasm/kernel.ts');
  const memory = [
    '--importMemory',
    '--sharedMemory',
    '--initialMemory',
    '2',
    '--maximumMemory',
    '32768',
  ];
  const features = ['--enable', 'simd', '--enable', 'threads', '--enable', 'bulk-memory'];
  const options = [
    '-O3',
    '--noAssert',
    '--runtime',
    'minimal',
    '--use',
    'abort=',
    '--disableWarning',
    '235',
  ];
  if (!run([kernelCompiler, source, '--outFile', outFile, ...memory, ...features, ...options]))
    return false;
  const beside = join(root, 'src', KERNEL);
  copyFileSync(outFile, `${beside}.${process.pid}.tmp`);
  renameSync(`${beside}.${process.pid}.tmp`, beside);
  return true;
}

function run(words) {
  return spawnSync(process.execPath, words, { stdio: 'inherit', cwd: root }).status === 0;
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

function build(sources) {
  const made = join(root, `dist-${process.pid}.tmp`);
  // An interrupt ends the compiler, which shares the terminal; this process then cleans up.
  process.on('SIGINT', () => undefined);
  try {
    if (!compile(made)) return false;
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
  if (!isBuiltFrom(sources) && !build(sources)) {
    console.error('csv-hopper was not built; the errors are above.');
    process.exitCode = 1;
  }
} else if (!existsSync(join(dist, 'cli.js'))) {
  // An installation without sources or compiler runs what it was shipped with.
  console.error('csv-hopper is not built and the compiler is missing: run npm ci first.');
  process.exitCode = 1;
}
