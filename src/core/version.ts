import { readFileSync } from 'node:fs';

/** The version of csv-hopper, from package.json, which lies two folders up from here in src/ and in dist/ alike. */
export const version: string = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  }
).version;
