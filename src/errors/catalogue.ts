/**
 * Whose fault an error is, which decides what becomes of the file:
 * - content: the sender's; the file goes to output_failed with a report
 * - environment: a disk, a permission, a server; the file waits and the step is tried again
 * - configuration: the operator's; nothing starts (exit code 2), or the dataset stops and its files stay where they are
 */
export type Fault = 'content' | 'environment' | 'configuration';

/**
 * Where an operator meets it:
 * - exit: csv-hopper ends, or does not start
 * - report: the file is in the failed folder
 * - parked: the file waits; `passing`: for a moment, `database`: for the database
 * - folders: nothing is taken, or what is taken waits, as the folder is
 * - left: the file stays in the input folder; log: nothing waits
 * - command: whoever has typed it reads it
 */
export type Shows =
  'exit' | 'report' | 'parked' | 'passing' | 'database' | 'folders' | 'left' | 'log' | 'command';

interface CatalogueEntry {
  stage:
    | 'config'
    | 'schema'
    | 'intake'
    | 'convert'
    | 'publish'
    | 'load'
    | 'finish'
    | 'notify'
    | 'query'
    | 'command';
  fault: Fault;
  shows: Shows;
  summary: string;
  hint: string;
}

/** Every error code. docs/ERRORS.md is made from this table. */
export const catalogue = {
  config_unreadable: {
    stage: 'config',
    fault: 'configuration',
    shows: 'exit',
    summary: 'The configuration file cannot be read.',
    hint: 'Give its path with --config FILE; the default is config/config.yaml.',
  },
  config_invalid: {
    stage: 'config',
    fault: 'configuration',
    shows: 'exit',
    summary: 'The configuration is not valid.',
    hint: 'Correct the named key; README.md shows a complete configuration.',
  },
  schema_unreadable: {
    stage: 'schema',
    fault: 'configuration',
    shows: 'exit',
    summary: 'A schema file cannot be read.',
    hint: 'Check the path under datasets[].schema or table_schema; it is taken from the folder csv-hopper runs in.',
  },
  schema_invalid: {
    stage: 'schema',
    fault: 'configuration',
    shows: 'exit',
    summary: 'A schema file is not valid.',
    hint: 'Correct the named column; README.md lists the types.',
  },
  folder_unusable: {
    stage: 'intake',
    fault: 'environment',
    shows: 'folders',
    summary: 'A folder cannot be used.',
    hint: 'Let the user that csv-hopper runs as read, write and enter it.',
  },
  folder_busy: {
    stage: 'intake',
    fault: 'configuration',
    shows: 'exit',
    summary: 'Another csv-hopper works on this input folder.',
    hint: 'Stop it first. What is dropped into the folder it takes by itself.',
  },
  state_newer: {
    stage: 'intake',
    fault: 'configuration',
    shows: 'exit',
    summary: 'What earlier runs have left is of a newer csv-hopper.',
    hint: 'Nothing was changed. Run the newer version again, or restore the backup from before the upgrade (docs/OPERATIONS.md).',
  },
  watch_refused: {
    stage: 'intake',
    fault: 'environment',
    shows: 'log',
    summary: 'The system does not let the input folder be watched.',
    hint: 'Files are found all the same, only later. Raise fs.inotify.max_user_watches and max_user_instances, or set intake.polling.',
  },
  claim_unclear: {
    stage: 'intake',
    fault: 'configuration',
    shows: 'exit',
    summary: 'A folder under .processing holds more than one source.',
    hint: 'csv-hopper puts one file into each: move the other out of it, then start again.',
  },
  source_unreadable: {
    stage: 'intake',
    fault: 'environment',
    shows: 'left',
    summary: 'The file cannot be read.',
    hint: 'Let the user that csv-hopper runs as read the file, and write to its folder.',
  },
  source_changed: {
    stage: 'convert',
    fault: 'environment',
    shows: 'passing',
    summary: 'The file was changed while it was read.',
    hint: 'It is read again from the start. Write files under a temporary name and rename them when they are complete.',
  },
  disk_full: {
    stage: 'convert',
    fault: 'environment',
    shows: 'folders',
    summary: 'There is no space left on the disk.',
    hint: 'Free some space; the file is kept and tried again.',
  },
  io_failed: {
    stage: 'convert',
    fault: 'environment',
    shows: 'parked',
    summary: 'Reading or writing a file failed.',
    hint: 'Look at the named path and the system log; the file is kept and tried again.',
  },
  conversion_lost: {
    stage: 'publish',
    fault: 'environment',
    shows: 'passing',
    summary: 'The converted Parquet file is gone before it could be published.',
    hint: 'It is made again. Leave the folder .writing in the output folder alone.',
  },
  worker_died: {
    stage: 'convert',
    fault: 'environment',
    shows: 'parked',
    summary: 'The worker that converted the file ended.',
    hint: 'The file is kept and tried again. If it happens each time, report it with the conversion log.',
  },
  content_invalid: {
    stage: 'convert',
    fault: 'content',
    shows: 'report',
    summary: 'The file does not meet its schema.',
    hint: 'Repair the lines that the report names and drop the file again.',
  },
  worker_not_started: {
    stage: 'convert',
    fault: 'environment',
    shows: 'parked',
    summary: 'No thread or process could be started to convert the file.',
    hint: 'The file is kept and tried again. Look whether open files (ulimit -n), processes or memory are at their limit.',
  },
  too_many_open_files: {
    stage: 'convert',
    fault: 'environment',
    shows: 'parked',
    summary: 'No more files can be opened.',
    hint: 'Raise the limit of open files (ulimit -n, LimitNOFILE of a service); the file is kept and tried again.',
  },
  set_aside: {
    stage: 'convert',
    fault: 'content',
    shows: 'report',
    summary: 'The process that worked on the file alone ended each time.',
    hint: 'Its report says how the process ended, and whether rows of it had been loaded before: where memory ran out, raise the limit and drop the file again; anything else is a defect, report it with the conversion log.',
  },
  defect: {
    stage: 'convert',
    fault: 'environment',
    shows: 'parked',
    summary: 'csv-hopper itself failed.',
    hint: 'This is a defect: the file is kept and tried again. Report it with the conversion log.',
  },
  conservation_broken: {
    stage: 'convert',
    fault: 'environment',
    shows: 'parked',
    summary: 'The row counts do not add up.',
    hint: 'This is a defect of csv-hopper: nothing of the file is loaded. Report it with the conversion log.',
  },
  database_unreachable: {
    stage: 'load',
    fault: 'environment',
    shows: 'database',
    summary: 'The database cannot be reached.',
    hint: 'Start the server, or correct database.host and database.port.',
  },
  database_denied: {
    stage: 'load',
    fault: 'environment',
    shows: 'database',
    summary: 'The database refuses the user.',
    hint: 'Correct database.user and the password, or grant the rights that the README lists.',
  },
  database_insecure: {
    stage: 'load',
    fault: 'environment',
    shows: 'database',
    summary: 'The database server cannot be trusted.',
    hint: 'No rows were sent to it. Correct database.host, database.tls_ca or the certificate of the server; look who answers there.',
  },
  database_unknown: {
    stage: 'load',
    fault: 'environment',
    shows: 'database',
    summary: 'The database does not exist.',
    hint: 'Create it: CREATE DATABASE <name> CHARACTER SET utf8mb4.',
  },
  database_failed: {
    stage: 'load',
    fault: 'environment',
    shows: 'parked',
    summary: 'The database could not carry out a statement.',
    hint: 'Look at the server and its log; the load is kept and tried again.',
  },
  database_timeout: {
    stage: 'load',
    fault: 'environment',
    shows: 'database',
    summary: 'The database did not answer in time.',
    hint: 'Look whether the server hangs or a lock is held; the load is kept and tried again.',
  },
  table_mismatch: {
    stage: 'load',
    fault: 'configuration',
    shows: 'parked',
    summary: 'The table does not match the schema.',
    hint: 'Change the table, or the table_schema, so that they agree; the files wait.',
  },
  load_file_unusable: {
    stage: 'load',
    fault: 'environment',
    shows: 'passing',
    summary: 'The load file is missing or not complete.',
    hint: 'Nothing of it is loaded. Look at the disk; the load file is made anew from the source.',
  },
  load_count_mismatch: {
    stage: 'load',
    fault: 'environment',
    shows: 'parked',
    summary: 'The database took another number of rows than the file has.',
    hint: 'Everything was rolled back. Look for triggers on the table; report it with the conversion log.',
  },
  replace_refused: {
    stage: 'load',
    fault: 'environment',
    shows: 'parked',
    summary: 'The former version of a file cannot be taken out of its table.',
    hint: 'Everything was rolled back, and the file waits. csv-hopper check --ledger compares what there is of each load.',
  },
  earlier_waits: {
    stage: 'load',
    fault: 'environment',
    shows: 'parked',
    summary: 'A file that came before has to be loaded first, and waits.',
    hint: 'Look what that one waits for; this one goes on behind it.',
  },
  rows_refused: {
    stage: 'load',
    fault: 'content',
    shows: 'report',
    summary: 'The database refuses rows of the file.',
    hint: 'Repair the rows that the report names and drop the file again.',
  },
  notice_undelivered: {
    stage: 'notify',
    fault: 'environment',
    shows: 'log',
    summary: 'The receiver of notices does not take them.',
    hint: 'Look at the receiver, and at notify in the configuration. Files go on meanwhile; the notice is kept and sent again.',
  },
  query_invalid: {
    stage: 'query',
    fault: 'configuration',
    shows: 'command',
    summary: 'The query cannot be run.',
    hint: 'Correct the SQL; each dataset is a table of that name.',
  },
  query_files_changed: {
    stage: 'query',
    fault: 'environment',
    shows: 'command',
    summary: 'A Parquet file was withdrawn while the query ran.',
    hint: 'Run the query again.',
  },
  query_too_long: {
    stage: 'query',
    fault: 'environment',
    shows: 'command',
    summary: 'The query took longer than it may.',
    hint: 'Choose fewer rows or files; csv-hopper query has no limit of time.',
  },
  query_too_large: {
    stage: 'query',
    fault: 'environment',
    shows: 'command',
    summary: 'The query needs more memory, or gives more rows, than it may.',
    hint: 'Choose fewer rows or columns; a sum or count needs less than a list.',
  },
  query_busy: {
    stage: 'query',
    fault: 'environment',
    shows: 'command',
    summary: 'Too many queries wait.',
    hint: 'Try again in some seconds; serve.data.at_once says how many run side by side.',
  },
  parquet_unreadable: {
    stage: 'query',
    fault: 'environment',
    shows: 'command',
    summary: 'The Parquet files of a dataset cannot be read.',
    hint: 'Move the named file out of the folder. Its source is in the archive, and a database still has its rows.',
  },
  undo_refused: {
    stage: 'command',
    fault: 'environment',
    shows: 'command',
    summary: 'The load cannot be taken back.',
    hint: 'Nothing was changed. csv-hopper check --ledger compares what there is of each load.',
  },
  usage_invalid: {
    stage: 'command',
    fault: 'configuration',
    shows: 'command',
    summary: 'The command line is not valid.',
    hint: 'csv-hopper --help shows the commands.',
  },
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof catalogue;
