import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { FailureReport } from '../../src/pipeline/failure-report.ts';
import { shortLoadId } from '../../src/core/load.ts';
import { runCommand } from '../support/command-run.ts';
import type { CrashPoint } from '../support/crash-point.ts';
import { eachWithDatabase } from '../support/database-project.ts';
import {
  expectNothingLeft,
  loadIdFor,
  noClaims,
  parquetRows,
  receiptsIn,
} from '../support/exactly-once.ts';
import { repository } from '../support/hopper-process.ts';
import { filesIn, HopperProject, people } from '../support/hopper-project.ts';
import { describeWithMariadb } from '../support/mariadb.ts';
import type { TestDatabase } from '../support/test-database.ts';

function dataset(more = ''): string {
  return `datasets:
  - { name: people, match: '*.csv', schema: schema/people.yaml, on_invalid_rows: divert${more} }
`;
}

const columns = '_line;_column;_value;_rule;_message;_hint';
const broken = 'id;name\n1;Ann\ntwo;Bob\n3;Cyd\n4;Dan;surplus\n';
const source = ['broken.csv', broken] as const;

async function withProject(
  datasets: string,
  use: (project: HopperProject) => Promise<void>,
): Promise<void> {
  const project = new HopperProject({ datasets });
  try {
    await use(project);
  } finally {
    await project.remove();
  }
}

function failedText(project: HopperProject, name: string): string {
  return readFileSync(join(project.failed, name), 'utf8');
}

function reportIn(project: HopperProject, name: string): FailureReport {
  return JSON.parse(failedText(project, name)) as FailureReport;
}

async function names(project: HopperProject): Promise<unknown[]> {
  const sql = 'SELECT name FROM people ORDER BY id';
  const { stdout } = await runCommand(project, ['query', '--format', 'json', sql]);
  return (JSON.parse(stdout) as { name: unknown }[]).map(({ name }) => name);
}

async function ingest(project: HopperProject): Promise<number | string | null> {
  return project.run(['ingest']).ended;
}

