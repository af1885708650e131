// The process in which queries run, one at a time: what a query does to its memory or its processor is not done to the daemon.
import { readFileSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { toWire } from '../pipeline/worker-job.ts';
import { ParquetDatabase } from './parquet-database.ts';
import type { QueryMessage, QueryReply, QuerySettings } from './query-job.ts';
import { runJob } from './run-job.ts';

/** The least of all: files are converted and loaded before anybody is answered. */
const NICENESS = 19;

let open: { database: ParquetDatabase; settings: QuerySettings } | null = null;
let taken: (() => void) | null = null;
let bytesAtStart = 0;

function say(reply: QueryReply): void {
  process.send?.(reply);
}

/** Resolves when the part is taken, so that no more than one is on its way. */
function sendPart(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    taken = resolve;
    say({ kind: 'part', bytes });
  });
}

async function obey(message: QueryMessage): Promise<QueryReply | null> {
  switch (message.kind) {
    case 'settings': {
      const { settings } = message;
      open = { settings, database: await ParquetDatabase.open(settings) };
      bytesAtStart = dataBytes();
      return { kind: 'ready' };
    }
    case 'more':
      taken?.();
      return null;
    case 'interrupt':
      open?.database.interrupt();
      return null;
    case 'job': {
      if (open === null) throw new Error('It has no settings yet');
      const { database, settings } = open;
      const answer = await runJob(database, settings, message.job, sendPart);
      return { kind: 'done', answer, isWorn: isWorn() };
    }
  }
}

const PAGE_BYTES = 4096;

/** What a query had is not always given back, least of all where memory ran out in the middle of it. */
function isWorn(): boolean {
  return dataBytes() - bytesAtStart > (open?.settings.memoryBytes ?? Infinity) * 0.75;
}

/** What the limit counts; 0 where it is not told, which only Linux does. */
function dataBytes(): number {
  try {
    return Number(readFileSync('/proc/self/statm', 'utf8').split(' ')[5]) * PAGE_BYTES;
  } catch {
    return 0;
  }
}

function giveWay(): void {
  try {
    setPriority(0, NICENESS);
    // Where memory runs out this is the process to go: nothing is lost with it.
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    // A sandbox may forbid the one, and only Linux has the other.
  }
}

// A terminal and a service manager send these to all processes; this one ends when the one that started it does.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
// At once: what DuckDB is at would be waited for.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
giveWay();
process.on('message', (message: QueryMessage) => {
  obey(message)
    .catch((error: unknown): QueryReply => ({
      ...{ kind: 'failed', error: toWire(error), isWorn: isWorn() },
    }))
    .then((reply) => {
      if (reply !== null) say(reply);
    })
    .catch(() => process.exit(1));
});
