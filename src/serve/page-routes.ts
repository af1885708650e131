import { version } from '../core/version.ts';
import { pageAssets } from './page-assets.ts';
import type { SessionData } from './page-data.ts';
import { jsonAnswer, type Route } from './route.ts';

/** The page, and what it asks for. */
export function pageRoutes(): Route[] {
  return [
    ...pageAssets(),
    {
      ...{ method: 'GET', path: '/api/session', role: 'viewer' },
      serve: ({ caller: { name, role } }) =>
        jsonAnswer(200, { name, role: role ?? 'viewer', version } satisfies SessionData),
    },
  ];
}
