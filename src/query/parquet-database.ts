import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import {
  DuckDBInstance,
  StatementType,
  type DuckDBConnection,
  type DuckDBExtractedStatements,
  type DuckDBPreparedStatement,
} from '@duckdb/node-api';

import { HopperError } from '../errors/hopper-error.ts';
import type { Dataset } from '../schema/dataset.ts';
import { datasetViewSql, listParquetFiles, quoteText } from './dataset-view.ts';
import { planFailure, runFailure, viewFailure, withdrawnFailure } from './query-failure.ts';
import { readQueryResult, ResultRows, type QueryResult } from './query-result.ts';
import { checkReadOnly, type QueryReads } from './read-only-sql.ts';

/** What is to be known of a dataset to query it. */
export type QueriedDataset = Pick<Dataset, 'name' | 'columns'>;

/** A dataset whose folder was listed. */
interface ListedDataset {
  dataset: QueriedDataset;
  files: string[];
}

export interface ParquetDatabaseOptions {
  /** An absolute path. */
  outputFolder: string;
  /** Their folders need not exist yet. */
  datasets: readonly QueriedDataset[];
  /** What DuckDB gives itself at most; what it reckons with in one step may be more. */
  memoryBytes?: number;
  threads?: number;
}

const MEMORY_BYTES = 1_000_000_000;

/**
 * SQL over the published Parquet files, by an embedded DuckDB that keeps nothing: in come SELECT statements, in which
 * each dataset is a table of its name; out go rows. A query sees the files that are there when it starts.
 *
 * It guarantees that nothing is written, and that nothing outside the datasets' folders is read: only SELECT statements
 * without table functions that have effects are run, DuckDB's access is limited to the folders, and its configuration is
 * locked. Both are needed: what DuckDB may read, it may also write.
 */
export class ParquetDatabase {
  readonly #instance: DuckDBInstance;
  readonly #outputFolder: string;
  readonly #datasets: readonly QueriedDataset[];
  readonly #running = new Set<DuckDBConnection>();

  private constructor(
    instance: DuckDBInstance,
    outputFolder: string,
    datasets: readonly QueriedDataset[],
  ) {
    this.#instance = instance;
    this.#outputFolder = outputFolder;
    this.#datasets = datasets;
  }

  static async open(options: ParquetDatabaseOptions): Promise<ParquetDatabase> {
    const { outputFolder, datasets, memoryBytes = MEMORY_BYTES } = options;
    const instance = await DuckDBInstance.create(':memory:', {
      // A query shares the machine with the daemon.
      threads: String(options.threads ?? Math.min(4, availableParallelism())),
      memory_limit: `${memoryBytes}B`,
      // Empty: a query that needs more memory fails instead of spilling to a folder of ours.
      temp_directory: '',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
    });
    const folders = datasets.map(({ name }) => quoteText(join(outputFolder, name)));
    const connection = await instance.connect();
    try {
      await connection.run("SET GLOBAL TimeZone = 'UTC'");
      await connection.run(`SET allowed_directories = [${folders.join(', ')}]`);
      await connection.run('SET enable_external_access = false');
      await connection.run('SET lock_configuration = true');
    } finally {
      connection.closeSync();
    }
    return new ParquetDatabase(instance, outputFolder, datasets);
  }

  /**
   * Runs one or several SELECT statements, separated by semicolons, and gives the rows of the last. Queries may run side
   * by side.
   *
   * @throws HopperError query_invalid: not a SELECT, wrong SQL, an unknown table, or a failure while it ran
   * @throws HopperError query_files_changed: a file was withdrawn meanwhile; the same query may be run again
   * @throws HopperError parquet_unreadable, folder_unusable
   */
  async query(sql: string): Promise<QueryResult> {
    return this.#run(sql, (connection) => runStatements(connection, sql, this.names));
  }

