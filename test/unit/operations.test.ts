import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { catalogue } from '../../src/errors/catalogue.ts';
import { logEvents } from '../../src/log/log-event.ts';
import { allFaults } from '../faults/all-faults.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const page = read('docs/OPERATIONS.md');
const alerts = [...read('deploy/alerts.yaml').matchAll(/- alert: (\w+)/g)].map(([, name]) => name);

const drills = (page.split(/^## Failure drills$/m)[1] ?? '')
  .split(/^### /m)
  .slice(1)
  .map((text): [string, string] => [text.slice(0, text.indexOf('\n')), text]);

test.each(drills)('the drill "%s" says how, what and what to do, and who shows it', (_, text) => {
  const parts = [...text.matchAll(/^- \*\*(.+?)\.\*\* \S/gm)].map(([, part]) => part);
  expect(parts).toEqual(['Cause it', 'You see', 'Do', 'Shown by']);
  const shownBy = /\*\*Shown by\.\*\* ([\s\S]*?)\.\s*$/.exec(text)?.[1] ?? '';
  for (const one of shownBy.split(/;\s+/)) {
    if (one.startsWith('`')) expect(allFaults, one).toHaveProperty(one.replaceAll('`', ''));
    else expect(existsSync(join(root, one)), one).toBe(true);
  }
});

test('what they say is seen are codes, events, alerts and fields that there are', () => {
  const known = [
    ...[...Object.keys(catalogue), ...Object.keys(logEvents), ...alerts],
    ...['degraded', 'not_ready', 'sweep_late', 'load', 'status', 'alarm'],
  ];
  const seen = drills.flatMap(
    ([, text]) => /\*\*You see\.\*\*([\s\S]*?)^- /m.exec(text)?.[1]?.match(/`[\w]+`/g) ?? [],
  );
  expect(seen.length).toBeGreaterThan(20);
  const words = seen.map((word) => word.replaceAll('`', ''));
  // Of metrics the page as a whole is held against those that there are.
  expect(words.filter((word) => !word.startsWith('csv_hopper_') && !known.includes(word))).toEqual(
    [],
  );
});

test('links to parts of the page lead somewhere', () => {
  const anchors = [...page.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
  const links = [page, ...['docs/ERRORS.md', 'README.md', 'docs/SECURITY.md'].map(read)].flatMap(
    (text, i) => [...text.matchAll(i === 0 ? /\]\(#([\w-]+)\)/g : /OPERATIONS\.md#([\w-]+)\)/g)],
  );
  expect(links.length).toBeGreaterThan(20);
  expect(links.map(([, anchor]) => anchor).filter((anchor) => !anchors.includes(anchor!))).toEqual(
    [],
  );
});

test('every error code has its row, with whether it pages, by an alert that there is', () => {
  const rows = read('docs/ERRORS.md').split('\n');
  for (const code of Object.keys(catalogue)) {
    const row = rows.find((line) => line.startsWith(`| \`${code}\` |`)) ?? '';
    expect(row, code).toMatch(
      / \| (?:yes: \[\w+\]\(\S+\)|no; \[\w+\]\(\S+\) in the morning|no) \|$/,
    );
    const [, alert] = /\[(Csv\w+)\]/.exec(row) ?? [];
    if (alert !== undefined) expect(alerts).toContain(alert);
  }
});

test('what the install needs is as it says: the Node.js of Debian 13 is new enough, and the program where the link points', () => {
  const { engines, bin, scripts } = JSON.parse(read('package.json')) as Record<
    'engines' | 'bin' | 'scripts',
    Record<string, string>
  >;
  expect(engines['node']).toBe('>=20.19');
  expect(page).toContain(`ln -s /srv/csv-hopper/${bin['csv-hopper']!} /usr/local/bin/csv-hopper`);
  expect(scripts).toHaveProperty('build');
});
