import { expect, test } from 'vitest';
import { pageAssets } from '../../../src/serve/page-assets.ts';
import type { Route } from '../../../src/serve/route.ts';

const assets = pageAssets();
const answerOf = async (route: Route | undefined) => route?.serve({} as never);
const page = async (): Promise<string> => {
  const answer = await answerOf(assets.find(({ path }) => path === '/'));
  return Buffer.from(answer?.body as Uint8Array).toString();
};

test('the page is there, for whoever may look, and asked for anew each time', async () => {
  const route = assets.find(({ path }) => path === '/');
  expect(route?.role).toBe('viewer');
  const answer = await answerOf(route);
  expect(answer).toMatchObject({ status: 200, type: 'text/html; charset=utf-8' });
  expect(answer?.headers?.['cache-control']).toBe('no-cache');
  expect(answer?.headers?.['etag']).toMatch(/^"[\w-]{22}"$/);
});

test('its parts are named by their content, kept for ever, and all that the page names are there', async () => {
  const html = await page();
  const named = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, name = '']) => `/${name}`);
  expect(named.length).toBeGreaterThanOrEqual(3);
  for (const path of named) {
    expect(path).toMatch(/^\/\w+-[A-Z0-9]{8}\.(?:js|css|svg)$/);
    const answer = await answerOf(assets.find((route) => route.path === path));
    expect(answer?.headers?.['cache-control']).toContain('immutable');
  }
});

test('nothing in the page needs more than the content security policy lets through', async () => {
  const html = await page();
  expect(html).not.toMatch(/<style|style=|\son\w+=|<script(?![^>]* src=)|javascript:/i);
});
