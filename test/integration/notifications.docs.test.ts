import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { repository } from '../support/hopper-process.ts';
import { HopperProject, peopleDataset } from '../support/hopper-project.ts';
import { NoticeReceiver } from '../support/notice-receiver.ts';

const docs = readFileSync(join(repository, 'docs/NOTIFICATIONS.md'), 'utf8');
const secret = `whsec_${Buffer.from('a key of thirty-two bytes or so!').toString('base64')}`;

/** The nth block of a language in the docs. */
function block(language: string, nth: number): string {
  const found = [...docs.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'gm'))];
  return found[nth]?.[1] ?? `no block of ${language}`;
}

/** With what differs from run to run as the docs have it. */
function asInDocs(json: string, input: string): unknown {
  const texts: Record<string, string> = { host: 'ingest-1', input: '/srv/csv-hopper/input_csv' };
  return JSON.parse(json, (key, value: unknown) => {
    if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) return 'a time';
    if (key === 'input') expect([input, texts['input']]).toContain(value);
    return texts[key] ?? (key === 'version' ? 'a version' : value);
  });
}

const receiver = new NoticeReceiver();
let project: HopperProject;
afterEach(async () => {
  await project.remove();
  await receiver.close();
});

test('the receipt, the notice and the check of its signature in the docs are as they are', async () => {
  const url = `http://127.0.0.1:${await receiver.listen()}/`;
  project = new HopperProject({
    datasets: peopleDataset,
    folders: block('yaml', 0),
    more: `intake: { quiet_ms: 100, sweep_ms: 300 }\nnotify: { url: "${url}", secret: "${secret}", group_seconds: 1 }`,
  });
  await project.start();
  project.drop('people.csv', block('csv', 0));
  await project.event('failed', 'people.csv');
  const receipt = readFileSync(join(project.input, 'receipts/people.csv.json'), 'utf8');
  expect(asInDocs(receipt, project.input)).toEqual(asInDocs(block('json', 0), project.input));
  const { text, headers } = await receiver.notice(() => true);
  expect(asInDocs(text, project.input)).toEqual(asInDocs(block('json', 1), project.input));

  const module = (await import(`data:text/javascript,${encodeURIComponent(block('js', 0))}`)) as {
    isOurs: (secret: string, headers: unknown, body: string) => boolean;
  };
  expect(module.isOurs(secret, headers, text)).toBe(true);
  expect(module.isOurs(secret, headers, `${text} `)).toBe(false);
  expect(module.isOurs(`whsec_${'A'.repeat(32)}`, headers, text)).toBe(false);
  expect(module.isOurs(secret, { ...headers, 'webhook-timestamp': '1614265330' }, text)).toBe(
    false,
  );
});

test('the docs name every event and every verdict', () => {
  project = new HopperProject();
  for (const word of [
    'loaded',
    'diverted',
    'skipped',
    'failed',
    'set_aside',
    'undone',
    'parked',
    'resumed',
  ]) {
    expect(docs).toContain(`| \`${word}\` |`);
  }
});
