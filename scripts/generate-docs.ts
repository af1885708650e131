// Writes the tables in docs/ and the JSON Schemas that are made from the code, so that the two cannot differ: `tsx scripts/generate-docs.ts`.
// A test fails when a file is out of date.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configKeys } from '../src/config/config-keys.ts';
import { catalogue, type Shows } from '../src/errors/catalogue.ts';
import { configJsonSchema, schemaJsonSchema } from './json-schemas.ts';
import { manPage } from './man-page.ts';
import { logEvents, logFields } from '../src/log/log-event.ts';

/** The text of each generated file, by its path in the project. */
export function generatedDocs(): Record<string, string> {
  return {
    'docs/CONFIG.md': configDoc(),
    'docs/ERRORS.md': errorsDoc(),
    'docs/LOG.md': logDoc(),
    'docs/csv-hopper.1': manPage(),
    'config/config.schema.json': json(configJsonSchema()),
    'schema/schema.schema.json': json(schemaJsonSchema()),
  };
}

function configDoc(): string {
  const keys = configKeys();
  const missing = keys.filter(({ type, meaning }) => type !== null && meaning === '');
  if (missing.length > 0) {
    throw new Error(`No meaning: ${missing.map(({ name }) => name).join(', ')}`);
  }
  const groups = keys.filter(({ type, default: value }) => type === null && value !== null);
  return page('Configuration', [
    'Every key of the configuration file, `config/config.yaml` unless a command is given `--config FILE`. Unknown keys are',
    'refused. `${NAME}` in a value reads an environment variable, `$${` is a literal `${`. Relative paths are taken from the',
    'folder csv-hopper runs in. YAML aliases and tags are not supported.',
    '',
    ...table(
      ['Key', 'Value', 'Default', 'Meaning'],
      keys
        .filter(({ type }) => type !== null)
        .map(({ name, type, default: value, meaning }) => [
          `\`${name}\``,
          type ?? '',
          value ?? '',
          meaning,
        ]),
    ),
    '',
    'Where a whole group is left out:',
    '',
    ...groups.map(({ name, default: value }) => `- \`${name}\`: ${value ?? ''}`),
  ]);
}

const faults = {
  content: 'sender',
  environment: 'environment',
  configuration: 'operator',
} as const;

/** Where an operator meets an error, and the alert that tells of it. */
const places: Record<Shows, { where: string; alert: string | null }> = {
  exit: {
    where:
      'It ends with exit code 2 and stays down; the journal of the service, or the terminal, says why.',
    alert: 'CsvHopperDown',
  },
  report: {
    where: 'The failed folder, with a report; `failed` in the log; `status`.',
    alert: 'CsvHopperFileFailed',
  },
  parked: {
    where: '`parked` in the log; `status`; `/readyz` degraded.',
    alert: 'CsvHopperFilesParked',
  },
  passing: {
    where: '`parked` in the log, and soon `resumed`; where not, as other files that wait.',
    alert: 'CsvHopperFilesParked',
  },
  database: {
    where: '`parked` in the log; `status`; `/readyz` degraded.',
    alert: 'CsvHopperDatabaseAway',
  },
  folders: {
    where:
      '`parked` in the log; `/readyz` not ready where no file can be taken, else degraded; `status`.',
    alert: 'CsvHopperNotReady',
  },
  left: {
    where: '`found` in the log, with why; the file stays where it is; `csv_hopper_files_refused`.',
    alert: null,
  },
  log: { where: 'The log and the journal; nothing waits for it.', alert: null },
  command: {
    where: 'Whoever has typed the command or asked on the page, or the log of what runs it.',
    alert: null,
  },
};

/** Whether an alert wakes somebody, as deploy/alerts.yaml has it. */
function severityOf(alert: string): string {
  const rules = readFileSync(join(import.meta.dirname, '../deploy/alerts.yaml'), 'utf8');
  const found = new RegExp(`- alert: ${alert}\\n[\\s\\S]*?severity: (\\w+)`).exec(rules)?.[1];
  if (found === undefined) throw new Error(`deploy/alerts.yaml has no ${alert}`);
  return found;
}

function pages(shows: Shows): string {
  const { alert } = places[shows];
  if (alert === null) return 'no';
  const link = `[${alert}](OPERATIONS.md#${alert.toLowerCase()})`;
  return severityOf(alert) === 'critical' ? `yes: ${link}` : `no; ${link} in the morning`;
}

function errorsDoc(): string {
  return page('Errors', [
    'Every error code. Whose fault an error is decides what becomes of the file: with one of the *sender* it goes to the',
    'failed folder with a report; with one of the *environment* it waits and is tried again; with one of the *operator* the',
    'command ends with exit code 2, or the files stay where they are until it is corrected.',
    '',
    'Where it shows is the same for many: see below the table. Whether it pages is what `severity` its alert has in `deploy/alerts.yaml`: critical',
    'ones are for the night. Whatever waits goes on by itself when the cause is gone, and no file is lost by waiting.',
    '',
    ...table(
      ['Code', 'Stage', 'Fault of', 'What happened', 'What to do', 'Shows as', 'Pages'],
      Object.entries(catalogue).map(([code, { stage, fault, shows, summary, hint }]) => [
        `\`${code}\``,
        stage,
        faults[fault],
        summary,
        hint,
        shows,
        pages(shows),
      ]),
    ),
    '',
    ...table(
      ['Shows as', 'Where'],
      Object.entries(places).map(([shows, { where }]) => [shows, where]),
    ),
  ]);
}

function logDoc(): string {
  const rows = (entries: Record<string, string>) =>
    Object.entries(entries).map(([name, meaning]) => [`\`${name}\``, meaning]);
  return page('The conversion log', [
    '`conversion_log.jsonl` in the logs folder has one JSON object a line; `conversion_log.txt` has the same events, one',
    'readable line each. Neither holds cell values or secrets. Both are rotated by size and age (see CONFIG.md) to names such',
    'as `conversion_log-20250102T030405.678Z.jsonl`, and are opened anew on SIGHUP.',
    '',
    '## Events',
    '',
    ...table(['Event', 'Meaning'], rows(logEvents)),
    '',
    'A `parked` or `resumed` without a file is about the input folder, about a notice that its receiver does not take, or about the log',
    'itself: it could not be written, and how many events are missing.',
    '',
    '## Fields',
    '',
    ...table(['Field', 'Meaning'], rows(logFields)),
  ]);
}

function json(schema: unknown): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}

function page(title: string, lines: readonly string[]): string {
  const note = '<!-- Made by scripts/generate-docs.ts; change the code instead. -->';
  return [`# ${title}`, '', note, '', ...lines, ''].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

if (import.meta.filename === process.argv[1]) {
  const root = join(import.meta.dirname, '..');
  for (const [path, text] of Object.entries(generatedDocs())) writeFileSync(join(root, path), text);
}
