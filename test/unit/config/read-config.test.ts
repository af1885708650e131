import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import { readConfig } from '../../../src/config/read-config.ts';
import { HopperError } from '../../../src/errors/hopper-error.ts';

const shipped = resolve(import.meta.dirname, '../../../config/config.yaml');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hopper-config-'));
  writeFileSync(join(folder, 'schema.yaml'), 'id: INTEGER\nword: VARCHAR(10)\n');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function read(content: string, environment: Record<string, string> = {}): Config {
  const path = join(folder, 'config.yaml');
  writeFileSync(path, content.replaceAll('SCHEMA', join(folder, 'schema.yaml')));
  return readConfig(path, environment);
}

function refusal(content: string, environment: Record<string, string> = {}): HopperError {
  try {
    read(content, environment);
  } catch (error) {
    if (error instanceof HopperError) return error;
    throw error;
  }
  throw new Error('The configuration was accepted.');
}

const dataset = 'datasets: [{name: words, schema: SCHEMA}]\n';

describe('rows that break the schema', () => {
  const diverted = (more: string): string =>
    `datasets: [{name: words, schema: SCHEMA, on_invalid_rows: divert${more}}]\n`;

  test('fail their file, unless the dataset diverts them', () => {
    expect(read(dataset).datasets[0]?.diversion).toBeNull();
    const [plain] = read(diverted('')).datasets;
    expect(plain?.diversion).toEqual({ rowsMax: null, ratioMax: null });
    const [limited] = read(diverted(', max_invalid_rows: 10, max_invalid_ratio: "${RATIO}"'), {
      RATIO: '0.05',
    }).datasets;
    expect(limited?.diversion).toEqual({ rowsMax: 10, ratioMax: 0.05 });
  });

  test.each(['1.5', '-0.1', '5%', '1e-3', '0,1'])('a ratio of %s is refused', (ratio) => {
    expect(refusal(diverted(`, max_invalid_ratio: '${ratio}'`)).message).toContain(
      'max_invalid_ratio must be a number from 0 to 1, such as 0.01',
    );
  });

  test('stand in their reject file as they are, unless formulas are neutralised', () => {
    expect(read(diverted('')).datasets[0]).not.toHaveProperty('rejectFormulas');
    const [neutralised] = read(diverted(', reject_formulas: neutralised')).datasets;
    expect(neutralised?.rejectFormulas).toBe('neutralised');
  });

  test.each(['max_invalid_rows: 1', 'max_invalid_ratio: 0.1', 'reject_formulas: neutralised'])(
    '%s without it is refused',
    (key) => {
      const { message } = refusal(`datasets: [{name: words, schema: SCHEMA, ${key}}]\n`);
      expect(message).toContain(
        `${key.split(':')[0]!} has no effect without on_invalid_rows: divert`,
      );
    },
  );
});

