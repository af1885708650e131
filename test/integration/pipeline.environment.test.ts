import { chmodSync, mkdtempSync, readFileSync } from 'node:fs';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type Receipt, ReceiptBook, receiptsPath } from '../../src/pipeline/receipt-book.ts';
import { expectExactlyOnce } from '../support/exactly-once.ts';
import { filesIn, HopperProject, people, peopleDataset } from '../support/hopper-project.ts';
import { otherFileSystem } from '../support/other-file-system.ts';
import { asPlainUser } from '../support/plain-user.ts';
import { mountMissing, SmallDisk } from '../support/small-disk.ts';

const mayMount = mountMissing() === null;

let project: HopperProject;
const undo: (() => void)[] = [];
afterEach(async () => {
  await project.remove();
  for (const step of undo.splice(0)) step();
});

testIf(mayMount, 'mount')(
  'a full disk under the output folder: the file waits, nothing is lost, and it goes on when there is space',
  async () => {
    const disk = smallDisk('2m');
    project = new HopperProject({
      datasets: peopleDataset,
      folders: `folders: { output: ${join(disk.folder, 'output')} }`,
    });
    await project.start();
    disk.fill();
    project.drop('a.csv', people(0, 20_000));
    const parked = await project.event('parked', 'a.csv');
    expect(parked).toMatchObject({ err: { code: 'disk_full' } });
    expect(filesIn(project.failed)).toEqual([]);
    disk.free();
    await project.event('finished', 'a.csv');
    expect(filesIn(join(disk.folder, 'output/people'))).toHaveLength(1);
    expect(filesIn(join(project.archive, 'people'))).toHaveLength(1);
  },
);

testIf(mayMount, 'mount')(
  'receipts of which a full disk takes a part are rejected and taken back, and do not spoil those that come after',
  async () => {
    project = new HopperProject({ datasets: peopleDataset });
    const disk = smallDisk('1m');
    const path = receiptsPath(join(disk.folder, 'output'), 'people');
    const book = new ReceiptBook(path);
    await book.open();
    disk.fill();
    const torn = Array.from({ length: 200 }, (_, n) => book.add(receipt(n)));
    await expect(Promise.all(torn)).rejects.toThrow('ENOSPC');
    // The first had a write of its own.
    expect(readFileSync(path, 'utf8')).toMatch(/^.*"load 0".*\n$/);
    expect(book.findLoad('load 1')).toBeUndefined();
    disk.free();
    await book.add(receipt(1000));
    await book.close();
    const again = new ReceiptBook(path);
    await again.open();
    expect(again.findLoad('load 1000')).toBeDefined();
    expect(readFileSync(path, 'utf8')).toMatch(/^.*"load 0".*\n.*"load 1000".*\n$/);
    await again.close();
  },
);

test('an output folder that may not be written to: the file waits, and goes on when the right is given', async () => {
  project = new HopperProject({ datasets: peopleDataset });
  await project.start({ under: asPlainUser });
  const folder = join(project.output, 'people');
  chmodSync(folder, 0o555);
  project.drop('a.csv', people(0, 5));
  const parked = await project.event('parked', 'a.csv');
  expect(parked).toMatchObject({ err: { code: 'folder_unusable' } });
  chmodSync(folder, 0o755);
  await project.event('finished', 'a.csv');
  await expectExactlyOnce(project, 'people', new Map([['a.csv', people(0, 5)]]));
});

testIf(otherFileSystem !== null, 'a second file system at /dev/shm or /var/tmp')(
  'input on another file system than output, archive and failed folder works as on one',
  async () => {
    const input = mkdtempSync(join(String(otherFileSystem), 'csv-hopper-input-'));
    undo.push(() => {
      rmSync(input, { recursive: true, force: true });
    });
    project = new HopperProject({
      datasets: peopleDataset,
      folders: `folders: { input: ${input}, archive: archive, failed: failed }`,
    });
    await project.start();
    writeFileSync(join(input, 'a.csv'), people(0, 5));
    writeFileSync(join(input, 'bad.csv'), 'id;name\nnone;Ann\n');
    await project.ends(2);
    expect(filesIn(input)).toEqual([]);
    expect(filesIn(join(project.root, 'archive/people'))).toHaveLength(1);
    expect(filesIn(join(project.root, 'failed'))).toEqual([
      'bad.csv',
      'bad.csv.report.html',
      'bad.csv.report.json',
    ]);
  },
);

function receipt(n: number): Receipt {
  return {
    time: '2026-01-01T00:00:00.000Z',
    loadId: `load ${n}`,
    dataset: 'people',
    file: `${n}.csv`,
    sha256: `${n}`.repeat(64),
    bytes: 10,
    ...{ rowsRead: 1, rowsAccepted: 1, rowsRejected: 0 },
    ...{ rowsDroppedNull: 0, rowsDroppedDuplicate: 0 },
    parquet: `people/${n}.parquet`,
    table: null,
    durationMs: 5,
  };
}

function testIf(
  possible: boolean,
  need: string,
): (title: string, body: () => Promise<void>) => void {
  return (title, body) => {
    if (possible || process.env['CI'] === 'true') test(title, body);
    else test.skip(`${title} (skipped: needs ${need})`, body);
  };
}

function smallDisk(size: string): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), 'csv-hopper-disk-'));
  const disk = new SmallDisk(folder, size);
  undo.push(() => {
    disk.unmount();
    rmSync(folder, { recursive: true });
  });
  return disk;
}