describe('rows that are diverted', () => {
  test('are put into a reject file, byte for byte and with what is wrong, and the others are loaded', async () => {
    await withProject(dataset(), async (project) => {
      project.drop(...source);
      expect(await ingest(project)).toBe(0);
      const loadId = loadIdFor('people', ...source);
      expect(await parquetRows(project, 'people')).toEqual({ [loadId]: 2 });
      expect(filesIn(project.failed)).toEqual([
        'broken.csv.rejects.csv',
        'broken.csv.report.html',
        'broken.csv.report.json',
      ]);
      const [header, ...rows] = failedText(project, 'broken.csv.rejects.csv').split('\n');
      expect(header).toBe(`id;name;${columns}`);
      expect(rows).toEqual([
        'two;Bob;3;"id";"two";"type";"id is not an INTEGER.";"Expected: a whole number from -2147483648 to 2147483647."',
        expect.stringMatching(
          /^4;Dan;surplus;5;"";"Dan;surplus";"field_count";"The row has 3 values, the header 2\.";"Quote .*"$/,
        ),
        '',
      ]);
      expect(reportIn(project, 'broken.csv.report.json')).toMatchObject({
        ...{
          verdict: 'diverted',
          code: 'content_invalid',
          loadId,
          rejects: 'broken.csv.rejects.csv',
        },
        ...{ rowsRead: 4, rowsAccepted: 2, rowsRejected: 2, problemsTotal: 2 },
      });
      expect(await receiptsIn(project, 'people')).toMatchObject([
        { loadId, rowsRead: 4, rowsAccepted: 2, rowsRejected: 2 },
      ]);
      expect(project.stepsOf('broken.csv')).toEqual([
        ...['found', 'claimed', 'converted', 'published', 'diverted', 'finished'],
      ]);
      await expectNothingLeft(project);
    });
  });

  test('are loaded when they are repaired and dropped, alone, and linked to the load they were missing in', async () => {
    await withProject(dataset(), async (project) => {
      project.drop(...source);
      await ingest(project);
      const rejects = failedText(project, 'broken.csv.rejects.csv');
      const repaired = rejects
        .replace('\ntwo;', '\n2;')
        .replace('4;Dan;surplus;', '4;"Dan;surplus";');
      project.drop('broken.csv.rejects.csv', repaired);
      expect(await ingest(project)).toBe(0);
      const first = loadIdFor('people', ...source);
      const second = loadIdFor('people', 'broken.csv.rejects.csv', repaired);
      expect(await parquetRows(project, 'people')).toEqual({ [first]: 2, [second]: 2 });
      const query = project.run([
        'query',
        'SELECT id, name FROM people ORDER BY id',
        '--format',
        'csv',
      ]);
      expect(await query.ended).toBe(0);
      expect(query.said).toContain('1,Ann\r\n2,Bob\r\n3,Cyd\r\n4,Dan;surplus\r\n');
      expect((await receiptsIn(project, 'people'))[1]).toMatchObject({ repairs: first });
      const finished = project
        .events()
        .find(({ event, loadId }) => event === 'finished' && loadId === second);
      expect(finished).toMatchObject({ repairs: first, rowsAccepted: 2 });
      // Dropped once more it is known.
      project.drop('broken.csv.rejects.csv', repaired);
      await ingest(project);
      expect(project.stepsOf('broken.csv.rejects.csv').at(-1)).toBe('skipped');
    });
  });

  test('are as the README shows them', async () => {
    const readme = readFileSync(join(repository, 'README.md'), 'utf8');
    const section = readme.slice(readme.indexOf('### Bad rows out'), readme.indexOf('## Commands'));
    const [given, rejects] = [...section.matchAll(/```csv\n([^]*?)```/g)].map(([, text]) => text!);
    await withProject(dataset(), async (project) => {
      project.drop('people.csv', given!);
      await ingest(project);
      expect(failedText(project, 'people.csv.rejects.csv')).toBe(rejects);
    });
  });

  test('that are broken still come back in a reject file of the same form', async () => {
    await withProject(dataset(), async (project) => {
      project.drop(...source);
      await ingest(project);
      const rejects = failedText(project, 'broken.csv.rejects.csv');
      const repaired = rejects.replace('\ntwo;', '\n2;');
      project.drop('fixed.csv', repaired);
      await ingest(project);
      const loadId = loadIdFor('people', 'fixed.csv', repaired);
      const [header, row, ...rest] = failedText(project, 'fixed.csv.rejects.csv').split('\n');
      expect(header).toBe(`id;name;${columns}`);
      expect(row).toMatch(
        /^4;Dan;surplus;3;"";"Dan;surplus";"field_count";"The row has 3 values, the header 2\."/,
      );
      expect(rest).toEqual(['']);
      expect(await receiptsIn(project, 'people')).toMatchObject([{}, { loadId, rowsRejected: 1 }]);
    });
  });

  const marks = '3;"id";"x";"type";"m";"h"';
  const said = '"id";"x";"type";"id is not an INTEGER."';
  test.each<[what: string, header: string, ok: string, bad: string, more?: string]>([
    ['stand before the others', `${columns};id;name`, `${marks};1;Ann`, `${marks};x;"B;b"`],
    ['stand between the others', `id;${columns};name`, `1;${marks};Ann`, `x;${marks};"B;b"`],
    ['are fewer', 'id;name;_line;_rule', '1;Ann;3;type', 'x;"B;b";3;type'],
    [
      'have an apostrophe to take off before them',
      `${columns};id;name`,
      `3;"";"";"formula";"m";"h";1;'=1`,
      `3;"";"";"formula";"m";"h";x;'=2`,
      ', reject_formulas: neutralised',
    ],
  ])(
    'that are broken still lose nothing where the columns of csv-hopper %s',
    async (_, header, ok, bad, more = '') => {
      await withProject(dataset(more), async (project) => {
        project.drop('a.csv', `${header}\n${ok}\n${bad}\n`);
        await ingest(project);
        const [first, row, ...rest] = failedText(project, 'a.csv.rejects.csv').split('\n');
        expect(first).toBe(`id;name;${columns}`);
        const isNeutralised = more !== '';
        const sent = isNeutralised ? "x;'=2;3;" : 'x;"B;b";3;';
        expect(row).toContain(
          isNeutralised ? `${sent}"id | ";"x | ";"type | formula"` : sent + said,
        );
        expect(rest).toEqual(['']);
        project.drop('b.csv', `${first!}\n${row!.replace('x', '2')}\n`);
        await ingest(project);
        expect(await names(project)).toEqual(isNeutralised ? ['=1', '=2'] : ['Ann', 'B;b']);
      });
    },
  );

  test('of a reject file that has lost columns in some rows keep all that these have', async () => {
    await withProject(dataset(), async (project) => {
      const rows = [`1;Ann;${marks}`, '2;Bob', '3;Cyd;;;;;', `4;${marks}`, `5;Eve;x;${marks}`];
      project.drop('a.csv', `id;name;${columns}\n${rows.join('\n')}\n`);
      await ingest(project);
      const [, ...lines] = failedText(project, 'a.csv.rejects.csv').trimEnd().split('\n');
      expect(
        lines.map((line) => /^(.*?);\d+;"";.*;"field_count";"(.*?)"/.exec(line)?.slice(1)),
      ).toEqual([
        ['2;Bob', 'The row has 2 values, the header 8 with those of csv-hopper.'],
        ['3;Cyd;;;;;', 'The row has 7 values, the header 8 with those of csv-hopper.'],
        ['4', 'The row has 1 value, the header 2.'],
        ['5;Eve;x', 'The row has 3 values, the header 2.'],
      ]);
    });
  });

  test('that come back as they were fail as a whole', async () => {
    await withProject(dataset(), async (project) => {
      project.drop(...source);
      await ingest(project);
      const rejects = failedText(project, 'broken.csv.rejects.csv');
      project.drop('broken.csv.rejects.csv', rejects);
      expect(await ingest(project)).toBe(1);
      expect(reportIn(project, 'broken.csv.rejects.csv.report.json')).toMatchObject({
        verdict: 'failed',
        reason: expect.stringContaining('All of its rows break the schema.') as string,
      });
    });
  });

  test('of a reject file that a spreadsheet has shifted are rejected', async () => {
    await withProject(dataset(), async (project) => {
      const shifted = `id;name;${columns}\n1;Ann;7;"name";"x";"type";"m";"h"\n2;8;"";"12";"field_count";"m";"h";\n`;
      project.drop('a.csv.rejects.csv', shifted);
      await ingest(project);
      expect(await receiptsIn(project, 'people')).toMatchObject([
        { rowsAccepted: 1, rowsRejected: 1 },
      ]);
      expect(failedText(project, 'a.csv.rejects.csv')).toMatch(
        /\n2;8;3;"_line";"";"field_count";"The values of the row are shifted:/,
      );
    });
  });

  test('keep every byte: marks, line ends, quotes, and what is not UTF-8', async () => {
    await withProject(dataset(), async (project) => {
      const rows = [
        '1;"Ann ""A"" \r\nB"\r\n',
        'x;"Bob ""B"" \r\nC"\r\n',
        '=1+1;Cyd\r\n',
        '4;J\xfcrgen',
      ];
      const text = `\xef\xbb\xbf"id";name\r\n${rows.join('')}`;
      project.drop('a.csv', Buffer.from(text, 'latin1'));
      await ingest(project);
      const rejects = readFileSync(join(project.failed, 'a.csv.rejects.csv')).toString('latin1');
      expect(rejects.startsWith(`\xef\xbb\xbf"id";name;${columns}\r\n`)).toBe(true);
      expect(rejects).toContain('\r\nx;"Bob ""B"" \r\nC";4;"id";"x";"type";');
      expect(rejects).toContain(`\r\n=1+1;Cyd;6;"id";"'=1+1";"type";`);
      expect(rejects).toMatch(/\r\n4;J\xfcrgen;7;"name";"J.*";"encoding";.*\r\n$/);
    });
  });

  test('are those of its dialect, in its own signs', async () => {
    const dialect = `, dialect: { delimiter: '::', quote: "'", escape: '\\', comment: '#', skip_lines: 1 }`;
    await withProject(dataset(dialect), async (project) => {
      const text = "a list\nid::name\n1::'it\\'s'\n# none\nx::'that\\'s'\n";
      project.drop('a.csv', text);
      await ingest(project);
      const rejects = failedText(project, 'a.csv.rejects.csv');
      expect(rejects).toBe(
        `a list\nid::name::${columns.replaceAll(';', '::')}\nx::'that\\'s'::5::'id'::'x'::'type'::'id is not an INTEGER.'::'Expected: a whole number from -2147483648 to 2147483647.'\n`,
      );
      project.drop('a.csv.rejects.csv', rejects.replace('\nx::', '\n2::'));
      await ingest(project);
      expect(await receiptsIn(project, 'people')).toMatchObject([
        { rowsAccepted: 1 },
        { rowsAccepted: 1 },
      ]);
    });
  });

  const beyond: [string, string, string, string][] = [
    [
      'more rows than are allowed',
      ', max_invalid_rows: 1',
      broken,
      '2 of 4 rows break the schema, and max_invalid_rows is 1.',
    ],
    [
      'a larger part than is allowed',
      ', max_invalid_ratio: 0.49',
      broken,
      '2 of 4 rows break the schema, and max_invalid_ratio is 0.49.',
    ],
    ['all rows', '', 'id;name\nx;1\n', 'Its only row breaks the schema.'],
    [
      'a quote that is never closed',
      '',
      'id;name\n1;Ann\n2;"Bob\n3;Cyd\n',
      'The quote that opens here is never closed.',
    ],
    [
      'a NUL byte',
      '',
      'id;name\n1;Ann\nx;Bob\n2;\0\n',
      'The line holds a NUL byte, which no text has.',
    ],
  ];
  test.each(beyond)(
    'fail the file as a whole where it has %s',
    async (_, more, content, message) => {
      await withProject(dataset(more), async (project) => {
        project.drop('a.csv', content);
        expect(await ingest(project)).toBe(1);
        expect(filesIn(project.failed)).toEqual([
          'a.csv',
          'a.csv.report.html',
          'a.csv.report.json',
        ]);
        const { problems, verdict, rejects } = reportIn(project, 'a.csv.report.json');
        expect({ verdict, rejects }).toEqual({ verdict: 'failed', rejects: null });
        expect(problems.map((problem) => problem.message)).toContain(message);
        expect(await parquetRows(project, 'people')).toEqual({});
        await expectNothingLeft(project);
      });
    },
  );

  test('are within limits that are met exactly', async () => {
    await withProject(dataset(', max_invalid_rows: 2, max_invalid_ratio: 0.5'), async (project) => {
      project.drop(...source);
      expect(await ingest(project)).toBe(0);
      expect(await receiptsIn(project, 'people')).toMatchObject([{ rowsRejected: 2 }]);
    });
  });

  test('are counted beside those that cleaning drops', async () => {
    const clean = ', clean: { null_rows: drop_any, duplicate_rows: drop }';
    await withProject(dataset(clean), async (project) => {
      project.drop('a.csv', 'id;name\n1;Ann\nx;Bob\n;Cyd\n1;Ann\nx;Bob\n2;Dan\n');
      await ingest(project);
      expect(await receiptsIn(project, 'people')).toMatchObject([
        {
          rowsRead: 6,
          rowsAccepted: 2,
          rowsRejected: 2,
          rowsDroppedNull: 1,
          rowsDroppedDuplicate: 1,
        },
      ]);
    });
  });

  test('of two files of a name lie side by side, and each is linked to its own load', async () => {
    await withProject(dataset(), async (project) => {
      const other = 'id;name\n5;Eve\nsix;Fay\n';
      project.drop(...source);
      await ingest(project);
      project.drop('broken.csv', other);
      await ingest(project);
      const second = loadIdFor('people', 'broken.csv', other);
      const name = `broken-${shortLoadId(second)}.csv.rejects.csv`;
      expect(filesIn(project.failed).filter((file) => file.endsWith('.csv'))).toEqual([
        name,
        'broken.csv.rejects.csv',
      ]);
      project.drop(name, failedText(project, name).replace('\nsix;', '\n6;'));
      await ingest(project);
      expect((await receiptsIn(project, 'people'))[2]).toMatchObject({ repairs: second });
    });
  });

  test('go back into the input folder with retry, which takes the report along', async () => {
    await withProject(dataset().replace("'*.csv'", 'broken.csv'), async (project) => {
      project.drop(...source);
      await ingest(project);
      const retry = project.run(['retry', '--all']);
      expect(await retry.ended).toBe(0);
      expect(retry.said).toContain('broken.csv.rejects.csv: back in the input folder');
      expect(filesIn(project.failed)).toEqual([]);
      expect(filesIn(project.input)).toEqual(['broken.csv.rejects.csv']);
    });
  });

  test('are told of by check, which writes nothing', async () => {
    await withProject(dataset(), async (project) => {
      project.drop(...source);
      const check = project.run(['check', 'input_csv/broken.csv']);
      expect(await check.ended).toBe(0);
      expect(check.said).toContain(
        '4 rows for people, delimiter semicolon, 2 accepted, 2 for the reject file.',
      );
      expect(check.said).toContain('line 3: id is not an INTEGER.');
      expect(existsSync(project.failed)).toBe(false);
    });
  });

  test('have no values in their report where those are redacted, but are themselves complete', async () => {
    await withProject(`${dataset()}report: { values: redacted }\n`, async (project) => {
      project.drop(...source);
      await ingest(project);
      expect(failedText(project, 'broken.csv.report.json')).not.toContain('two');
      expect(failedText(project, 'broken.csv.report.html')).not.toContain('two');
      expect(failedText(project, 'broken.csv.rejects.csv')).toContain('\ntwo;Bob;3;"id";');
    });
  });
});