describe('columns that are missing or unknown', () => {
  const withKeys = (keys: string): string => `datasets: [{name: words, schema: SCHEMA${keys}}]\n`;

  test('fail a file, unless a policy lets them pass, which belongs to the schema', () => {
    const [strict] = read(withKeys('')).datasets;
    const [lenient] = read(withKeys(', missing_columns: as_null, extra_columns: ignore')).datasets;
    expect(strict?.headerPolicy).toBeUndefined();
    expect(lenient?.headerPolicy).toEqual({ missing: 'as_null', extra: 'ignore' });
    expect(lenient?.schemaFingerprint).not.toBe(strict?.schemaFingerprint);
  });

  test('are kept in a column behind those of the schema, nullable JSON, if the dataset says so', () => {
    const [kept] = read(withKeys(', extra_columns: json')).datasets;
    const json = { name: 'JSON', length: 0, precision: 0, scale: 0, fraction: 0 };
    const column = { name: 'extra_columns', type: json, nullable: true, gathers: true };
    expect(kept?.columns.at(-1)).toEqual(column);
    expect(kept?.table.columns.at(-1)).toEqual({
      ...{ name: 'extra_columns', mysqlType: 'json', nullable: true },
    });
    const named = ', extra_columns: json, extra_json_column: " Beside "';
    expect(read(withKeys(named)).datasets[0]?.columns.at(-1)?.name).toBe('beside');
    const withNulls = ', extra_columns: json, clean: {null_rows: drop_any}';
    expect(read(withKeys(withNulls)).datasets[0]?.columns).toHaveLength(3);
  });

  test.each([
    ['extra_json_column: beside', 'has no effect without extra_columns: json'],
    ['extra_columns: json, extra_json_column: Word', 'names word, which is a column of the schema'],
    ['extra_columns: json, extra_json_column: _load_id', 'cannot be a column: _load_id is the'],
    [`extra_columns: json, extra_json_column: ${'x'.repeat(65)}`, 'at most 64 characters'],
  ])('%s is refused', (keys, message) => {
    const found = refusal(withKeys(`, ${keys}`)).message;
    expect(found).toContain('datasets[0].extra_json_column ');
    expect(found).toContain(message);
  });

  test('are not filled in where rows with nulls are dropped', () => {
    const keys = ', missing_columns: as_null, clean: {null_rows: drop_any}';
    expect(refusal(withKeys(keys)).message).toContain(
      'missing_columns must be fail with clean.null_rows: drop_any',
    );
  });
});

describe('defaults', () => {
  test('a dataset that says no more than its schema keeps values, nulls and duplicates', () => {
    const [words] = read(dataset).datasets;
    expect(words?.match).toBe('*.csv');
    expect(words?.clean).toEqual({
      trim: false,
      lowercaseValues: false,
      nullWords: [],
      nullRows: 'keep',
      duplicateRows: 'keep',
    });
    expect(words?.table).toEqual({
      name: 'words',
      columns: [
        { name: 'id', mysqlType: 'int', nullable: true },
        { name: 'word', mysqlType: 'varchar(10)', nullable: true },
      ],
    });
  });

  test('everything else has a default too', () => {
    const { database, folders, parquet, intake, convert, log } = read(dataset);
    expect(database).toBeNull();
    expect(folders).toEqual({
      input: resolve('input_csv'),
      output: resolve('output_parquet'),
      failed: resolve('input_csv/output_failed'),
      archive: resolve('input_csv/archive'),
      receipts: null,
      logs: resolve('logs'),
    });
    expect({ parquet, intake, convert, log }).toEqual({
      parquet: { codec: 'zstd', rowGroupRows: 131_072 },
      intake: { quietMs: 1000, sweepMs: 10_000, polling: false },
      convert: {
        workers: availableParallelism(),
        lineBytesMax: 16_777_216,
        problemsMax: 1000,
        unpackedBytesMax: 34_359_738_368,
        unpackedRatioMax: 500,
      },
      log: { rotateBytes: 52_428_800, rotateDays: 7, keepFiles: 10 },
    });
  });

  test.each([
    ['localhost', Math.max(1, availableParallelism() - 1)],
    ['127.0.0.1', Math.max(1, availableParallelism() - 1)],
    ['::1', Math.max(1, availableParallelism() - 1)],
    ['db.example', availableParallelism()],
  ])('a database server at %s has a core for itself if it is on this machine', (host, workers) => {
    const database = `database: {host: '${host}', user: u, password: p, database: d}\n`;
    expect(read(dataset + database).convert.workers).toBe(workers);
    expect(read(`${dataset + database}convert: {workers: 7}\n`).convert.workers).toBe(7);
  });

  test('failed and archive follow the input folder, and a null archive deletes', () => {
    const { folders } = read(`${dataset}folders: {input: /drop}\n`);
    expect(folders.failed).toBe('/drop/output_failed');
    expect(folders.archive).toBe('/drop/archive');
    expect(read(`${dataset}folders: {archive: null}\n`).folders.archive).toBeNull();
  });

  test("the replaced system's file works unchanged, with the shipped dataset", () => {
    const old =
      'database:\n  host: localhost\n  user: root\n  port: 3307\n  password: 0123\n  database: just_play_db\n';
    const config = read(old);
    expect(config.database).toEqual({
      host: 'localhost',
      port: 3307,
      user: 'root',
      password: '0123',
      database: 'just_play_db',
      tls: null,
      connectTimeoutMs: 10_000,
      queryTimeoutMs: 60_000,
    });
    expect(config.datasets).toEqual(readConfig(shipped, {}).datasets);
  });
});

