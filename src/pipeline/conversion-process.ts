import { writeFileSync } from 'node:fs';
import { asHopperError } from '../core/environment-error.ts';
import type { LoneMessage, LoneReply, LoneVerdict } from './lone-process.ts';
import { WorkerPool } from './worker-pool.ts';
import { toWire } from './worker-job.ts';

/** The process in which files under suspicion are worked on, by threads as in any other. */
let pool: WorkerPool | null = null;

function say(reply: LoneReply): void {
  process.send?.(reply);
}

async function answer(message: LoneMessage): Promise<LoneVerdict> {
  if (message.kind === 'settings') {
    pool = new WorkerPool(message.threads, message.settings);
    return { kind: 'ready' };
  }
  if (pool === null) throw new Error('It has no settings yet');
  if (message.kind === 'identify') {
    return { kind: 'done', answer: await pool.identify(message.source) };
  }
  if (message.kind === 'read') {
    return { kind: 'done', answer: await pool.read(message.dataset, message.unread) };
  }
  const { id, task } = message;
  const result = await pool.convert(task, (piece, part) => {
    say({ id, kind: 'piece', piece, result: part });
  });
  return { kind: 'done', answer: result };
}

async function reply(message: LoneMessage): Promise<LoneReply> {
  const { id } = message;
  try {
    return { id, ...(await answer(message)) };
  } catch (error) {
    const { code, cause } = asHopperError(error);
    if (code === 'worker_died') return { id, kind: 'died', how: howThreadEnded(cause) };
    return { id, kind: 'failed', error: toWire(error) };
  }
}

/** Node's word for it, such as ERR_WORKER_OUT_OF_MEMORY. */
function howThreadEnded(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : null;
  return code ?? (cause instanceof Error ? cause.name : 'a worker thread ended');
}

/** Where memory runs out this is the process to go: what it works on is tried again, and nothing else is lost with it. */
function offerItself(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    // Only Linux has it.
  }
}

// A terminal and a service manager send these to all processes; this one ends when the one that started it does.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit());
offerItself();
process.on('message', (message: LoneMessage) => {
  void reply(message).then(say);
});
