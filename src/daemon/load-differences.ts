import { join } from 'node:path';
import { counted } from '../core/counted.ts';
import type { LoadIdentity, RowCounts } from '../core/load.ts';
import { LEDGER_TABLE } from '../load/create-ledger.ts';
import { quoteIdentifier } from '../load/quote-identifier.ts';
import { LOAD_ID_COLUMN } from '../schema/column-name.ts';
import type { Receipt } from '../pipeline/receipt-book.ts';
import type { LoadTraces, ParquetTrace, Traces } from './load-traces.ts';

/** Something that one place says of a load and another does not. */
export interface LoadDifference {
  level: 'warning' | 'error';
  message: string;
  /** What to do. */
  hint: string;
  /**
   * How `ingest --lost` mends it: the archived source goes through the steps again, or the ledger row is entered again;
   * null where people have to decide.
   */
  remedy: 'source' | 'ledger_row' | null;
  /** Whom the remedy is for. */
  load: LoadTraces;
}

/** What receipt and ledger both know of a load. */
export type KnownLoad = LoadIdentity & RowCounts & { parquet: string };

const FROM_ARCHIVE =
  'Stop csv-hopper, run csv-hopper ingest --lost, and start it again: it goes through once more from the archive.';
const ASK_SENDER =
  'Its source is not in the archive: get the file from its sender or a backup, and drop it again under its own name.';

/** What the receipt knows of it, or else the ledger; null for a load that only rows or a Parquet file tell of. */
export function knownLoad({ receipt, ledger }: LoadTraces): KnownLoad | null {
  if (receipt !== null) return receipt;
  return ledger === null ? null : { ...ledger, parquet: join(ledger.dataset, ledger.parquet) };
}

/**
 * Holds receipts, ledger, tables and Parquet files against one another. `hasSource` tells whether the source of a load is in
 * the archive.
 */
export function loadDifferences(
  { loads, strayFiles }: Traces,
  hasSource: (load: LoadIdentity) => boolean,
): LoadDifference[] {
  const overtaken = overtakenLoads(loads);
  const differences = loads.flatMap((load) => {
    const known = knownLoad(load);
    if (known === null) return differencesOfUnknown(load);
    const fromArchive = hasSource(known) ? FROM_ARCHIVE : ASK_SENDER;
    const findings =
      load.replacedBy === null
        ? [
            ...differencesInDatabase(load, known, fromArchive, overtaken.has(load)),
            ...differencesInLake(load, known, fromArchive),
          ]
        : [notReplaced(load.replacedBy, load.loadId)];
    return findings.map((difference) => ({
      ...difference,
      load,
      message: `${known.dataset}: ${known.file}, load ${known.loadId}: ${difference.message}`,
    }));
  });
  return [...differences, ...strayFiles.map(strayDifference)];
}

type Finding = Omit<LoadDifference, 'load'>;

/**
 * Loads by key that the database has lost, with a later one that it has: loaded again, they would put older values over newer
 * ones. Receipts are in the order of loads; what is later than all of them is known by the ledger alone.
 */
function overtakenLoads(loads: readonly LoadTraces[]): ReadonlySet<LoadTraces> {
  const overtaken = new Set<LoadTraces>();
  const tablesSeen = new Set<string>();
  for (const load of loads.toReversed()) {
    const { byKey, table, ledger } = load;
    if (!byKey || table === null) continue;
    if (ledger !== null) tablesSeen.add(table);
    else if (tablesSeen.has(table)) overtaken.add(load);
  }
  return overtaken;
}

/** Of a load that a new version of its file has replaced, and that the database has all the same: restored, perhaps. */
function notReplaced(by: string, loadId: string): Finding {
  return {
    level: 'error',
    message: `load ${by}, the new version of its file, has replaced it, but the ledger still has it.`,
    hint: `If the ledger does not have load ${by}, csv-hopper ingest --lost loads that again, and takes this one out. Else: csv-hopper undo ${loadId}.`,
    remedy: null,
  };
}