describe('the shipped configuration', () => {
  test('needs no database and cleans as the replaced system did', () => {
    const config = readConfig(shipped, {});
    expect(config.database).toBeNull();
    expect(config.datasets).toHaveLength(1);
    expect(config.datasets[0]?.columns).toHaveLength(33);
    expect(config.datasets[0]?.clean).toMatchObject({
      trim: true,
      lowercaseValues: true,
      nullRows: 'drop_any',
      duplicateRows: 'drop',
    });
    expect(config.datasets[0]?.clean.nullWords).toContain('NaN');
  });
});

describe('the dialect', () => {
  const dialectOf = (text: string) =>
    read(`datasets: [{name: words, schema: SCHEMA, dialect: {${text}}}]\n`).datasets[0]?.dialect;

  test('is none where the dataset says nothing, and RFC 4180 where it says nothing in particular', () => {
    expect(read(dataset).datasets[0]?.dialect).toBeNull();
    const rfc4180 = { delimiter: null, quote: '"', escape: '"', comment: null, skipLines: 0 };
    expect(dialectOf('')).toEqual(rfc4180);
  });

  test('may have a delimiter of several characters, and any one character for each sign', () => {
    const all = `delimiter: "||", quote: "'", escape: "\\\\", comment: "#", skip_lines: 2`;
    expect(dialectOf(all)).toEqual({
      delimiter: '||',
      quote: "'",
      escape: '\\',
      comment: '#',
      skipLines: 2,
    });
    expect(dialectOf('quote: "😀", delimiter: "\\t"')).toMatchObject({
      delimiter: '\t',
      quote: '😀',
      escape: '😀',
    });
  });

  test.each([
    ['quote: ""', 'dialect.quote must be one character, and no line end'],
    ['quote: ab', 'dialect.quote must be one character, and no line end'],
    ['escape: "\\n"', 'dialect.escape must be one character, and no line end'],
    ['comment: "//"', 'dialect.comment must be one character, and no line end'],
    ['delimiter: ""', 'dialect.delimiter must be one or several characters, and no line end'],
    ['delimiter: "|\\r"', 'dialect.delimiter must be one or several characters, and no line end'],
    ['delimiter: \\t', 'dialect.delimiter must be written "\\t" in double quotes for a tab'],
    ['delimiter: a"', 'dialect.delimiter must not hold the quote'],
    ['delimiter: "\'", quote: "\'"', 'dialect.delimiter must not hold the quote'],
    ['delimiter: "|;", escape: ";"', 'dialect.delimiter must not hold the escape'],
    ['delimiter: "##", comment: "#"', 'dialect.delimiter must not hold the comment'],
    ['comment: "\\""', 'dialect.comment must not be the quote'],
    ['comment: ";", escape: ";"', 'dialect.comment must not be the escape'],
    ['skip_lines: -1', 'dialect.skip_lines must be a whole number from 0 to 1,000,000'],
    ['quotechar: a', 'unknown key datasets[0].dialect.quotechar'],
    ['comment:', 'dialect.comment is empty'],
  ])('%s is refused', (text, message) => {
    const { message: found } = refusal(
      `datasets: [{name: words, schema: SCHEMA, dialect: {${text}}}]\n`,
    );
    expect(found).toContain(message);
  });
});

