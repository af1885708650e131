import { execFileSync } from 'node:child_process';
import {
  existsSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Download, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ReportJson } from '../../src/core/explorer-data.ts';
import { describeWithBrowser, openBrowser, newPage, openPage } from '../support/browser.ts';
import { runCommand } from '../support/command-run.ts';
import { lowContrasts } from '../support/contrast.ts';
import { HopperProject } from '../support/hopper-project.ts';
import { repository } from '../support/hopper-process.ts';
import { copyQuestions, writeQuestions } from '../support/questions.ts';
import {
  type Answer,
  expectedFor,
  numbers,
  type Student,
  texts,
} from '../support/student-oracle.ts';

// The views of the data in a real browser, on the project's own sample, and the report in the same.

const published = join(repository, '../shared/data/uci-student-performance/student-mat.csv');
let project: HopperProject;
let url: string;
let expected: Record<string, Answer>;

beforeAll(async () => {
  project = new HopperProject({
    more: 'intake: { quiet_ms: 100, sweep_ms: 300 }\nconvert: { workers: 1 }\nserve: { listen: 127.0.0.1:0 }',
  });
  copyQuestions(project.root);
  await project.start();
  url = (await project.event('serving')).reason ?? '';
  const script = join(repository, 'scripts/sample.mjs');
  execFileSync(process.execPath, [script, '--out', project.root, '--files', '1']);
  const csv = readFileSync(join(project.root, 'sample-1.csv'), 'utf8');
  expected = expectedFor(studentsIn(csv));
  project.drop('sample-1.csv', csv);
  await project.event('finished', 'sample-1.csv');
});

afterAll(async () => {
  await project.remove();
});

/** The rows as the shipped configuration cleans them. */
function studentsIn(csv: string): Student[] {
  const [header = '', ...lines] = csv.trimEnd().split(/\r?\n/);
  const names = header.toLowerCase().split(';');
  return [...new Set(lines)].map((line) => {
    const cells = line.toLowerCase().replaceAll('"', '').split(';');
    const cell = (name: string): string => cells[names.indexOf(name)] ?? '';
    return Object.fromEntries([
      ...texts.map((name) => [name, cell(name)]),
      ...numbers.map((name) => [name, Number(cell(name))]),
    ]) as Student;
  });
}

function plain(rows: readonly (readonly unknown[])[]): Answer {
  return rows.map((row) =>
    row.map((value) => (/^-?\d+(\.\d+)?$/.test(String(value)) ? Number(value) : String(value))),
  );
}

/** The rows of the table inside of something. */
async function tableIn(page: Page, selector: string): Promise<Answer> {
  const rows: string[][] = [];
  for (const row of await page.locator(`${selector} .result tbody tr`).all()) {
    rows.push(await row.locator('td').allTextContents());
  }
  return plain(rows);
}

