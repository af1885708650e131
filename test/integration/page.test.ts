import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  describeWithBrowser,
  openBrowser,
  openPage,
  type WatchedPage,
} from '../support/browser.ts';
import { lowContrasts } from '../support/contrast.ts';
import { HopperProject, people, peopleDataset } from '../support/hopper-project.ts';
import { writeHistory } from '../support/load-journal.ts';
import { describeWithMariadb, type Mariadb, startMariadb } from '../support/mariadb.ts';
import { TestDatabase } from '../support/test-database.ts';
import { until } from '../support/until.ts';

const tokens = {
  viewer: 'viewer-0123456789abcdef0123456789',
  sender: 'sender-0123456789abcdef0123456789',
  operator: 'operator-0123456789abcdef01234567',
};
const serve = {
  listen: '127.0.0.1:0',
  tokens: Object.entries(tokens).map(([role, token]) => ({ name: `the-${role}`, role, token })),
};

const datasets = `datasets:
  - { name: visits, match: 'visits-*.csv', schema: schema/people.yaml, on_invalid_rows: divert }
${peopleDataset.replace('datasets:\n', '')}`;

describeWithMariadb('with a database', () => {
  describeWithBrowser('the page in a browser', () => {
    let server: Mariadb;
    let database: TestDatabase;
    let project: HopperProject;
    let browser: Browser;
    let url: string;
    const opened: WatchedPage[] = [];
    beforeAll(async () => {
      [server, browser] = await Promise.all([startMariadb(), openBrowser()]);
      database = await TestDatabase.create(server);
      project = new HopperProject({
        ...{ datasets, database: database.config() },
        more: `intake: { quiet_ms: 100, sweep_ms: 300 }\nconvert: { workers: 1 }\nserve: ${JSON.stringify(serve)}`,
      });
      await project.start();
      url = (await project.event('serving')).reason ?? '';
    });
    afterAll(async () => {
      await browser.close();
      await project.remove();
      await server.stop();
    });

    const openAs = async (role: keyof typeof tokens, options = {}): Promise<Page> => {
      const watched = await openPage(browser, url, tokens[role], options);
      opened.push(watched);
      return watched.page;
    };
    const section = (page: Page, name: string) => page.getByRole('region', { name });
    const loadRow = (page: Page, file: string) =>
      section(page, 'Loads').getByRole('row').filter({ hasText: file });

    test('on a first visit it says what to do', async () => {
      const page = await openAs('operator');
      await page.getByRole('heading', { name: 'No file has come yet' }).waitFor();
      expect(await page.getByText(project.input).count()).toBe(1);
      expect(await page.title()).toBe('Overview · csv-hopper');
      await page.context().close();
    });

    test('a file that is dropped shows up with its counts, without the page being loaded again', async () => {
      const page = await openAs('viewer');
      await page.getByText('Live', { exact: true }).waitFor();
      project.drop('good.csv', people(1, 1234));
      const row = loadRow(page, 'good.csv');
      await row.waitFor();
      expect(await row.innerText()).toMatch(/Loaded\s+1,234\s+0\s+0\s/);
      await row.getByRole('link').click();
      await page.getByRole('heading', { name: 'good.csv' }).waitFor();
      const timeline = section(page, 'Timeline');
      await timeline.getByText('finished').waitFor();
      const steps = await timeline.getByRole('listitem').allInnerTexts();
      expect(steps.map((step) => /\b[a-z]+\b/.exec(step)?.[0])).toEqual([
        ...['found', 'claimed', 'converted', 'published', 'loaded', 'finished'],
      ]);
      // Who may look may do nothing else.
      expect(await page.getByRole('button').count()).toBe(0);
      await page.context().close();
    });

    test('a file that fails is explained, repaired, uploaded, and loaded', async () => {
      const page = await openAs('sender');
      project.drop('visits.csv', 'id;name\n1;ann\nII;ben\n3;cleo\n');
      const failed = section(page, 'To be repaired');
      await failed.getByRole('link', { name: 'visits.csv' }).click();
      await page.getByRole('heading', { name: '1 problem' }).waitFor();
      const problem = page.getByRole('article').filter({ hasText: 'Column id' });
      expect(await problem.innerText()).toMatch(/rule type/);
      const cells = await problem.getByRole('cell').allInnerTexts();
      expect(cells.slice(0, 3)).toEqual(['3', 'id', 'II']);
      const download = page.waitForEvent('download');
      await page.getByRole('link', { name: 'Report (JSON)' }).click();
      const report = readFileSync(await (await download).path(), 'utf8');
      expect(JSON.parse(report)).toMatchObject({ file: 'visits.csv', problemsTotal: 1 });
      await page.getByRole('link', { name: 'Overview' }).first().click();
      await page.locator('input[type=file]').setInputFiles({
        ...{ name: 'visits.csv', mimeType: 'text/csv' },
        buffer: Buffer.from('id;name\n1;ann\n2;ben\n3;cleo\n'),
      });
      const own = section(page, 'Your uploads').getByRole('listitem');
      await own.filter({ hasText: 'Loaded' }).filter({ hasText: '3 rows' }).waitFor();
      expect(await database.query("SELECT COUNT(*) AS n FROM $people WHERE name = 'cleo'")).toEqual(
        [{ n: 1 }],
      );
      expect(project.events().findLast(({ event }) => event === 'access')).toMatchObject({
        ...{ by: 'the-sender', action: 'upload', file: 'visits.csv', bytes: 27 },
      });
      await page.context().close();
    });

    test('files that are dropped on the page are uploaded one by one; one that cannot be taken says why', async () => {
      const page = await openAs('sender');
      await section(page, 'Upload').waitFor();
      const transfer = await page.evaluateHandle(`(() => {
        const transfer = new DataTransfer();
        transfer.items.add(new File(['id;name\\n7;gus\\n'], 'dropped.csv'));
        transfer.items.add(new File(['text'], 'notes.txt'));
        return transfer;
      })()`);
      await page.dispatchEvent('main', 'dragover', { dataTransfer: transfer });
      await page.locator('.drop.over').waitFor();
      await page.dispatchEvent('main', 'drop', { dataTransfer: transfer });
      const refused = section(page, 'Upload').getByRole('alert');
      await refused.waitFor();
      expect(await refused.innerText()).toBe(
        'No dataset takes a file of the name notes.txt. Its name must match one of: visits-*.csv, *.csv.',
      );
      await loadRow(page, 'dropped.csv').waitFor();
      await page.context().close();
    });

    test('an operator takes a load back, and the file is loaded when it is dropped again', async () => {
      const page = await openAs('operator');
      project.drop('back.csv', people(5000, 10, 'back'));
      await loadRow(page, 'back.csv').getByRole('link').click();
      await page.getByRole('button', { name: 'Take this load back' }).click();
      const dialog = page.getByRole('dialog', { name: 'Take back.csv back?' });
      await dialog.waitFor();
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'Take this load back' }).click();
      await dialog.getByRole('button', { name: 'Take it back' }).click();
      await page.getByText('back.csv: 10 rows taken back.').waitFor();
      await page.getByText('Taken back', { exact: true }).waitFor();
      const rows = () =>
        database.query("SELECT COUNT(*) AS n FROM $people WHERE name LIKE 'back%'");
      expect(await rows()).toEqual([{ n: 0 }]);
      expect(await project.event('undone')).toMatchObject({ by: 'the-operator', file: 'back.csv' });
      project.drop('back.csv', people(5000, 10, 'back'));
      await project.event('finished', 'back.csv', 2);
      expect(await rows()).toEqual([{ n: 10 }]);
      await page.context().close();
    });

    test('a load that is taken back names the loads of its repaired rows, which stay', async () => {
      const page = await openAs('operator');
      const rejects = 'visits-1.csv.rejects.csv';
      project.drop('visits-1.csv', 'id;name\n1;Ann\nx;Bob\n');
      await project.event('finished', 'visits-1.csv');
      const broken = readFileSync(join(project.failed, rejects), 'utf8');
      project.drop(rejects, broken.replace('\nx;', '\n2;'));
      const { loadId: repaired } = await project.event('finished', rejects);
      const takeBack = async (name: string): Promise<void> => {
        await page.getByRole('link', { name: 'Overview' }).first().click();
        await section(page, 'Loads').getByRole('link', { name, exact: true }).click();
        await page.getByRole('button', { name: 'Take this load back' }).click();
        await page.getByRole('dialog').getByRole('button', { name: 'Take it back' }).click();
        await page.getByText(`${name}: 1 row taken back.`).waitFor();
      };
      await takeBack('visits-1.csv');
      const staying = page.getByRole('list', { name: 'Loads that stay' });
      expect(await staying.getByRole('listitem').allInnerTexts()).toEqual([
        `${rejects}, load ${repaired!}`,
      ]);
      await staying.getByRole('link', { name: rejects }).click();
      await page.getByRole('heading', { name: rejects }).waitFor();
      await takeBack(rejects);
      expect(await staying.count()).toBe(0);
      await page.context().close();
    });

    test('an operator tries a file again that was repaired where it lies', async () => {
      const page = await openAs('operator');
      project.drop('again.csv', 'id;name\nx;hans\n');
      await section(page, 'To be repaired').getByRole('link', { name: 'again.csv' }).click();
      writeFileSync(join(project.failed, 'again.csv'), 'id;name\n9;hans\n');
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Try again' }).click();
      await page.getByText('again.csv is back in the input folder as again.csv.').waitFor();
      await project.event('finished', 'again.csv');
      await page.getByRole('link', { name: 'Overview' }).first().click();
      await loadRow(page, 'again.csv').waitFor();
      await page.context().close();
    });

    test('the log grows on the page, and can be searched', async () => {
      const page = await openAs('viewer');
      await page.getByRole('link', { name: 'Log', exact: true }).click();
      await page.getByRole('heading', { name: 'Conversion log' }).waitFor();
      await page.getByLabel('Text in a line').fill('tail.csv');
      await page.getByText('0 lines').waitFor();
      project.drop('tail.csv', people(1, 2));
      await page
        .getByRole('row')
        .filter({ hasText: 'finished' })
        .filter({ hasText: 'tail.csv' })
        .waitFor();
      await page.context().close();
    });

    test('ten thousand loads are listed page by page, and found by name', async () => {
      writeHistory(project, 'people', 10_000);
      const page = await openAs('viewer');
      const loads = section(page, 'Loads');
      await loads.getByText(/^10,\d\d\d loads$/).waitFor();
      expect(await loads.getByRole('row').count()).toBe(51);
      // A double click asks for one page, and shows each load once.
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      await loads.getByRole('button', { name: 'Show more' }).dblclick();
      await until(
        async () => (await loads.getByRole('row').count()) === 101,
        () => 'No second page.',
      );
      expect(asked.filter((url) => url.includes('before='))).toHaveLength(1);
      await loads.getByLabel('File or load id').fill('people-07777');
      await loads.getByText(/^1 of 10,\d\d\d loads$/).waitFor();
      expect(await loads.getByRole('row').nth(1).innerText()).toContain('people-07777.csv');
      await loads.getByLabel('File or load id').fill('');
      await loads.getByLabel('State').selectOption('Loaded in part');
      await loads.getByText(/^270 of 10,\d\d\d loads$/).waitFor();
      await page.context().close();
    });

    describe('for all readers', () => {
      test('it is used by keyboard alone', async () => {
        const page = await openAs('operator');
        await loadRow(page, 'good.csv').or(section(page, 'Loads')).first().waitFor();
        await page.keyboard.press('Tab');
        expect(await focused(page)).toBe('To the content');
        await page.keyboard.press('Enter');
        expect(await page.evaluate('document.activeElement.id')).toBe('main');
        await page.getByRole('link', { name: 'Log', exact: true }).focus();
        await page.keyboard.press('Enter');
        await page.getByRole('heading', { name: 'Conversion log' }).waitFor();
        expect(await page.evaluate('document.activeElement.id')).toBe('main');
        // Every control can be reached, and shows that it has the focus.
        const seen: string[] = [];
        for (let n = 0; n < 3; n++) {
          await page.keyboard.press('Tab');
          seen.push(await focused(page));
          expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe(
            'solid',
          );
        }
        expect(seen).toEqual(['Text in a line', '', 'Hold']);
        await page.context().close();
      });

      test('what stands on it has roles and names', async () => {
        const page = await openAs('operator');
        await section(page, 'Loads').getByRole('table').waitFor();
        const snapshot = await page.locator('body').ariaSnapshot();
        for (const line of [
          /- banner:/,
          /- navigation "Views":/,
          /- link "Overview"/,
          /- main:/,
          /- heading "Overview" \[level=1\]/,
          /- region "Rows loaded":/,
          /- group "Period":/,
          /- img "[\d,]+ rows of [\d,]+ files since /,
          /- search "Loads":/,
          /- searchbox "File or load id"/,
          /- columnheader "Rows loaded"/,
          /- contentinfo:/,
        ]) {
          expect(snapshot).toMatch(line);
        }
        await page.context().close();
      });

      test.each(['light', 'dark'] as const)('every text stands out, %s', async (colorScheme) => {
        const page = await openAs('operator', { colorScheme });
        for (const place of ['#/', '#/failed/visits.csv', '#/log']) {
          await page.goto(`/${place}`);
          await page.getByRole('table').first().waitFor();
          expect(await lowContrasts(page)).toEqual([]);
        }
        await page.context().close();
      });

      test('a narrow window needs no scrolling to the side', async () => {
        const page = await openAs('operator', { viewport: { width: 360, height: 740 } });
        for (const place of ['#/', '#/failed/visits.csv', '#/log']) {
          await page.goto(`/${place}`);
          await page.getByRole('table').first().waitFor();
          expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
          // No column is so narrow that its words stand letter under letter, and no mark is a bar.
          expect(await page.evaluate(narrowCells)).toEqual([]);
          for (const mark of await page.locator('.rows .mark').all())
            expect((await mark.boundingBox())?.width).toBeLessThan(180);
        }
        await page.context().close();
      });
    });

    test('what leads nowhere says so', async () => {
      const page = await openAs('viewer');
      await page.goto('/#/nothing');
      await page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
      await page.goto(`/#/file/${'0'.repeat(32)}`);
      await page.getByRole('alert').filter({ hasText: 'Nothing is known of load' }).waitFor();
      await page.context().close();
    });

    test('the browser has refused nothing, and nothing is left of uploads', () => {
      const complaints = opened.flatMap((watched) => watched.complaints);
      // A browser tells of every answer that is an error; these were asked for.
      expect(complaints.filter((text) => !/status of (404|422)/.test(text))).toEqual([]);
      expect(readdirSync(project.processing).filter((name) => name.includes('upload'))).toEqual([]);
    });
  });
});

/** Texts of cells with words that have less than 80 pixels. */
const narrowCells = `[...document.querySelectorAll('.table :is(td, th):not(.number, .time)')]
  .filter((cell) => cell.getBoundingClientRect().width < 80)
  .map((cell) => cell.textContent)`;

/** The name of what has the focus. */
function focused(page: Page): Promise<string> {
  return page.evaluate(
    "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent",
  );
}