describe('the environment', () => {
  const database = 'database: {user: u, database: d, port: "${PORT}", password: "${WORD}"}\n';

  test('fills in ports as well as passwords that look like numbers', () => {
    const config = read(database + dataset, { PORT: '3310', WORD: '007' });
    expect(config.database).toMatchObject({ port: 3310, password: '007' });
  });

  test('a variable that is not set is named with its line, and its neighbours stay out of it', () => {
    const error = refusal(dataset + database, { WORD: 's3cret' });
    expect(error.message).toMatch(/:2: the environment variable PORT is not set$/);
    expect(error.message).not.toContain('s3cret');
  });

  test('$${ is a literal ${ and a value is not expanded twice', () => {
    const text = 'database: {user: u, database: d, password: "$${A}-${A}"}\n';
    expect(read(text + dataset, { A: '${B}' }).database?.password).toBe('${A}-${B}');
    expect(refusal(text.replace('$${A}', '${a b}') + dataset, { A: '' }).message).toContain(
      '${NAME}',
    );
  });
});

describe('the password file', () => {
  const database = (path: string) =>
    `database: {user: u, database: d, password_file: ${path}}\n${dataset}`;

  test('is the password without its last newline only', () => {
    const path = join(folder, 'secret');
    writeFileSync(path, ' pass word\n\n');
    expect(read(database(path)).database?.password).toBe(' pass word\n');
    writeFileSync(path, 'crlf\r\n');
    expect(read(database(path)).database?.password).toBe('crlf');
  });

  test('must be there', () => {
    expect(refusal(database('/nowhere/secret'))).toMatchObject({ code: 'config_unreadable' });
  });

  test('of a token goes by the name of the token, wherever that stands in the list', () => {
    for (const name of ['ann', 'bob'])
      writeFileSync(join(folder, `serve.tokens.${name}.token`), name.repeat(10));
    const token = (name: string, role: string): string =>
      `{ name: ${name}, role: ${role}, token_file: /nowhere }`;
    const text = `serve: { tokens: [${token('bob', 'viewer')}, ${token('ann', 'operator')}] }\n`;
    const { serve } = read(text, { CREDENTIALS_DIRECTORY: folder });
    expect(serve?.tokens).toMatchObject([
      { name: 'bob', role: 'viewer', secret: 'bob'.repeat(10) },
      { name: 'ann', role: 'operator', secret: 'ann'.repeat(10) },
    ]);
  });

  test('is read as the credential of its key, where systemd has handed that over', () => {
    const environment = { CREDENTIALS_DIRECTORY: folder };
    const secret = join(folder, 'password');
    writeFileSync(secret, 'of the file\n');
    const text = `database: {user: u, database: d, password_file: ${secret}}\n${dataset}`;
    expect(read(text, environment).database?.password).toBe('of the file');
    writeFileSync(join(folder, 'database.password'), 'of the credential\n');
    const config = read(text, environment);
    expect(config.database?.password).toBe('of the credential');
    expect(config.secretFiles).toEqual([{ credential: 'database.password', path: secret }]);
    expect(read(text).database?.password).toBe('of the file');
    // The file itself may belong to root alone.
    rmSync(secret);
    expect(read(text, environment).database?.password).toBe('of the credential');
    rmSync(join(folder, 'database.password'));
  });

  test('or the password, but not both and not neither', () => {
    const message = /:1: database needs a password: give either password or password_file$/;
    expect(refusal(`database: {user: u, database: d}\n${dataset}`).message).toMatch(message);
    const both = `database: {user: u, database: d, password: x, password_file: y}\n${dataset}`;
    expect(refusal(both).message).toMatch(message);
  });
});

describe('tls', () => {
  const database = (more: string) =>
    `database: {user: u, database: d, password: p, ${more}}\n${dataset}`;

  test('is off by default, and trusts the authorities that Node.js knows, or those of a file', () => {
    const path = join(folder, 'ca.pem');
    writeFileSync(path, 'certificates\n');
    expect(read(database('host: db')).database?.tls).toBeNull();
    expect(read(database('host: db, tls: true')).database?.tls).toEqual({ ca: null });
    const { tls } = read(database(`host: db, tls: true, tls_ca: ${path}`)).database!;
    expect(tls).toEqual({ ca: 'certificates\n' });
  });

  test('needs a name to check, a file that is there, and is not half configured', () => {
    const byAddress = refusal(database('tls: true')).message;
    expect(byAddress).toContain('database.host must be a name where tls is true');
    const half = refusal(database('host: db, tls_ca: ca.pem')).message;
    expect(half).toContain('database.tls_ca has no effect without tls: true');
    const missing = refusal(database('host: db, tls: true, tls_ca: /nowhere/ca.pem'));
    expect(missing).toMatchObject({ code: 'config_unreadable' });
    expect(missing.message).toContain('database.tls_ca: /nowhere/ca.pem cannot be read: ENOENT');
  });
});

