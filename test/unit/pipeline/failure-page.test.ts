import { describe, expect, test } from 'vitest';
import type { Problem } from '../../../src/core/problem.ts';
import { ProblemList } from '../../../src/core/problem-list.ts';
import { failurePage } from '../../../src/pipeline/failure-page.ts';
import {
  type FailureFindings,
  type FailureReport,
  failureReport,
} from '../../../src/pipeline/failure-report.ts';
import { columnOf } from '../../support/loads.ts';

const typeProblem: Problem = {
  line: 3,
  column: 'sold',
  value: '31.12.2025',
  rule: 'type',
  message: 'sold is not a DATE.',
  hint: 'Expected: a date as YYYY-MM-DD, such as 2024-12-31. It looks like a date as day.month.year.',
  repairs: ['2025-12-31'],
};

function reportOf(
  problems: readonly Problem[],
  more: Partial<FailureFindings> = {},
  problemsMax = 1000,
): FailureReport {
  const list = new ProblemList(problemsMax);
  for (const problem of problems) list.add(problem);
  return failureReport(
    {
      verdict: 'failed',
      code: 'content_invalid',
      ...{ loadId: '0'.repeat(32), dataset: 'sales', file: 'a.csv', sha256: 'f', bytes: 12_345 },
      ...{ rowsRead: 1000, rowsAccepted: 990, rowsRejected: 10 },
      ...{ rowsDroppedNull: 0, rowsDroppedDuplicate: 0 },
      delimiter: 'comma',
      problemsMax,
      ...list.found(),
      schema: {
        columns: [columnOf('sold', 'DATE'), columnOf('name', 'VARCHAR(20)')],
        write: { mode: 'append' },
      },
      values: 'shown',
      ...more,
    },
    new Date('2026-01-02T03:04:05Z'),
  );
}

function pageOf(...reported: Parameters<typeof reportOf>): string {
  return failurePage(reportOf(...reported), 'a.csv');
}

/** What a reader sees of it, roughly. */
function textOf(page: string): string {
  const body = page.slice(page.indexOf('<body>')).replaceAll(/<[^>]*>/g, ' ');
  return body
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replaceAll(/\s+/g, ' ');
}