describeWithBrowser('the data in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
  });

  test('each question has its right answer, as a table and as a plot', async () => {
    const { page, complaints } = await openPage(browser, url, null);
    await page.goto('/#/questions');
    for (const [file, answer] of Object.entries(expected)) {
      const name = file.replace('.sql', '');
      const card = `[id="${name}"]`;
      await page.locator(`${card} .plot svg`).waitFor();
      expect({ name, rows: await tableIn(page, card) }).toEqual({ name, rows: answer });
      const svg = page.locator(`${card} .plot svg`);
      expect(await svg.getAttribute('role')).toBe('img');
      expect(await svg.getAttribute('aria-label')).toMatch(/\?$/);
      // Each row of the answer is drawn, with its number.
      let shapes = 0;
      for (const shape of ['[aria-label="bar"] path', '[aria-label="cell"] rect']) {
        shapes += await svg.locator(shape).count();
      }
      expect({ name, shapes }).toEqual({ name, shapes: answer.length });
      const drawn = await svg.locator('[aria-label="text"] text').allTextContents();
      const last = answer.map((row) => String(row.at(-1)));
      expect([...drawn].sort()).toEqual([...last].sort());
    }
    expect(await lowContrasts(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('the explorer shows the columns, and what is loaded meanwhile', async () => {
    const { page, complaints } = await openPage(browser, url, null, { colorScheme: 'dark' });
    await page.getByRole('link', { name: 'Data' }).click();
    await page.getByRole('heading', { name: 'student_data' }).waitFor();
    const columns = page.getByRole('region', { name: 'Columns' });
    await columns.locator('.plot svg').first().waitFor();
    expect(await columns.locator('tbody tr').count()).toBe(33);
    expect(await columns.locator('.plot svg').count()).toBe(33);
    const age = columns.locator('tbody tr', { hasText: 'age' }).first();
    expect(await age.innerText()).toMatch(/integer\s+none\s+\d/);
    expect(await page.getByRole('region', { name: 'Loads over time' }).innerText()).toMatch(
      /\d+ rows in 1 load/,
    );
    await page.locator('[aria-label^="Rows loaded by"]').waitFor();
    expect(await lowContrasts(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('SQL is run by the keyboard, drawn, shared by its address, and corrected by its error', async () => {
    const { page } = await openPage(browser, url, null);
    await page.goto('/#/sql');
    const editor = page.getByRole('textbox', { name: 'SQL' });
    await editor.fill('SELECT school, COUNT(*) AS n FROM student_data GROUP BY schol');
    await editor.press('Control+Enter');
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.innerText()).toMatch(/"schol" not found .*\(line 1, column 57\)/);
    await editor.fill('SELECT sex, COUNT(*) AS n FROM student_data GROUP BY sex ORDER BY sex');
    await editor.press('Control+Enter');
    await page.locator('.drawn .plot svg').waitFor();
    const rows = await tableIn(page, '#main');
    expect(rows.map(([sex]) => sex)).toEqual(['f', 'm']);
    await page.getByLabel('Chart').getByLabel('Chart').selectOption('dot');
    await page.locator('.drawn [aria-label="dot"]').waitFor();
    const other = await openPage(browser, url, null);
    await other.page.goto(page.url());
    await other.page.locator('.drawn [aria-label="dot"]').waitFor();
    expect(await tableIn(other.page, '#main')).toEqual(rows);
    expect(other.complaints).toEqual([]);
    const coming = new Promise<Download>((resolve) => {
      // It comes in a tab of its own, which shows what is wrong where something is.
      page.on('download', resolve);
      page.context().on('page', (tab) => tab.on('download', resolve));
    });
    await page.getByRole('button', { name: 'Download CSV' }).click();
    const download = await coming;
    expect(readFileSync(await download.path(), 'utf8')).toBe(
      `sex,n\r\n${rows.map((row) => `${row.join(',')}\r\n`).join('')}`,
    );
    await page.goBack();
    await alert.waitFor();
    await page.context().close();
    await other.page.context().close();
  });

  test('a report shows the same without the daemon, asks nobody, and is not moved by hostile values', async () => {
    writeQuestions(project.root, {
      'hostile.sql': `-- What is </script><script>alert(1)</script> & "x"?
SELECT '</script><script>document.title = ''broken''</script><!--' AS "<img src=http://127.0.0.1:1/x>"`,
    });
    const out = join(project.root, 'report.html');
    const run = await runCommand(project, ['report', '--out', out]);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const { page, complaints } = await newPage(await browser.newContext());
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(pathToFileURL(out).href);
    await page.locator('.question .plot svg').last().waitFor();
    expect(asked).toEqual([pathToFileURL(out).href]);
    expect(complaints).toEqual([]);
    expect(await page.title()).toBe('csv-hopper report');
    expect(await page.locator('.column-table .plot svg').count()).toBe(33);
    for (const [file, answer] of Object.entries(expected)) {
      const card = `[id="${file.replace('.sql', '')}"]`;
      expect(await tableIn(page, card)).toEqual(answer);
    }
    expect(await page.locator('[id="hostile"] td').innerText()).toContain('</script><script>');
    await page.context().close();
  });
});

test.skipIf(!existsSync(published))(
  'a report on the published data (student-mat.csv) has the known answers',
  async () => {
    const fresh = new HopperProject();
    try {
      copyQuestions(fresh.root);
      fresh.drop('student-mat.csv', readFileSync(published));
      expect((await runCommand(fresh, ['ingest'])).code).toBe(0);
      const run = await runCommand(fresh, ['report', '--dataset', 'student_data']);
      expect(run).toMatchObject({ code: 0, stderr: '' });
      const html = readFileSync(join(fresh.root, 'report.html'), 'utf8');
      const [, json = ''] = /id="report">(.*?)<\/script>/s.exec(html) ?? [];
      const { datasets, questions } = JSON.parse(json) as ReportJson;
      expect(datasets[0]?.summary.rows).toBe(395);
      const answers = questions.map(({ answer }) => plain(answer?.rows ?? []));
      expect(answers).toEqual([
        [['at_home'], ['health'], ['other'], ['services'], ['teacher']],
        [[1, 35]],
        [
          ...[
            ['apart', 1, 'other', 23],
            ['apart', 2, 'services', 7],
            ['apart', 3, 'teacher', 5],
          ],
          ['together', 1, 'other', 194],
          ['together', 2, 'services', 104],
          ['together', 3, 'teacher', 24],
        ],
        [
          ['gt3', 0, 222],
          ['le3', 0, 90],
        ],
        [
          ['f', 3.5],
          ['m', 4],
        ],
        [
          ['f', 1, 10],
          ['f', 2, 5],
          ['f', 3, 3],
          ['m', 1, 5],
          ['m', 2, 7],
          ['m', 3, 4],
        ],
      ]);
    } finally {
      await fresh.remove();
    }
  },
);

test('a report says which question cannot be answered, and of which dataset there is none', async () => {
  writeQuestions(project.root, { 'wrong.sql': '-- Is it wrong?\nSELECT nix FROM student_data' });
  const run = await runCommand(project, ['report', '--out', 'wrong.html']);
  expect(run.code).toBe(1);
  expect(run.stderr).toMatch(/^csv-hopper: wrong\.sql: The query cannot be run: .*"nix" not found/);
  expect(readFileSync(join(project.root, 'wrong.html'), 'utf8')).toContain('"error":"The query');
  const unknown = await runCommand(project, ['report', '--dataset', 'nix']);
  expect(unknown).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('student_data') as string,
  });
  for (const [out, said] of [
    ['no/such/report.html', 'There is no folder'],
    ['config/config.yaml/report.html', 'There is no folder'],
    [
      'config',
      `The report cannot be written to ${join(project.root, 'config')}: that is no regular file.`,
    ],
  ] as const) {
    const nowhere = await runCommand(project, ['report', '--out', out]);
    expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringContaining(said) as string });
  }
});

test('a report goes to the file behind a symbolic link, and puts itself in the place of nothing but a regular file', async () => {
  const path = (name: string): string => join(project.root, name);
  writeFileSync(path('real.html'), 'former');
  symlinkSync('real.html', path('linked.html'));
  const run = await runCommand(project, ['report', '--out', 'linked.html']);
  // Not its code: one of the questions here cannot be answered.
  expect(run.stdout).toContain(`${path('real.html')}: `);
  expect(readlinkSync(path('linked.html'))).toBe('real.html');
  expect(readFileSync(path('real.html'), 'utf8')).toContain('<!doctype html>');
  execFileSync('mkfifo', [path('fifo')]);
  symlinkSync('nowhere', path('dangling'));
  for (const out of ['fifo', 'dangling', '/dev/null']) {
    const refused = await runCommand(project, ['report', '--out', out]);
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('that is no regular file') as string,
    });
  }
  expect(statSync(path('fifo')).isFIFO()).toBe(true);
  expect(readlinkSync(path('dangling'))).toBe('nowhere');
  expect(existsSync(path('nowhere'))).toBe(false);
});