  /**
   * The same for a result that may be larger than memory: `read` takes the rows of the last statement in parts, as many as it wants.
   *
   * @throws what query throws
   */
  async stream<T>(
    sql: string,
    read: (rows: ResultRows, reads: QueryReads) => Promise<T>,
  ): Promise<T> {
    return this.#run(sql, (connection, reads) =>
      streamStatements(connection, sql, this.names, (rows) => read(rows, reads)),
    );
  }

  /** Of the datasets. */
  get names(): string[] {
    return this.#datasets.map(({ name }) => name);
  }

  /** Ends what runs: each fails as a query that was given up. */
  interrupt(): void {
    for (const connection of this.#running) connection.interrupt();
  }

  close(): void {
    this.#instance.closeSync();
  }

  async #run<T>(
    sql: string,
    work: (connection: DuckDBConnection, reads: QueryReads) => Promise<T>,
  ): Promise<T> {
    // A connection of its own: its temporary views are seen by this query alone.
    const connection = await this.#instance.connect();
    this.#running.add(connection);
    try {
      const reads = await checkReadOnly(connection, sql, this.names);
      const listed = await this.#list(reads);
      try {
        await createViews(connection, listed);
        return await work(connection, reads);
      } catch (error) {
        throw (await withdrawnFailure(listed.flatMap(({ files }) => files))) ?? error;
      }
    } finally {
      this.#running.delete(connection);
      connection.closeSync();
    }
  }

  /** Lists only the datasets that are read, so that one with a thousand files or a broken one costs the others nothing. */
  async #list({ tables, allTables }: QueryReads): Promise<ListedDataset[]> {
    const read = this.#datasets.filter(({ name }) => allTables || tables.has(name.toLowerCase()));
    return Promise.all(
      read.map(async (dataset) => ({
        dataset,
        files: await listParquetFiles(join(this.#outputFolder, dataset.name)),
      })),
    );
  }
}

async function createViews(connection: DuckDBConnection, listed: ListedDataset[]): Promise<void> {
  for (const { dataset, files } of listed) {
    try {
      await connection.run(datasetViewSql(dataset, files));
    } catch (error) {
      throw viewFailure(dataset.name, error);
    }
  }
}

async function runStatements(
  connection: DuckDBConnection,
  sql: string,
  tables: readonly string[],
): Promise<QueryResult> {
  const statements = await connection.extractStatements(sql);
  let result: QueryResult = { columns: [], rows: [] };
  for (let i = 0; i < statements.count; i++) {
    const statement = await prepare(statements, i, tables);
    try {
      result = await readQueryResult(await statement.run());
    } catch (error) {
      throw runFailure(error);
    } finally {
      statement.destroySync();
    }
  }
  return result;
}

async function streamStatements<T>(
  connection: DuckDBConnection,
  sql: string,
  tables: readonly string[],
  read: (rows: ResultRows) => Promise<T>,
): Promise<T> {
  const statements = await connection.extractStatements(sql);
  for (let i = 0; i < statements.count - 1; i++) {
    const statement = await prepare(statements, i, tables);
    try {
      const result = await statement.stream();
      // Of those before the last one only errors are of interest.
      while (((await result.fetchChunk())?.rowCount ?? 0) > 0);
    } catch (error) {
      throw runFailure(error);
    } finally {
      statement.destroySync();
    }
  }
  const last = await prepare(statements, statements.count - 1, tables);
  try {
    return await read(new ResultRows(await last.stream()));
  } catch (error) {
    throw error instanceof HopperError ? error : runFailure(error);
  } finally {
    last.destroySync();
  }
}

async function prepare(
  statements: DuckDBExtractedStatements,
  index: number,
  tables: readonly string[],
): Promise<DuckDBPreparedStatement> {
  let statement: DuckDBPreparedStatement;
  try {
    statement = await statements.prepare(index);
  } catch (error) {
    throw planFailure(error, tables);
  }
  // The syntax tree has been checked; this is DuckDB's own word for it.
  if (statement.statementType === StatementType.SELECT) return statement;
  statement.destroySync();
  throw new HopperError('query_invalid', {
    message: 'The query cannot be run: only SELECT statements are allowed.',
  });
}
