import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { ReportJson } from '../core/explorer-data.ts';

/** Beside the modules or their bundle; for the sources, which tests run, where the build has put it. */
const folders = ['../report/', '../../dist/report/'];

/**
 * The report as one HTML page, with its script, its style and its data in it. Its content security policy lets run what is known by its
 * hash, and lets nothing be fetched from anywhere, whatever is in the data.
 */
export function reportPage(report: ReportJson): string {
  const script = asset('report.js');
  const style = asset('report.css');
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>csv-hopper report</title>
<style>${style}</style>
</head>
<body>
<noscript>This report needs JavaScript.</noscript>
<script type="application/json" id="report">${jsonInHtml(report)}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** Without a "<", nothing in it can end the element that it stands in. */
function jsonInHtml(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function asset(name: string): string {
  const urls = folders.map((folder) => new URL(`${folder}${name}`, import.meta.url));
  const url = urls.find((one) => existsSync(one));
  if (url === undefined) throw new Error(`The build has no ${name}: run npm run build`);
  return readFileSync(url, 'utf8');
}
