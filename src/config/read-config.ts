// Reads the configuration: the path of a YAML file and the environment come in, a Config comes out in which every default
// is filled in, every schema is read and every path is absolute. Nothing but files is looked at: neither the folders nor
// the database need to exist.
import { isLoopback } from '../core/listen-address.ts';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { readYamlFile, type YamlFile, type YamlProblem } from '../core/yaml-file.ts';
import { normaliseColumnName } from '../schema/column-name.ts';
import type { Column } from '../schema/column-type.ts';
import type { Dataset, Dialect, Diversion, HeaderPolicy, WriteMode } from '../schema/dataset.ts';
import { deriveTable } from '../schema/derive-table.ts';
import { withExtraColumn } from '../schema/extra-column.ts';
import { keyProblems, withKey } from '../schema/key-columns.ts';
import { readSchema } from '../schema/read-schema.ts';
import { readTable } from '../schema/read-table.ts';
import { schemaFingerprint } from '../schema/schema-fingerprint.ts';
import { configSchema, type ConfigValues } from './config-schema.ts';
import type { Config, DatabaseConfig, Folders } from './config.ts';
import { describeIssue } from './describe-issue.ts';
import { readExpectations } from './expect-schema.ts';
import { expectationProblems, needsProfile, unreadExpectations } from './expectation-problems.ts';
import { expandVariables } from './expand-variables.ts';
import { folderProblems } from './folder-problems.ts';
import { readNotify } from './read-notify.ts';
import { SecretReader } from './read-secret.ts';
import { readData, readServe } from './read-serve.ts';
import { readText } from './read-text.ts';

/**
 * Reads a configuration file and the schemas that it names.
 * @param environment what `${NAME}` in the file refers to
 * @throws HopperError config_unreadable, config_invalid, schema_unreadable, schema_invalid
 */
export function readConfig(
  path: string,
  environment: Readonly<Record<string, string | undefined>>,
): Config {
  const file = readYamlFile(path, 'config');
  const values = readValues(file, environment);
  const folders = absoluteFolders(values.folders);
  refuse(file, [...datasetProblems(values.datasets), ...folderProblems(folders)]);
  const { parquet, intake, convert, report, log } = values;
  const datasets = values.datasets.map((dataset, index) => readDataset(dataset, index, file));
  refuse(file, [
    ...datasets.flatMap(expectationProblems),
    ...datasets.flatMap((_, index) => unreadExpectations(file, index)),
  ]);
  const secrets = new SecretReader(environment);
  const database = values.database === undefined ? null : readDatabase(values.database, secrets);
  if (database === null) refuse(file, datasets.flatMap(keyWithoutDatabase));
  const notify = values.notify === undefined ? null : readNotify(values.notify, secrets);
  if (Array.isArray(notify)) throw file.invalid(notify);
  const serve = readServe(values.serve, secrets);
  if (Array.isArray(serve)) throw file.invalid(serve);
  return {
    file: resolve(path),
    secretFiles: secrets.files,
    database,
    folders,
    datasets,
    parquet: { codec: parquet.codec, rowGroupRows: parquet.row_group_rows },
    intake: { quietMs: intake.quiet_ms, sweepMs: intake.sweep_ms, polling: intake.polling },
    convert: {
      workers: convert.workers ?? defaultWorkers(database),
      lineBytesMax: convert.line_bytes_max,
      problemsMax: convert.problems_max,
      unpackedBytesMax: convert.unpacked_bytes_max,
      unpackedRatioMax: convert.unpacked_ratio_max,
    },
    report: { values: report.values },
    notify,
    serve,
    data: readData(values.serve.data),
    log: {
      rotateBytes: log.rotate_bytes,
      rotateDays: log.rotate_days,
      keepFiles: log.keep_files,
    },
  };
}

/**
 * A server on the same machine has a core for itself: for 999 files of 57 KB on two cores one worker took 1.95 s where two took
 * 2.05, and less memory.
 */
function defaultWorkers(database: DatabaseConfig | null): number {
  const cores = availableParallelism();
  return database !== null && isLoopback(database.host) ? Math.max(1, cores - 1) : cores;
}

function readValues(
  file: YamlFile,
  environment: Readonly<Record<string, string | undefined>>,
): ConfigValues {
  // A file of comments only is a configuration that leaves everything at its default.
  const expanded = expandVariables(file.value ?? {}, environment);
  refuse(file, expanded.problems);
  const parsed = configSchema.safeParse(expanded.value, { reportInput: true });
  if (!parsed.success) throw file.invalid(parsed.error.issues.flatMap(describeIssue));
  return parsed.data;
}

function refuse(file: YamlFile, problems: readonly YamlProblem[]): void {
  if (problems.length > 0) throw file.invalid(problems);
}

function absoluteFolders(folders: ConfigValues['folders']): Folders {
  return {
    input: resolve(folders.input),
    output: resolve(folders.output),
    failed: resolve(folders.failed),
    archive: folders.archive === null ? null : resolve(folders.archive),
    receipts: folders.receipts === null ? null : resolve(folders.receipts),
    logs: resolve(folders.logs),
  };
}