describeWithMariadb('rows that are diverted from a large file', () => {
  let database: TestDatabase;
  let project: HopperProject;
  eachWithDatabase((made) => {
    ({ database, project } = made);
    project.configure({ datasets: dataset(), database: database.config() });
  });

  /** Some 9 MB in four pieces, with a broken row in each. */
  const ROWS = 400_000;
  const lines = people(0, ROWS).split('\n');
  const brokenLines = [2, 100_000, 200_000, 300_000, ROWS + 1];
  for (const line of brokenLines) lines[line - 1] = `line ${line};x`;
  const large = lines.join('\n');
  const loadId = loadIdFor('people', 'large.csv', large);
  const accepted = { [loadId]: ROWS - brokenLines.length };

  async function expectDiverted(): Promise<void> {
    const rows = failedText(project, 'large.csv.rejects.csv').split('\n').slice(1, -1);
    expect(rows.map((row) => row.split(';').slice(0, 3))).toEqual(
      brokenLines.map((line) => [`line ${line}`, 'x', String(line)]),
    );
    expect(filesIn(project.failed)).toHaveLength(3);
    expect(await parquetRows(project, 'people')).toEqual(accepted);
    expect(await database.ledgerRows('people')).toEqual(accepted);
    expect(await database.tableRows('people')).toEqual(accepted);
    expect(await receiptsIn(project, 'people')).toMatchObject([{ rowsRejected: 5 }]);
    await expectNothingLeft(project);
  }

  test('do not keep the others from being loaded while it is converted', async () => {
    await project.start();
    project.drop('large.csv', large);
    await project.event('finished', 'large.csv');
    await expectDiverted();
  });

  const moments: [string, CrashPoint][] = [
    ['it is converted', { event: 'converted' }],
    ['it is committed', { event: 'loaded' }],
    ['its report is written', { afterRenameTo: '.report.json' }],
    ['its reject file is put', { afterRenameTo: '.csv.rejects.csv' }],
    ['its rows are diverted and it has no receipt', { event: 'diverted' }],
  ];
  test.each(moments)('are put once after kill -9 when %s', async (_, crash) => {
    project.drop('large.csv', large);
    expect(await project.run(['start'], { crash }).ended).toBe('SIGKILL');
    await project.start();
    await project.event('finished', 'large.csv');
    await expectDiverted();
  });

  test('are in no reject file where the database refuses so many others that the file fails', async () => {
    project.configure({ datasets: dataset(', max_invalid_rows: 1') });
    await database.query(
      'CREATE TABLE $people (id INT, name VARCHAR(40), _load_id CHAR(32), UNIQUE KEY one_id (id))',
    );
    await project.start();
    project.drop('a.csv', 'id;name\n1;Ann\nx;Bob\n1;Cyd\n');
    await project.event('failed', 'a.csv');
    expect(filesIn(project.failed)).toEqual(['a.csv', 'a.csv.report.html', 'a.csv.report.json']);
    await noClaims(project);
  });
});