function differencesInDatabase(
  load: LoadTraces,
  known: KnownLoad,
  again: string,
  isOvertaken: boolean,
): Finding[] {
  const { receipt, ledger, table, rows, loadId, byKey } = load;
  if (table === null) return [];
  if (ledger === null) {
    if (receipt === null) return [];
    return [
      isOvertaken ? overtakenFinding(receipt, table) : notInLedger(load, known, table, again),
    ];
  }
  const findings: Finding[] = [];
  const name = quoteIdentifier(table);
  // Any of its rows may have become those of later loads by key.
  const mayBeFewer = byKey && rows !== null && rows <= ledger.rowsAccepted;
  if (!mayBeFewer && rows === 0 && ledger.rowsAccepted > 0) {
    findings.push({
      level: 'error',
      message: `the ledger has it with ${counted(ledger.rowsAccepted, 'row')}, but table ${table} has none of them.`,
      hint: `Take such rows out of the ledger: DELETE FROM ${LEDGER_TABLE} WHERE table_name = ${quoteText(table)} AND rows_accepted > 0 AND load_id NOT IN (SELECT ${LOAD_ID_COLUMN} FROM ${name}). ${again}`,
      remedy: null,
    });
  } else if (!mayBeFewer && rows !== null && rows !== ledger.rowsAccepted) {
    findings.push({
      level: 'error',
      message: `the ledger has it with ${counted(ledger.rowsAccepted, 'row')}, but table ${table} has ${rows}.`,
      hint: `Take it out: DELETE FROM ${name} WHERE ${LOAD_ID_COLUMN} = ${quoteText(loadId)}; DELETE FROM ${LEDGER_TABLE} WHERE load_id = ${quoteText(loadId)}. ${again}`,
      remedy: null,
    });
  }
  if (receipt === null) {
    findings.push({
      level: 'warning',
      message: 'the ledger has it, but the receipts do not.',
      hint: 'Nothing to do: where the same file is dropped again, the ledger knows it.',
      remedy: null,
    });
  } else if (receipt.rowsAccepted !== ledger.rowsAccepted) {
    findings.push({
      level: 'error',
      message: `the ledger has it with ${counted(ledger.rowsAccepted, 'row')}, and its receipt with ${receipt.rowsAccepted}.`,
      hint: 'Find out who changed one of them; the rows in the table and in the Parquet file are compared with the ledger.',
      remedy: null,
    });
  }
  return findings;
}

function overtakenFinding({ time, rowsAccepted }: Receipt, table: string): Finding {
  return {
    level: 'error',
    message: `finished ${time} with ${counted(rowsAccepted, 'row')} by key, but the ledger does not have it, and has later loads of table ${table}.`,
    hint: 'Loaded again it would put its values over newer ones. Where they are wanted all the same, drop its rows as a file of another name.',
    remedy: null,
  };
}

