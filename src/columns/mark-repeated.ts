import { FingerprintTable, NO_ROOM, REPEATED_ROW, type ComparedRows } from './fingerprint-table.ts';
import { PARTITIONS, positionAt, ROW_WORDS, type Run, SpillFile } from './spill-file.ts';

/**
 * Marks the rows in a spill file that equal an earlier one in it, and returns how many there are. One partition after another,
 * each with an empty table in `memory`, whose content is lost: so memory does not grow with the number of rows. Where a
 * partition has more different rows than the table has room for, those left over are gone through again.
 */
export function markRepeated(
  path: string,
  memory: ArrayBuffer | SharedArrayBuffer,
  rows: ComparedRows,
): number {
  const file = new SpillFile(path, false);
  try {
    const table = new FingerprintTable(memory, tableBytes(file, memory));
    let marked = 0;
    for (let partition = 0; partition < PARTITIONS; partition++) {
      for (let from: number | null = 0; from !== null;) {
        table.clear();
        const round = markRound(file, partition, from, table, rows);
        marked += round.marked;
        from = round.left;
      }
    }
    return marked;
  } finally {
    file.close();
  }
}

/** Enough for the largest partition, where there is as much: a smaller table is sooner cleared and more of it cached. */
function tableBytes(file: SpillFile, memory: ArrayBuffer | SharedArrayBuffer): number {
  const rows = new Float64Array(PARTITIONS);
  for (const { ends } of runsOf(file)) {
    for (let i = 0; i < PARTITIONS; i++) rows[i]! += ends[i]! - (ends[i - 1] ?? 0);
  }
  return Math.min(memory.byteLength, FingerprintTable.bytesFor(Math.max(...rows), Infinity));
}

/**
 * Compares the rows of a partition from position `from` in the source on. `left`: position of the first row that the table had no
 * room for. All rows behind it were compared with the rows in the table, but not with one another.
 */
function markRound(
  file: SpillFile,
  partition: number,
  from: number,
  table: FingerprintTable,
  rows: ComparedRows,
): { marked: number; left: number | null } {
  let marked = 0;
  let left: number | null = null;
  // The table takes the first terabyte behind `from`, so that it has room for the row there at least.
  const moved: ComparedRows = {
    areEqual: (earlier, place, bytes) => rows.areEqual(earlier + from, place + from, bytes),
  };
  for (const run of runsOf(file)) {
    if (run.lastPosition < from) continue;
    const start = run.ends[partition - 1] ?? 0;
    const words = file.readRows(run, start, run.ends[partition]!);
    const before = marked;
    for (let at = 0; at < words.length; at += ROW_WORDS) {
      const position = positionAt(words, at + 2);
      const bytes = words[at + 4]!;
      // The row that a marked one equals stands for both.
      if (position < from || bytes < 0) continue;
      const found = table.add(words[at]!, words[at + 1]!, position - from, bytes, moved);
      if (found === NO_ROOM) left ??= position;
      if (found !== REPEATED_ROW) continue;
      words[at + 4] = -bytes;
      marked++;
    }
    if (marked > before) file.rewriteRows(run, start, words);
  }
  return { marked, left };
}

function* runsOf(file: SpillFile): Generator<Run> {
  for (let run = file.runAt(0); run !== null; run = file.runAt(run.next)) yield run;
}
