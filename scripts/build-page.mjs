// Bundles src/page for browsers. Every file but index.html has a hash of its content in its name, so that a browser may keep it
// for ever, and nothing stands inline, which the content security policy of csv-hopper would refuse.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';

/** Writes the page that is in `source` to `outDir`. */
export async function buildPage(source, outDir) {
  mkdirSync(outDir, { recursive: true });
  const { metafile } = await build({
    entryPoints: [join(source, 'main.tsx'), join(source, 'icon.svg')],
    outdir: outDir,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    // In the order of their names below, and so under the same ones wherever it is built.
    absWorkingDir: source,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    loader: { '.svg': 'copy' },
    minify: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  const outputs = Object.entries(metafile.outputs);
  const main = outputs.find(([, { entryPoint }]) => entryPoint === 'main.tsx');
  const icon = outputs.find(([path]) => path.endsWith('.svg'));
  const names = { SCRIPT: main[0], STYLE: main[1].cssBundle, ICON: icon[0] };
  const html = readFileSync(join(source, 'page.html'), 'utf8');
  const filled = html.replaceAll(/\b(?:SCRIPT|STYLE|ICON)\b/g, (word) => basename(names[word]));
  // What the script begins with is asked for at once, and not when the script has been read.
  const chunks = main[1].imports.filter(({ kind }) => kind === 'import-statement');
  const preloads = chunks.map(
    ({ path }) => `<link rel="modulepreload" href="${basename(path)}" />`,
  );
  writeFileSync(
    join(outDir, 'index.html'),
    filled.replace('</head>', `${preloads.join('')}</head>`),
  );
}

/** Writes what a report has in it to `outDir`: one script and one style, because it stands alone. */
export async function buildReport(source, outDir) {
  await build({
    entryPoints: [join(source, 'report/report.tsx')],
    outdir: outDir,
    absWorkingDir: source,
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    // A file may be opened as anything.
    charset: 'ascii',
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
  });
}
