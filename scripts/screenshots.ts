// Makes the pictures of the page in docs/screenshots: a project with made-up data, a daemon, MariaDB and Chromium. Run it as
// npm run screenshots. It also says how long the overview took with ten thousand loads in the history.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, openPage } from '../test/support/browser.ts';
import { copyQuestions } from '../test/support/questions.ts';
import { HopperProject } from '../test/support/hopper-project.ts';
import { writeHistory } from '../test/support/load-journal.ts';
import { startMariadb } from '../test/support/mariadb.ts';
import { TestDatabase } from '../test/support/test-database.ts';
import { until } from '../test/support/until.ts';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'docs/screenshots');
const viewport = { width: 1280, height: 1080 };

const datasets = `datasets:
  - { name: student_data, match: 'sample*.csv', schema: schema/schema.yaml, table_schema: schema/schema_sql.yaml, clean: { trim: true, lowercase_values: true } }
  - { name: people, match: 'people*.csv', schema: schema/people.yaml, on_invalid_rows: divert }
`;

const goodPeople = Array.from({ length: 240 }, (_, n) => `${n};person ${n}\n`).join('');

const sql = `SELECT failures, AVG(g3) AS mean_grade
FROM student_data
GROUP BY failures
ORDER BY failures`;

async function fill(project: HopperProject): Promise<void> {
  const sample = join(root, 'scripts/sample.mjs');
  execFileSync(process.execPath, [sample, '--files', '6', '--bad', '--out', project.input]);
  project.drop('people-2026-11.csv', `id;name\n${goodPeople}12a;ann\n13b;ben\n`);
  await project.ends(9);
}

async function shoot(
  browser: Browser,
  url: string,
  name: string,
  place: string,
  begin: (page: Page) => Promise<void> = settled,
): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page } = await openPage(browser, url, null, { viewport, colorScheme });
    await page.goto(`/${place}`);
    await begin(page);
    await page.getByRole('table').first().waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await settled(page);
    await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) });
    await page.context().close();
  }
}

/** Until nothing more is asked for. */
async function settled(page: Page): Promise<void> {
  let text = '';
  await until(
    async () => {
      const now = await page.locator('main').innerText();
      const isSame = now === text;
      text = now;
      return isSame;
    },
    () => 'The page goes on changing.',
  );
}

/** From the first request until the list of loads is there, in milliseconds; the best of some. */
async function firstPaintMs(browser: Browser, url: string): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < 5; n++) {
    const { page } = await openPage(browser, url, null, { viewport });
    await page.getByRole('row').nth(20).waitFor();
    const paint = await page.evaluate(
      "performance.getEntriesByName('first-contentful-paint')[0].startTime",
    );
    const list = await page.evaluate(
      "Math.max(...performance.getEntriesByType('resource').filter((one) => one.name.includes('/api/loads')).map((one) => one.responseEnd))",
    );
    times.push(Math.round(Number(paint)), Math.round(Number(list)));
    await page.context().close();
  }
  return times;
}

const server = await startMariadb();
const browser = await openBrowser();
const database = await TestDatabase.create(server);
const project = new HopperProject({
  ...{ datasets, database: database.config() },
  more: 'intake: { quiet_ms: 100, sweep_ms: 300 }\nserve: { listen: 127.0.0.1:0, anonymous: operator }',
});
try {
  mkdirSync(folder, { recursive: true });
  copyQuestions(project.root);
  writeHistory(project, 'people', 10_000, 97_000);
  await project.start();
  const url = (await project.event('serving')).reason ?? '';
  await fill(project);
  const times = await firstPaintMs(browser, url);
  console.log(`first contentful paint, list of loads, in ms, five times: ${times.join(', ')}`);
  await shoot(browser, url, 'overview', '#/');
  await shoot(browser, url, 'file', '#/failed/sample-bad-value.csv');
  await shoot(browser, url, 'log', '#/log');
  await shoot(browser, url, 'data', '#/data/student_data');
  await shoot(browser, url, 'sql', `#/sql?${new URLSearchParams({ q: sql }).toString()}`, (page) =>
    page.getByRole('button', { name: 'Run' }).click(),
  );
  await shoot(browser, url, 'questions', '#/questions', (page) =>
    page.locator('.question .plot svg').nth(5).waitFor(),
  );
} finally {
  await browser.close();
  await project.remove();
  await server.stop();
}
