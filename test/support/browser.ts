import { existsSync } from 'node:fs';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';
import { describe } from 'vitest';

const programs = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const program = programs.find(existsSync) ?? null;

/**
 * describe() for tests that need a browser. Where there is none they are reported as skipped with the reason in their title; under
 * CI=true they run, and fail.
 */
export function describeWithBrowser(title: string, body: () => void): void {
  if (program === null && process.env['CI'] !== 'true') {
    describe.skip(`${title} (skipped: no Chromium on this machine)`, body);
  } else {
    describe(title, body);
  }
}

export function openBrowser(): Promise<Browser> {
  if (program === null) throw new Error('There is no Chromium on this machine.');
  // Its sandbox needs rights that a container does not give, and all that it opens is our own page.
  return chromium.launch({
    executablePath: program,
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
  });
}

/** A page that keeps what its browser complains of, such as something that the content security policy has refused. */
export interface WatchedPage {
  page: Page;
  complaints: string[];
}

/** `token`: the reader's, as the browser's password. */
export async function openPage(
  browser: Browser,
  url: string,
  token: string | null,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({
    ...{ baseURL: url, locale: 'en-GB', timezoneId: 'Europe/Berlin' },
    ...(token !== null && { httpCredentials: { username: 'reader', password: token } }),
    ...options,
  });
  const watched = await newPage(context);
  await watched.page.goto('/');
  return watched;
}

/** One that shows nothing yet. */
export async function newPage(context: BrowserContext): Promise<WatchedPage> {
  const page = await context.newPage();
  // Queries have the lowest priority, and wait for all that else runs on the machine.
  page.setDefaultTimeout(40_000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  return { page, complaints };
}
