/** The ledger: one row for each load whose rows are in a table, written in the transaction that writes the rows. */
export const LEDGER_TABLE = 'csv_hopper_ledger';

// rows_updated: of a load by key, how many of its rows took the place of others; NULL for one that has only added rows.
// Names compare byte by byte: a.csv and A.csv are two files. InnoDB, because only its locks make the ledger a fence.
export const createLedgerSql = `CREATE TABLE IF NOT EXISTS ${LEDGER_TABLE} (
  load_id CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  dataset VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  table_name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  file_name VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  bytes BIGINT UNSIGNED NOT NULL,
  rows_read BIGINT UNSIGNED NOT NULL,
  rows_accepted BIGINT UNSIGNED NOT NULL,
  rows_rejected BIGINT UNSIGNED NOT NULL,
  rows_dropped_null BIGINT UNSIGNED NOT NULL,
  rows_dropped_duplicate BIGINT UNSIGNED NOT NULL,
  parquet VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  loaded_at DATETIME(6) NOT NULL,
  rows_updated BIGINT UNSIGNED NULL,
  PRIMARY KEY (load_id)
) ENGINE=InnoDB`;
