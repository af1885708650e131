import { expect, test } from 'vitest';
import { ArrivalLine } from '../../../src/intake/arrival-line.ts';
import type { FileMark } from '../../../src/intake/observation.ts';

/** A folder of files that came one after the other, and how often each was looked at. */
class Folder {
  readonly times = new Map<string, bigint>();
  readonly looks = new Map<string, number>();

  constructor(names: readonly string[]) {
    for (const name of names) this.arrive(name);
  }

  get names(): string[] {
    return [...this.times.keys()].reverse();
  }

  arrive(name: string): void {
    this.times.delete(name);
    this.times.set(name, BigInt(this.times.size) + 1n);
  }

  line(max: number): ArrivalLine {
    return new ArrivalLine((name) => {
      this.looks.set(name, (this.looks.get(name) ?? 0) + 1);
      const ctimeNs = this.times.get(name);
      return Promise.resolve(
        ctimeNs === undefined
          ? null
          : ({ dev: 1n, ino: 1n, bytes: 1n, mtimeNs: 1n, blocks: 1n, ctimeNs } satisfies FileMark),
      );
    }, max);
  }

  /** Takes so many of the line, which are gone then. */
  async take(line: ArrivalLine, count: number): Promise<string[]> {
    const drawn = (await line.draw(this.names, count)).map(([name]) => name);
    for (const name of drawn) this.times.delete(name);
    return drawn;
  }
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, n) => `f${n}.csv`);

test('a large backlog comes in the order of arrival, and each file is looked at twice, however few are drawn at a time', async () => {
  const names = numbered(1000);
  const folder = new Folder(names);
  const line = folder.line(1000);
  const taken: string[] = [];
  while (folder.times.size > 0) taken.push(...(await folder.take(line, 30)));
  expect(taken).toEqual(names);
  expect(Math.max(...folder.looks.values())).toBe(2);
});

test('of more than are remembered the rest is looked at again when these are drawn', async () => {
  const names = numbered(1000);
  const folder = new Folder(names);
  const line = folder.line(100);
  const taken: string[] = [];
  while (folder.times.size > 0) taken.push(...(await folder.take(line, 30)));
  expect(taken).toEqual(names);
  expect(folder.looks.get('f999.csv')).toBe(11);
});

test('what has gone is passed over, and what came or changed since the look is behind all others', async () => {
  const folder = new Folder(numbered(6));
  const line = folder.line(100);
  expect(await folder.take(line, 1)).toEqual(['f0.csv']);
  folder.times.delete('f1.csv');
  folder.times.set('f2.csv', 100n);
  folder.times.set('new.csv', 101n);
  expect(await folder.take(line, 2)).toEqual(['f3.csv', 'f4.csv']);
  expect(await folder.take(line, 3)).toEqual(['f5.csv', 'f2.csv', 'new.csv']);
  expect(await folder.take(line, 1)).toEqual([]);
});

test('files of the same time come as people count them', async () => {
  const folder = new Folder([]);
  for (const name of ['f10.csv', 'f9.csv']) folder.times.set(name, 5n);
  expect(await folder.take(folder.line(100), 2)).toEqual(['f9.csv', 'f10.csv']);
});