describeWithMariadb('rows of a large file that break a check or repeat a key', () => {
  let database: TestDatabase;
  let project: HopperProject;
  eachWithDatabase((made) => {
    ({ database, project } = made);
    project.configure({ datasets: dataset(), database: database.config() });
    const schema = `id: { type: INTEGER, unique: true }\nname: VARCHAR(40)\n$checks: ["name <> 'bad' or id < 0"]\n`;
    writeFileSync(join(project.root, 'schema/people.yaml'), schema);
  });

  /** Some 9 MB in four pieces. The ids go up until one repeats, so the file is converted again then. */
  const ROWS = 400_000;
  const lines = people(0, ROWS).split('\n');
  const brokenLines: [line: number, row: string, rule: string][] = [
    [2, 'two;x', 'type'],
    [100_000, '99998;bad', 'check'],
    [200_000, '3;again', 'unique'],
    [300_000, '3;bad', 'check'],
    [ROWS + 1, '4;again', 'unique'],
  ];
  for (const [line, row] of brokenLines) lines[line - 1] = row;
  const large = lines.join('\n');
  const loadId = loadIdFor('people', 'large.csv', large);
  const accepted = { [loadId]: ROWS - brokenLines.length };

  async function expectDiverted(): Promise<void> {
    const rows = failedText(project, 'large.csv.rejects.csv').split('\n').slice(1, -1);
    const said = rows.map((row) => row.replaceAll('"', '').split(';'));
    expect(said.map(([id, name, line, , , rule]) => [Number(line), `${id};${name}`, rule])).toEqual(
      brokenLines,
    );
    expect(rows[2]).toContain('"id has a value that line 5 has already."');
    expect(filesIn(project.failed)).toHaveLength(3);
    expect(await parquetRows(project, 'people')).toEqual(accepted);
    expect(await database.ledgerRows('people')).toEqual(accepted);
    expect(await database.tableRows('people')).toEqual(accepted);
    expect(await receiptsIn(project, 'people')).toMatchObject([{ rowsRejected: 5 }]);
    await expectNothingLeft(project);
  }

  test('are in the reject file with their lines and rules, and all others are loaded', async () => {
    await project.start();
    project.drop('large.csv', large);
    await project.event('finished', 'large.csv');
    await expectDiverted();
  });

  const moments: [string, CrashPoint][] = [
    ['it is converted', { event: 'converted' }],
    ['its reject file is put', { afterRenameTo: '.csv.rejects.csv' }],
    ['its rows are diverted and it has no receipt', { event: 'diverted' }],
  ];
  test.each(moments)('are put once after kill -9 when %s', async (_, crash) => {
    project.drop('large.csv', large);
    expect(await project.run(['start'], { crash }).ended).toBe('SIGKILL');
    await project.start();
    await project.event('finished', 'large.csv');
    await expectDiverted();
  });
});