function datasetProblems(datasets: ConfigValues['datasets']): YamlProblem[] {
  const names = datasets.map(({ name }) => name.toLowerCase());
  return names.flatMap((name, index) => {
    const first = names.indexOf(name);
    if (first === index) return [];
    // Tables and folders of names that differ in letter case are the same on some servers and disks.
    const message = `datasets[${index}].name is the name of datasets[${first}] too (letter case is ignored)`;
    return [{ path: ['datasets', index, 'name'], message }];
  });
}

/** Without a table nobody would remember the keys of earlier loads. */
function keyWithoutDatabase({ write }: Dataset, index: number): YamlProblem[] {
  if (write.mode !== 'append' || write.key === undefined) return [];
  const message = `datasets[${index}].key needs a database with write: append: without one nothing knows the keys of earlier loads. $uniqueKeys in the schema are for the rows of one file`;
  return [{ path: ['datasets', index, 'key'], message }];
}

function readDatabase(
  database: NonNullable<ConfigValues['database']>,
  secrets: SecretReader,
): DatabaseConfig {
  return {
    host: database.host,
    port: database.port,
    user: database.user,
    password:
      database.password ?? secrets.read('database.password_file', database.password_file ?? ''),
    database: database.database,
    tls: database.tls
      ? { ca: database.tls_ca === undefined ? null : readText('database.tls_ca', database.tls_ca) }
      : null,
    connectTimeoutMs: database.connect_timeout_ms,
    queryTimeoutMs: database.query_timeout_ms,
  };
}

type DatasetValues = ConfigValues['datasets'][number];

function readDataset(values: DatasetValues, index: number, file: YamlFile): Dataset {
  const clean = {
    trim: values.clean.trim,
    lowercaseValues: values.clean.lowercase_values,
    nullWords: values.clean.null_words,
    nullRows: values.clean.null_rows,
    duplicateRows: values.clean.duplicate_rows,
  };
  const write = readWriteMode(values);
  const schema = readSchema(values.schema, clean);
  const { checks, uniqueKeys } = schema;
  const columns = readExtraColumn(withKey(schema.columns, write), values, index, file);
  const table =
    values.table_schema === undefined
      ? deriveTable(values.name, columns)
      : readTable(values.table_schema, values.name, columns);
  refuse(
    file,
    keyProblems(write, table).map((message) => ({
      path: ['datasets', index, 'key'],
      message: `datasets[${index}].key ${message}`,
    })),
  );
  const dialect = values.dialect === undefined ? null : readDialect(values.dialect);
  const expect = values.expect === undefined ? null : readExpectations(values.expect);
  const headerPolicy = readHeaderPolicy(values);
  const form = { dialect, encoding: values.encoding, headerPolicy };
  const schemaHash = schemaFingerprint(columns, clean, { ...form, ...schema });
  return {
    name: values.name,
    match: values.match,
    columns,
    ...(checks.length > 0 && { checks }),
    ...(uniqueKeys.length > 0 && { uniqueKeys }),
    table,
    clean,
    dialect,
    ...(headerPolicy !== undefined && { headerPolicy }),
    write,
    redrop: values.redrop,
    ...((values.profile || (expect !== null && needsProfile(expect))) && { profiled: true }),
    ...(expect !== null && { expect }),
    encoding: values.encoding,
    diversion: readDiversion(values),
    ...(values.reject_formulas === 'neutralised' && { rejectFormulas: values.reject_formulas }),
    schemaFingerprint: schemaHash,
  };
}

function readWriteMode({ write, key = [] }: DatasetValues): WriteMode {
  const columns = key.map(normaliseColumnName);
  if (write === 'upsert') return { mode: write, key: columns };
  return { mode: write, ...(columns.length > 0 && { key: columns }) };
}

function readHeaderPolicy(values: DatasetValues): HeaderPolicy | undefined {
  const { missing_columns: missing, extra_columns: extra } = values;
  if (missing === 'fail' && extra === 'fail') return undefined;
  return { missing, extra, ...(values.reject_formulas === 'neutralised' && { neutralised: true }) };
}

/** The columns, with that behind them which has what the schema does not know. */
function readExtraColumn(
  columns: Column[],
  { extra_columns: extra, extra_json_column: name = 'extra_columns' }: DatasetValues,
  index: number,
  file: YamlFile,
): Column[] {
  if (extra !== 'json') return columns;
  const all = withExtraColumn(columns, name);
  if (Array.isArray(all)) return all;
  const message = `datasets[${index}].extra_json_column ${all.problem}`;
  throw file.invalid([{ path: ['datasets', index, 'extra_json_column'], message }]);
}

function readDiversion(values: DatasetValues): Diversion | null {
  if (values.on_invalid_rows === 'fail_file') return null;
  return { rowsMax: values.max_invalid_rows ?? null, ratioMax: values.max_invalid_ratio ?? null };
}

function readDialect(values: NonNullable<DatasetValues['dialect']>): Dialect {
  return {
    delimiter: values.delimiter ?? null,
    quote: values.quote,
    escape: values.escape ?? values.quote,
    comment: values.comment ?? null,
    skipLines: values.skip_lines,
  };
}
