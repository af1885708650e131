import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { zipArchive } from '../support/zip-archive.ts';
import { runCommand, snapshot } from '../support/command-run.ts';
import { repository } from '../support/hopper-process.ts';
import { HopperProject } from '../support/hopper-project.ts';
import { describeWithMariadb, type Mariadb, startMariadb } from '../support/mariadb.ts';
import { TestDatabase } from '../support/test-database.ts';

const ORDERS = 'Order ID;Zip;Paid\n1;01069;true\n2;90210;false\n';

let project: HopperProject;
beforeEach(() => {
  project = new HopperProject();
  // Whoever drafts may have no configuration yet.
  rmSync(join(project.root, 'config'), { recursive: true });
  rmSync(join(project.root, 'schema'), { recursive: true });
});
afterEach(() => project.remove());

function write(name: string, content: string | Uint8Array): string {
  writeFileSync(join(project.root, name), content);
  return name;
}

function read(path: string): string {
  return readFileSync(join(project.root, path), 'utf8');
}

/** Runs infer and proves that it wrote nothing. */
async function infer(...words: string[]) {
  const before = snapshot(project.root);
  const run = await runCommand(project, ['infer', ...words]);
  expect(snapshot(project.root)).toEqual(before);
  return run;
}

/** The entry for the configuration, as it is printed behind the last heading. */
function entryOf(stdout: string): string {
  return stdout.slice(stdout.lastIndexOf('# ---'));
}

/** Puts the printed entry into the configuration, as its reader does. */
function configureWith(stdout: string): void {
  mkdirSync(join(project.root, 'config'), { recursive: true });
  project.configure({ datasets: `datasets:\n${entryOf(stdout)}` });
}

test('without a configuration a draft is printed, and nothing written', async () => {
  const { code, stdout, stderr } = await infer(write('new-orders_2024-05-01.csv', ORDERS));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toBe(`# --- schema/new_orders.yaml
# Drafted from new-orders_2024-05-01.csv: 2 rows, 3 columns, delimiter semicolon.
"order id": INTEGER # only 2 values, no nulls, all distinct, 1 to 2
# zip: 1 of 2 values with leading zeros, which a number would lose, first on line 2
zip: VARCHAR(20) # only 2 values, no nulls, all distinct, up to 5 characters
paid: BOOLEAN # only 2 values, no nulls, all distinct

# --- schema/new_orders_sql.yaml
new_orders:
  - { name: "order id", type: int }
  - { name: zip, type: varchar(20) }
  - { name: paid, type: tinyint(1) }

# --- config/config.yaml, under datasets: before any entry that takes such files too, because the first one takes them
  - name: new_orders # also the table
    match: "new-orders*.csv"
    schema: schema/new_orders.yaml
    table_schema: schema/new_orders_sql.yaml
`);
});

