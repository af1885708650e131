import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { shortLoadId } from '../../src/core/load.ts';
import { filesIn, type HopperProject } from '../support/hopper-project.ts';
import type { Delivery } from './producer.ts';

/** The folder for senders, in a project whose senders are told. */
export function senderReceipts(project: HopperProject): string {
  return join(project.input, 'receipts');
}

const verdicts: Readonly<Record<Delivery['end'], string>> = {
  loaded: 'loaded',
  diverted: 'diverted',
  failed: 'failed',
  'set aside': 'set_aside',
  unread: 'set_aside',
};

/**
 * Each file has one receipt for its sender, which says what became of it: the last one of a name under that name, those before it among the
 * earlier ones. There is no other.
 */
export function expectSenderReceipts(project: HopperProject, journal: readonly Delivery[]): void {
  const last = new Map(journal.map((delivery) => [delivery.name, delivery]));
  const places = new Map(
    journal.map((delivery) => {
      const { name, loadId } = delivery;
      const isLast = last.get(name) === delivery;
      return [isLast ? `${name}.json` : `earlier/${name}-${shortLoadId(loadId)}.json`, delivery];
    }),
  );
  const folder = senderReceipts(project);
  const earlier = filesIn(join(folder, 'earlier')).map((name) => `earlier/${name}`);
  expect([...filesIn(folder), ...earlier].sort()).toEqual([...places.keys()].sort());
  for (const [place, delivery] of places) {
    const receipt: unknown = JSON.parse(readFileSync(join(folder, place), 'utf8'));
    expect(receipt, place).toMatchObject(receiptOf(delivery));
  }
}

function receiptOf(delivery: Delivery): Record<string, unknown> {
  const { name, content, loadId, rows, faulty, problems, end } = delivery;
  return {
    ...{ file: name, verdict: verdicts[end], loadId, bytes: Buffer.byteLength(content) },
    sha256: createHash('sha256').update(content).digest('hex'),
    ...{ rows: { rowsRead: rows, rowsRejected: faulty.length }, problemsTotal: problems },
  };
}
