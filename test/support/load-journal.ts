import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadIdOf } from '../../src/core/load-id.ts';
import type { Receipt } from '../../src/pipeline/receipt-book.ts';
import { receiptsPath } from '../../src/pipeline/receipt-book.ts';
import type { HopperProject } from './hopper-project.ts';

/** Adds receipts of so many loads to a dataset's journal, one every `everyMs` up to now, as if they had been loaded then. */
export function writeHistory(
  project: HopperProject,
  dataset: string,
  loads: number,
  everyMs = 60_000,
): void {
  mkdirSync(join(project.output, dataset), { recursive: true });
  const lines = Array.from({ length: loads }, (_, index) => {
    const number = loads - index;
    const file = `${dataset}-${String(number).padStart(5, '0')}.csv`;
    const sha256 = number.toString(16).padStart(64, '0');
    const time = new Date(Date.now() - number * everyMs);
    // More by day than by night, of no rule that anybody would see, and the same each time.
    const busy = 1 + Math.sin(((time.getUTCHours() - 7) / 24) * 2 * Math.PI);
    const rows = 100 + Math.round(busy * 300) + ((number * 7919) % 500);
    const rejected = number % 37 === 0 ? 3 : 0;
    const dropped = number % 5 === 0 ? 12 : 0;
    const receipt: Receipt = {
      time: time.toISOString(),
      ...{ loadId: loadIdOf(dataset, file, sha256), dataset, file, sha256, bytes: rows * 92 },
      ...{ rowsRead: rows, rowsAccepted: rows - rejected - dropped, rowsRejected: rejected },
      ...{ rowsDroppedNull: dropped, rowsDroppedDuplicate: 0 },
      ...{ parquet: `${dataset}/${file}.parquet`, table: dataset },
      durationMs: 40 + (number % 90),
    };
    return `${JSON.stringify(receipt)}\n`;
  });
  appendFileSync(receiptsPath(project.output, dataset), lines.join(''));
}