test('what it writes and prints is a configuration under which check accepts the file', async () => {
  const file = write('orders.csv', 'id;amount;note\n1; NA;x\n2;13;NA\n');
  const { code, stdout, stderr } = await runCommand(project, [
    ...['infer', file, '--name', 'sales', '--write', 'my/schemas'],
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('# --- my/schemas/sales.yaml: written\n');
  expect(readdirSync(join(project.root, 'my/schemas')).sort()).toEqual([
    'sales.yaml',
    'sales_sql.yaml',
  ]);
  configureWith(stdout);
  const check = await runCommand(project, ['check', file]);
  expect(check).toEqual({
    code: 0,
    stdout: 'OK      orders.csv: 2 rows for sales, delimiter semicolon.\n',
    stderr: '',
  });
});

test.each([['a.yaml'], ['a_sql.yaml']])(
  'where %s is there already, nothing is written',
  async (name) => {
    mkdirSync(join(project.root, 'schema'));
    write(`schema/${name}`, 'mine');
    const { code, stdout, stderr } = await infer(write('a.csv', ORDERS), '--write', 'schema');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`schema/${name} is there already; nothing was written.`);
    expect(readdirSync(join(project.root, 'schema'))).toEqual([name]);
    expect(read(`schema/${name}`)).toBe('mine');
  },
);

test('where two delimiters fit, both readings are shown and one has to be named', async () => {
  const file = write('a.csv', 'a,b;c\n1,2;3\n');
  const { code, stdout, stderr } = await infer(file);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('  comma: 2 columns, "a" "b;c"\n  semicolon: 2 columns, "a,b" "c"\n');
  expect(stderr).toContain('--delimiter comma');
  const named = await infer(file, '--delimiter', 'semicolon');
  expect(named.code).toBe(0);
  expect(named.stdout).toContain('"a,b": VARCHAR(20)');
});

test('a delimiter of several characters comes into the entry', async () => {
  const { code, stdout } = await runCommand(project, [
    ...['infer', write('a.csv', 'a||b\n1||2\n'), '--delimiter', '||', '--write', 'schema'],
  ]);
  expect(code).toBe(0);
  expect(stdout).toContain('    dialect: { delimiter: "||" }\n');
  configureWith(stdout);
  expect((await runCommand(project, ['check', 'a.csv'])).code).toBe(0);
});

describe('a file that is faulty', () => {
  test('has its faults on standard error and a draft of the rest; the exit code is 1', async () => {
    const content = 'id,,ID\n1,2,3\n1,2\n4,5,6\n7,\u00e9,9\n';
    const { code, stdout, stderr } = await infer(write('a.csv', Buffer.from(content, 'latin1')));
    expect(code).toBe(1);
    expect(stdout).toContain('id: INTEGER');
    expect(stdout).toContain('column_2: VARCHAR(20)');
    expect(stdout).toContain('id_3: INTEGER');
    expect(stderr).toBe(`FAILED  a.csv: 4 problems; the draft is of the rest of the file.
        line 1: Column 2 of the header has no name. Name it in the file.
        line 1: Column 3 of the header is named "id" as one before it is. Rename it in the file (letter case and outer spaces do not count).
        line 3: The row has 2 values, the header 3. Add the missing values; leave a value empty rather than out. Its values fit the first columns, so it looks like a line that is cut, or broken by a line end inside a value without quotes.
        line 5: column_2 holds bytes that are not UTF-8. It looks like Windows-1252 or Latin-1: save the file as UTF-8 (in Excel: "CSV UTF-8"), or set encoding: windows-1252 for its dataset in the configuration if all its files are so.
`);
  });

  test('an unclosed quote loses the rows behind it, and is told with its line', async () => {
    const { code, stdout, stderr } = await infer(write('a.csv', 'a,b\n1,2\n3,"4\n5,6\n'));
    expect(code).toBe(1);
    expect(stdout).toContain('1 row, 2 columns');
    expect(stderr).toContain('line 3: The quote that opens here is never closed.');
  });

  test('of many faults the first are shown and the others counted', async () => {
    const rows = '1,2\n'.repeat(60) + '1\n'.repeat(50);
    const { stderr } = await infer(write('a.csv', `a,b\n${rows}`));
    expect(stderr).toContain('50 problems');
    expect(stderr.match(/line \d+: /g)).toHaveLength(20);
    expect(stderr).toContain('and 30 more\n');
  });
});

test.each<[string, string | Uint8Array, string]>([
  ['an empty file', '', 'The file is empty.'],
  ['only a header', 'a,b\n', 'The file has a header and no rows'],
  ['a binary file', Buffer.from([127, 69, 76, 70, 0, 0, 1, 2, 10]), 'NUL byte'],
  ['UTF-16 without a mark', Buffer.from('a,b\n1,2\n', 'utf16le'), 'without its byte order mark'],
  [
    'a lone surrogate',
    Buffer.from('\uFEFFa,b\n1,\ud800\n', 'utf16le'),
    'line 2: The line holds half',
  ],
  ['a zip archive', zipArchive([{ name: 'a.csv', content: 'a,b\n' }]), 'a name that ends in .zip'],
  ['a header in Latin-1', Buffer.from('caf\u00e9,b\n1,2\n', 'latin1'), 'bytes that are not UTF-8'],
  ['a huge line', `a,b\n1,${'x'.repeat(17 << 20)}\n`, 'line 2: The row is longer than 16,777,216'],
  ['an unclosed quote in the header', '"a,b\n1,2\n', 'The header cannot be read'],
  ['no table', 'Dear all,\nthis is\na letter,\nno table\n', 'The file is no table'],
])('%s cannot be read as CSV: exit code 1, and why', async (_, content, why) => {
  const { code, stdout, stderr } = await infer(write('a.csv', content));
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(why);
});

test('what is no file is not read', async () => {
  mkdirSync(join(project.root, 'folder'));
  execFileSync('mkfifo', [join(project.root, 'fifo')]);
  expect((await infer('none.csv')).stderr).toContain('there is no such file');
  expect((await infer('folder')).stderr).toContain('It is a folder.');
  expect((await infer('fifo')).stderr).toContain('It is not a regular file.');
});

test.each([
  [['--name', '1a'], 'does not begin with a digit'],
  [['--delimiter', '"'], 'no line end and no quote'],
  [['--delimiter', ''], 'one or several characters'],
  [['--write', ''], '--write needs a folder.'],
  [['--write', 'a.csv'], 'a.csv is not a folder.'],
  [['b.csv'], "too many arguments for 'infer'"],
])('%j is wrong usage: exit code 2', async (words, message) => {
  const { code, stdout, stderr } = await infer(write('a.csv', ORDERS), ...words);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
});

test('neither names nor values can steer the terminal, and the draft stays YAML', async () => {
  const name = 'a\u200bb';
  const rows = 'x\u001b[31m\u202e\n'.repeat(60);
  const { code, stdout } = await runCommand(project, [
    ...['infer', write('a\u001b.csv', `${name}\n${rows}`), '--name', 'a', '--write', 'schema'],
  ]);
  expect(code).toBe(0);
  const schema = read('schema/a.yaml');
  for (const sign of ['\u001b', '\u200b', '\u202e']) {
    expect(stdout + schema).not.toContain(sign);
  }
  expect(schema).toContain(String.raw`"a\u200bb": VARCHAR(20)`);
  configureWith(stdout);
  expect((await runCommand(project, ['check', 'a\u001b.csv'])).code).toBe(0);
});

test('the example of the README is what the command prints', async () => {
  const readme = readFileSync(join(repository, 'README.md'), 'utf8');
  const section = readme.split(/^### /m).find((text) => text.startsWith('A new kind of file\n'));
  const blocks = [...(section ?? '').matchAll(/^```\w*\n([^]*?)^```$/gm)].map(([, text]) => text);
  const [content = '', session = ''] = blocks;
  const [first = '', ...printed] = session.split('\n');
  expect(first).toBe('$ csv-hopper infer new-orders.csv');
  const { code, stdout } = await infer(write('new-orders.csv', content));
  expect(code).toBe(0);
  expect(stdout).toBe(printed.join('\n'));
});

describeWithMariadb('with a database', () => {
  let server: Mariadb;
  beforeAll(async () => {
    server = await startMariadb();
  });
  afterAll(() => server.stop());

  test('a wide file flows with nothing but the draft', async () => {
    const names = Array.from({ length: 150 }, (_, i) => `c${i}`);
    const row = names.map(() => 'x'.repeat(120)).join(',');
    const file = write('wide.csv', `${names.join(',')}\n${row}\n${row}\n`);
    const { stdout } = await runCommand(project, ['infer', file, '--write', 'schema']);
    configureWith(stdout);
    const database = await TestDatabase.create(server);
    project.configure({ database: database.config() });
    const ingest = await runCommand(project, ['ingest', file]);
    expect(ingest.stdout).toContain('1 finished');
    expect(await database.query('SELECT COUNT(*) AS n FROM $wide')).toEqual([{ n: 2 }]);
    expect(existsSync(join(project.root, file))).toBe(true);
  });
});