describe('the page on a failed file', () => {
  test('says what happened, what is wrong, what would be right, and what to do', () => {
    const text = textOf(pageOf([typeProblem, { ...typeProblem, line: 7 }]));
    expect(text).toContain(
      'because 2 problems were found in 10 of its 1,000 rows, and a file is loaded as a whole',
    );
    expect(text).toContain('Size 12,345 bytes Failed at 2026-01-02 03:04:05 UTC Dataset sales');
    expect(text).toContain('Values of another kind in sold 2 problems sold is not a DATE.');
    expect(text).toContain('All 2 of them Line In the file Repair, as it looks');
    expect(text).toContain('3 31.12.2025 → 2025-12-31 7 31.12.2025 → 2025-12-31');
    expect(text).toContain('It looks like a date as day.month.year.');
    expect(text).toContain('csv-hopper retry a.csv');
    expect(text).not.toContain('For the owner of the schema');
  });

  test('says of diverted rows that the others are loaded, and that only these are to be dropped', () => {
    const report = reportOf([typeProblem], { verdict: 'diverted', problemsTotal: 12 });
    const page = failurePage({ ...report, rejects: 'a.csv.rejects.csv' }, 'a.csv.rejects.csv');
    expect(page).toContain('<title>10 rows of a.csv were not loaded</title>');
    const text = textOf(page);
    expect(text).toContain(
      '10 of its 1,000 rows were not loaded, because 12 problems were found in them. 990 rows are loaded.',
    );
    expect(text).toContain('Loaded at 2026-01-02 03:04:05 UTC');
    expect(text).toContain('of them loaded 990');
    expect(text).toContain('csv-hopper retry a.csv.rejects.csv');
    expect(text).toContain('Do not drop the whole file again');
    expect(text).not.toContain('Drop the whole corrected file');
  });

  test('does not show words of the server as what is in the file', () => {
    const words = { rule: 'database' as const, value: "Duplicate entry '1' for key 'id'" };
    const text = textOf(pageOf([{ ...typeProblem, ...words, message: 'The key is there.' }]));
    expect(text).toContain('Line What the server says');
    expect(text).not.toContain('In the file');
  });

  test('counts problems by rule and column also where the report lists fewer', () => {
    const problems = Array.from({ length: 500 }, (_, i) => ({ ...typeProblem, line: i + 2 }));
    problems.push({ ...typeProblem, line: 900, column: 'last', value: 'Xlast', message: 'No.' });
    const report = reportOf(problems, {}, 20);
    expect(report.groups).toMatchObject([
      { rule: 'type', column: 'sold', count: 500, firstLine: 2 },
      { rule: 'type', column: 'last', count: 1, firstLine: 900, example: { value: 'Xlast' } },
    ]);
    expect(report.groups[0]).not.toHaveProperty('example');
    const text = textOf(failurePage(report, 'a.csv'));
    expect(text).toContain('in sold 500 problems');
    expect(text).toContain('The first 5; 495 more');
    expect(text).toContain('in last 1 problem');
    expect(text).toContain('Xlast');
  });

  test('tells hints apart by their lines', () => {
    const hint =
      'Expected: a date as YYYY-MM-DD, such as 2024-12-31. It looks like something else.';
    const third = {
      ...typeProblem,
      line: 12,
      hint: 'Expected: a date as YYYY-MM-DD, such as 2024-12-31.',
    };
    const text = textOf(pageOf([typeProblem, { ...typeProblem, line: 9, hint }, third]));
    // What they have in common is said once.
    expect(text.match(/Expected/g)).toHaveLength(1);
    expect(text).toContain(
      'Line 3: It looks like a date as day.month.year. Line 9: It looks like something else.',
    );
  });

  test('shows what a schema might become, with what it was', () => {
    const long = { rule: 'length', column: 'name', fits: 'VARCHAR(60)' } as const;
    const text = textOf(pageOf([{ ...typeProblem, ...long }]));
    expect(text).toContain('name: VARCHAR(60) # was VARCHAR(20)');
  });

  test('of a refused header says that no row was looked at', () => {
    const problem: Problem = {
      ...{ line: 1, column: 'famsise', value: null, rule: 'header_extra_column' },
      ...{ message: 'The header has a column.', hint: 'Rename it.', repairs: ['famsize'] },
    };
    const none = { rowsRead: 0, rowsAccepted: 0, rowsRejected: 0, delimiter: null };
    const text = textOf(pageOf([problem], none));
    expect(text).toContain('it could not be read as it is: line 1: The header has a column.');
    expect(text).toContain('Rows not looked at');
    expect(text).toContain('1 famsise → famsize');
  });
});