describe('refusals', () => {
  test.each([
    ['an unknown key', 'database: {usr: a}', /:2: unknown key database\.usr: did you mean user\?/],
    ['an unknown group', 'folder: {input: a}', /:2: unknown key folder: did you mean folders\?/],
    [
      'a key like no other',
      'intake: {xyz: 1}',
      /unknown key intake\.xyz: the keys here are quiet_ms, /,
    ],
    ['a control character in a key', 'intake: {"a\\e[2J": 1}', /unknown key intake\.a\\u001b\[2J/],
    ['__proto__', 'intake: {__proto__: 1}', /unknown key intake\.__proto__/],
    [
      'a port out of range',
      'database: {port: 70000}',
      /database\.port must be a whole number from 1 to/,
    ],
    ['a fraction', 'intake: {quiet_ms: 1.5}', /:2: intake\.quiet_ms must be a whole number from 0/],
    [
      'another word for true',
      'intake: {polling: yes}',
      /:2: intake\.polling must be true or false$/,
    ],
    [
      'an unknown codec',
      'parquet: {codec: lz4}',
      /:2: parquet\.codec must be zstd or snappy or gzip/,
    ],
    ['a list for a mapping', 'log: [1]', /:2: log must be a mapping/],
    [
      'a mapping for a value',
      'log: {keep_files: {a: 1}}',
      /:2: log\.keep_files must be a single value$/,
    ],
    ['an empty group', 'log:', /:2: log is empty/],
    [
      'one folder used twice',
      'folders: {failed: input_csv}',
      /:2: folders\.failed is the same folder as folders\.input$/,
    ],
    [
      'the same folder spelled twice',
      'folders: {logs: ./a/../input_csv/}',
      /folders\.logs is the same folder/,
    ],
    [
      'a folder in .processing',
      'folders: {output: input_csv/.processing/x}',
      /folders\.output lies in the folder \.processing/,
    ],
    [
      'receipts among archived files',
      'folders: {receipts: input_csv/archive}',
      /folders\.receipts is the same folder as folders\.archive/,
    ],
    [
      'receipts among the folders of archived files',
      'folders: {receipts: input_csv/archive/people}',
      /folders\.receipts lies in folders\.archive/,
    ],
    [
      'a folder where receipts are moved',
      'folders: {receipts: receipts, failed: receipts/earlier}',
      /folders\.failed lies in the folder earlier of folders\.receipts/,
    ],
    [
      'a folder in the output',
      'folders: {logs: output_parquet/logs}',
      /:2: folders\.logs lies in folders\.output/,
    ],
  ])('%s is refused with its line', (_, text, message) => {
    const error = refusal(`${dataset}${text}\n`);
    expect(error.code).toBe('config_invalid');
    expect(error.message).toMatch(message);
  });

  test.each([
    ['no dataset', 'datasets: []', /:1: datasets must list at least one dataset$/],
    [
      'a name that is no table name',
      'datasets: [{name: 1a, schema: SCHEMA}]',
      /datasets\[0\]\.name must be 1 to 64/,
    ],
    ['no schema', 'datasets:\n  - name: a', /:2: datasets\[0\]\.schema is missing$/],
    [
      'a folder in match',
      'datasets: [{name: a, schema: SCHEMA, match: a/*.csv}]',
      /match must match file names/,
    ],
    [
      'two names that differ in case only',
      'datasets:\n  - {name: a, schema: SCHEMA}\n  - {name: A, schema: SCHEMA}',
      /:3: datasets\[1\]\.name is the name of datasets\[0\] too/,
    ],
  ])('%s is refused', (_, text, message) => {
    expect(refusal(`${text}\n`).message).toMatch(message);
  });

  test('all mistakes of a file are listed at once, with no value of it', () => {
    const error = refusal(`${dataset}intake: {quiet_ms: s3cret}\nlog: {keep_files: -1}\n`);
    expect(error.message.split('\n')).toHaveLength(2);
    expect(error.message).not.toContain('s3cret');
  });

  test("a dataset's broken schema is named by its own file", () => {
    writeFileSync(join(folder, 'broken.yaml'), 'a: INTEGR\n');
    const error = refusal(`datasets: [{name: a, schema: ${join(folder, 'broken.yaml')}}]\n`);
    expect(error.code).toBe('schema_invalid');
    expect(error.message).toMatch(/broken\.yaml:1: a: unknown type "INTEGR": did you mean INTEGER/);
  });

  test('a missing configuration is unreadable', () => {
    expect(() => readConfig(join(folder, 'none.yaml'), {})).toThrow(
      expect.objectContaining({ code: 'config_unreadable' }),
    );
  });
});

describe('notices', () => {
  const key = `whsec_${Buffer.from('k'.repeat(32)).toString('base64')}`;

  test('need a receiver; all else has a default', () => {
    expect(read(dataset).notify).toBeNull();
    expect(read(`${dataset}notify: {url: 'https://example.com/Xtoken'}\n`).notify).toEqual({
      ...{ url: 'https://example.com/Xtoken', ca: null, secret: null },
      events: ['failed', 'diverted', 'set_aside', 'parked', 'resumed', 'unexpected', 'alarm'],
      ...{ groupMs: 60_000, timeoutMs: 10_000 },
    });
  });

  test('URL and key can be read from files, with a newline at their end', () => {
    const [url, secret] = [join(folder, 'url'), join(folder, 'key')];
    writeFileSync(url, 'https://example.com/\n');
    writeFileSync(secret, `${key}\n`);
    const { notify } = read(`${dataset}notify: {url_file: ${url}, secret_file: ${secret}}\n`);
    expect(notify?.url).toBe('https://example.com/');
    expect(notify?.secret?.toString()).toBe('k'.repeat(32));
  });

  test.each(['http://localhost:9/x', 'http://127.0.0.1/x', 'http://[::1]:80/x'])(
    'plain http is taken to this machine: %s',
    (url) => {
      expect(read(`${dataset}notify: {url: '${url}'}\n`).notify?.url).toBe(url);
    },
  );

  test('plain http to another machine has to be allowed', () => {
    const url = "url: 'http://hooks.example.com/Xtoken'";
    expect(refusal(`${dataset}notify: {${url}}\n`).message).toMatch(/:2: notify\.url must start/);
    expect(read(`${dataset}notify: {${url}, allow_http: true}\n`).notify).not.toBeNull();
  });

  test.each([
    ['no receiver', '{events: [failed]}', /notify needs a receiver/],
    ['two', "{url: 'https://a/Xtoken', url_file: x}", /notify needs a receiver/],
    ['no URL', '{url: Xtoken}', /notify\.url must be a URL/],
    ['another protocol', "{url: 'ftp://a/Xtoken'}", /notify\.url must be a URL/],
    [
      'a key without its start',
      "{url: 'https://a/', secret: Xtoken}",
      /notify\.secret must be whsec_/,
    ],
    ['a short key', "{url: 'https://a/', secret: whsec_Xtoken}", /notify\.secret must be whsec_/],
    [
      'two keys',
      "{url: 'https://a/', secret: Xtoken, secret_file: x}",
      /secret_file has no effect/,
    ],
    ['no events', "{url: 'https://a/', events: []}", /notify\.events must list/],
    ['an unknown event', "{url: 'https://a/', events: [Xtoken]}", /must be failed or diverted/],
  ])('%s is refused, and not quoted', (_, value, message) => {
    const error = refusal(`${dataset}notify: ${value}\n`);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('Xtoken');
  });
});
