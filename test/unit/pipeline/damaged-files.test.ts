import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSchema } from '../../../src/schema/read-schema.ts';
import { type DamagedFile, damagedFiles, damagedSchema } from '../../support/damaged-files.ts';
import { Conversions } from './conversions.ts';

/** What became of a damaged file. */
interface Verdict {
  file: DamagedFile;
  refused: boolean;
  /** Each as `<line> <rule>`. */
  problems: string[];
  /** As those of the file. */
  accepted: Map<number, string>;
}

const at = new Conversions();
let verdicts: Verdict[];
beforeAll(async () => {
  verdicts = await judge(damagedFiles(7, 2, 1500));
});
afterAll(() => {
  at.remove();
});

async function judge(files: readonly DamagedFile[]): Promise<Verdict[]> {
  const path = join(at.folder, 'schema.yaml');
  writeFileSync(path, damagedSchema);
  const { columns, checks, uniqueKeys } = readSchema(path);
  const diversion = { rowsMax: null, ratioMax: null };
  const judged: Verdict[] = [];
  for (const file of files) {
    const result = at.convert(file.content, columns, {
      ...{ checks, uniqueKeys, diversion },
      outputs: { rejected: join(at.folder, '.rejects.csv') },
    });
    const table = result.refused ? {} : await at.readParquet();
    const textOf = (name: string, row: number): string => (table[name]?.[row] ?? '') as string;
    judged.push({
      ...{ file, refused: result.refused },
      problems: result.problems.map(({ line, rule }) => `${line} ${rule}`),
      accepted: new Map(
        table['id']?.map((id, row) => [
          Number(id),
          `${textOf('customer', row)}/${textOf('note', row)}`,
        ]),
      ),
    });
  }
  return judged;
}

test('no row is accepted that differs from what its sender wrote', () => {
  for (const { file, refused, accepted } of verdicts) {
    const { kind, isRefused, sound } = file;
    const others = [...accepted].filter(([id, text]) => sound.get(id) !== text);
    expect({ kind, refused, others }).toEqual({ kind, refused: isRefused, others: [] });
  }
});

test('every damage is named, and of 100 refusals 99 name a line and kind of damage', () => {
  let refusals = 0;
  let right = 0;
  for (const { file, problems } of verdicts) {
    const places = file.damage.map(({ line, rules }) => rules.map((rule) => `${line} ${rule}`));
    const unnamed = places.filter((names) => !problems.some((one) => names.includes(one)));
    expect({ kind: file.kind, unnamed }).toEqual({ kind: file.kind, unnamed: [] });
    refusals += problems.length;
    right += problems.filter((one) => places.flat().includes(one)).length;
  }
  expect(right / refusals).toBeGreaterThanOrEqual(0.99);
});

test('of 1000 undamaged rows beside damaged ones 999 are loaded', () => {
  const diverted = verdicts.filter(({ file }) => !file.isRefused);
  const sum = (counts: number[]): number => counts.reduce((total, count) => total + count, 0);
  const accepted = sum(diverted.map((verdict) => verdict.accepted.size));
  expect(accepted / sum(diverted.map(({ file }) => file.sound.size))).toBeGreaterThanOrEqual(0.999);
});