describe('what stands in a file', () => {
  const hostile = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '</style><style>*{display:none}',
    '</code></td></table><!--',
    'javascript:alert(1)',
    '&lt;b&gt;',
  ];

  test('is text on the page wherever it stands', () => {
    const problems = hostile.map((text) => ({
      ...typeProblem,
      column: text,
      value: text,
      message: text,
      hint: text,
      repairs: [text],
    }));
    const page = failurePage(
      reportOf(problems, { file: hostile[1]!, dataset: hostile[0]!, delimiter: hostile[2]! }),
      hostile[0]!,
    );
    const tags = new Set(Array.from(page.matchAll(/<([a-z0-9]+)/g), ([, tag]) => tag));
    for (const tag of ['script', 'img', 'link', 'iframe', 'a', 'form']) {
      expect(tags).not.toContain(tag);
    }
    expect(page.match(/<style>/g)).toHaveLength(1);
    // In no tag does anything stand but attributes of ours with values of ours.
    for (const [tag] of page.slice(page.indexOf('<body>')).matchAll(/<[a-z][^>]*>/g)) {
      expect(tag).toMatch(
        /^<[a-z0-9]+( (class|id|scope|aria-[a-z]+|tabindex|datetime)="[\w .:-]+")*>$/,
      );
    }
    for (const text of hostile) expect(textOf(page)).toContain(text);
  });

  test('cannot hide: control characters, direction marks and odd spaces are shown', () => {
    const value = 'a\u202eb\u0000c\u001b[31md\u200be\u00a0f\u2066g\r\nh';
    const page = pageOf([{ ...typeProblem, value }]);
    expect(textOf(page)).toContain(
      'a\\u{202e}b\\x00c\\x1b[31md\\u{200b}e\\u{a0}f\\u{2066}g\\r\\nh',
    );
    expect(page.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  test('is quoted for the shell in the command to copy, and not shown as one if it cannot be copied', () => {
    const named = (name: string): string => textOf(failurePage(reportOf([typeProblem]), name));
    expect(named('a b;rm -rf $HOME.csv')).toContain("csv-hopper retry -- 'a b;rm -rf $HOME.csv'");
    expect(named("it's.csv")).toContain("csv-hopper retry -- 'it'\\''s.csv'");
    expect(named('-x.csv')).toContain("csv-hopper retry -- '-x.csv'");
    expect(named('a\u202e.csv')).toContain('retry --all');
  });

  test('is left out of report and page where the configuration says so', () => {
    const secret = 'Xsecretx';
    const cell = { ...typeProblem, value: secret, repairs: [secret], fits: 'DATETIME' };
    const header: Problem[] = (
      ['header_delimiter', 'header_extra_column', 'header_duplicate_column'] as const
    ).map((rule) => ({ ...cell, rule, line: 1, column: secret, message: `It has ${secret}.` }));
    const database = { ...cell, rule: 'database' as const, column: null, line: 0 };
    for (const problems of [[cell], header, [database, cell, ...header]]) {
      const report = reportOf(problems, { values: 'redacted' }, 2);
      expect(JSON.stringify(report)).not.toContain(secret);
      const page = failurePage(report, 'a.csv');
      expect(page).not.toContain(secret);
      expect(textOf(page)).toContain('The values are left out');
      expect(report.problemsTotal).toBe(problems.length);
    }
  });
});

describe('the page', () => {
  test('forbids everything but its own style, and asks for nothing', () => {
    const page = pageOf([typeProblem]);
    expect(page).toContain(
      `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    );
    expect(page).not.toMatch(/<(script|link|img|iframe|object|embed|form|base)\b/);
    expect(page).not.toMatch(/\b(src|href|action|on[a-z]+)=|url\(|@import|https?:/);
  });

  test('stays below a megabyte whatever the problems are', () => {
    // The characters that take most when they are shown.
    const wide = '\u{e0001}'.repeat(200);
    const problems = Array.from({ length: 5000 }, (_, i) => ({
      ...{ line: i + 1, column: `${i % 900}${wide}`, value: wide, rule: 'type' as const },
      ...{ message: `${i} is not it.`, hint: `${i} is wrong.`, repairs: [wide, wide] },
    }));
    const page = pageOf(problems);
    expect(Buffer.byteLength(page)).toBeLessThan(1 << 20);
    expect(textOf(page)).toMatch(/[\d,]+ more problems of other kinds are not shown here/);
  });

  test('has one heading for each section, and a table with named columns for the examples', () => {
    const page = pageOf([typeProblem]);
    expect(page.match(/<h1>/g)).toHaveLength(1);
    for (const [, id] of page.matchAll(/aria-labelledby="([^"]+)"/g)) {
      expect(page).toContain(`id="${id ?? ''}"`);
    }
    expect(page).toContain('<caption>');
    expect(page).toContain('<th scope="col">Line</th>');
    expect(page).toContain('<th scope="row">3</th>');
    expect(page).toContain('<html lang="en">');
  });
});