/** Of a load with a receipt. */
function notInLedger(load: LoadTraces, known: KnownLoad, table: string, again: string): Finding {
  const { receipt, rows, loadId, byKey } = load;
  const finished = `finished ${receipt?.time ?? ''} with ${counted(known.rowsAccepted, 'row')}`;
  if (rows === null) {
    return {
      level: 'error',
      message: `${finished}, but the ledger does not have it; table ${table} has no column ${LOAD_ID_COLUMN} that would tell whether its rows are there.`,
      hint: 'Look for its rows in the table. If they are missing, copy its source from the archive into the input folder, under its own name.',
      remedy: null,
    };
  }
  if (rows > 0 && rows === known.rowsAccepted) {
    return {
      level: 'error',
      message: `all of it, ${counted(rows, 'row')}, is in table ${table}, but the ledger does not have it; dropped again, it would be loaded twice.`,
      hint: 'Stop csv-hopper, run csv-hopper ingest --lost, and start it again: it is entered in the ledger again.',
      remedy: 'ledger_row',
    };
  }
  if (rows > 0 && byKey) {
    return {
      level: 'error',
      message: `${finished} by key, but the ledger does not have it, and table ${table} has ${rows} of them.`,
      hint: again,
      remedy: 'source',
    };
  }
  if (rows > 0) {
    return {
      level: 'error',
      message: `${finished}, but table ${table} has ${rows} of it and the ledger does not have it.`,
      hint: `Take the rows out: DELETE FROM ${quoteIdentifier(table)} WHERE ${LOAD_ID_COLUMN} = ${quoteText(loadId)}. ${again}`,
      remedy: null,
    };
  }
  if (receipt?.table === null) {
    return {
      level: 'warning',
      message: `${finished}, when no database was configured; the database does not have it.`,
      hint: 'To have it there, copy its source from the archive into the input folder, under its own name.',
      remedy: null,
    };
  }
  return {
    level: 'error',
    message: `${finished}, but the database has neither its ledger row nor any of its rows.`,
    hint: again,
    remedy: 'source',
  };
}

function differencesInLake(
  { receipt, ledger, parquet }: LoadTraces,
  known: KnownLoad,
  again: string,
): Finding[] {
  const rows = ledger?.rowsAccepted ?? known.rowsAccepted;
  const [first, ...others] = parquet;
  if (first === undefined) {
    const elsewhere =
      receipt === null
        ? ' If another csv-hopper loads into this database, it may have the file.'
        : '';
    return [
      {
        level: 'error',
        message: `its Parquet file ${known.parquet} is missing.`,
        hint: `${again}${elsewhere}`,
        remedy: 'source',
      },
    ];
  }
  const findings: Finding[] = others.map(({ path }) => ({
    level: 'error',
    message: `two Parquet files have its rows, ${first.path} and ${path}; queries count them twice.`,
    hint: `Its own is ${known.parquet}: move the other one out of the folder.`,
    remedy: null,
  }));
  for (const { path, footer } of parquet) {
    if (typeof footer !== 'string' && footer.rows === rows) continue;
    const trouble =
      typeof footer === 'string'
        ? `cannot be used: ${footer}`
        : `has ${counted(footer.rows, 'row')} instead of ${rows}`;
    findings.push({
      level: 'error',
      message: `its Parquet file ${path} ${trouble}.`,
      hint: `Remove the file. ${again}`,
      remedy: null,
    });
  }
  return findings;
}

/** Of a load that neither a receipt nor the ledger knows. */
function differencesOfUnknown(load: LoadTraces): LoadDifference[] {
  const { loadId, table, rows, parquet } = load;
  const differences = parquet.map(strayDifference);
  if (table !== null && rows !== null && rows > 0) {
    differences.push({
      level: 'error',
      message: `load ${loadId}: table ${table} has ${counted(rows, 'row')} of it, and it is no load that the ledger or the receipts know.`,
      hint: `Find out who inserted them. To take them out: DELETE FROM ${quoteIdentifier(table)} WHERE ${LOAD_ID_COLUMN} = ${quoteText(loadId)}.`,
      remedy: null,
      load,
    });
  }
  return differences;
}

function strayDifference({ path, footer }: ParquetTrace): LoadDifference {
  const trouble = typeof footer === 'string' ? `, and it cannot be used: ${footer}` : '';
  return {
    level: 'error',
    message: `Parquet file ${path} is of no load that the ledger or the receipts know${trouble}.`,
    hint: 'Queries read it: move it out of the folder, unless it was put there on purpose.',
    remedy: null,
    load: {
      ...{ loadId: '', receipt: null, ledger: null, table: null, rows: null, parquet: [] },
      ...{ replacedBy: null, byKey: false },
    },
  };
}

/** A value as SQL writes it: rows that somebody else inserted may have anything for a load id. */
function quoteText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
