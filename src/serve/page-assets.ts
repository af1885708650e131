// The page, as the build has bundled it. In: the folder that has it. Out: a route for each of its files, which are few and small and
// are held in memory.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import type { Route } from './route.ts';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Beside the modules or their bundle; for the sources, which tests run, where the build has put it. */
const folders = ['../page/', '../../dist/page/'];

/**
 * Empty where there is no build, as where only the modules were compiled: health and metrics are served all the same. The files are open
 * to all, because they say nothing but how the page works; the page itself asks whoever needs one for a token.
 */
export function pageAssets(): Route[] {
  const urls = folders.map((folder) => new URL(folder, import.meta.url));
  const folder = urls.find((url) => existsSync(new URL('index.html', url)));
  if (folder === undefined) return [];
  return readdirSync(folder).map((name) => {
    const content = readFileSync(new URL(name, folder));
    return name === 'index.html'
      ? assetRoute('/', 'viewer', content, '.html', 'no-cache')
      : assetRoute(`/${name}`, null, content, extname(name), 'max-age=31536000, immutable');
  });
}

function assetRoute(
  path: string,
  role: Route['role'],
  body: Uint8Array,
  extension: string,
  caching: string,
): Route {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  const headers = { etag, 'cache-control': caching };
  const type = types[extension] ?? 'application/octet-stream';
  return {
    method: 'GET',
    path,
    role,
    isPart: true,
    serve: () => ({ status: 200, type, headers, body }),
  };
}
