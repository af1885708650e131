import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Problem } from '../../../src/core/problem.ts';
import type { ConversionResult, RefusedByTable } from '../../../src/pipeline/conversion.ts';
import { FoundRefusals } from '../../../src/pipeline/found-refusals.ts';
import { readPositions } from '../../../src/pipeline/refused-places.ts';
import { column } from '../../support/loads.ts';
import { Conversions } from './conversions.ts';

const columns = [column('id', 'INTEGER'), column('text', 'VARCHAR', { length: 20 })];
const clean = { trim: true, duplicateRows: 'drop' as const };
const diversion = { rowsMax: null, ratioMax: null };
const problem: Problem = {
  ...{ line: 0, column: 'id', value: null, rule: 'database', message: 'No.', hint: 'Mend.' },
};

let at: Conversions;
beforeEach(() => {
  at = new Conversions();
});
afterEach(() => {
  at.remove();
});

interface Round {
  pieceBytesMax: number;
  fingerprintBytesMax: number;
}

function convert(
  content: string,
  { pieceBytesMax, fingerprintBytesMax }: Round,
  refused?: RefusedByTable,
): { result: ConversionResult; rows: string[]; rejects: string } {
  const rejected = join(at.folder, '.rejects.csv');
  const result = at.convert(content, columns, {
    ...{ clean, diversion, uniqueKeys: [['text']], outputs: { rejected } },
    settings: { pieceBytesMax, fingerprintBytesMax, rowGroupRows: 5 },
    ...(refused !== undefined && { refused }),
  });
  // Not all that are there: a conversion in more pieces leaves more of them.
  const text = result.loadFiles.map(({ path }) => readFileSync(path, 'utf8')).join('');
  const rows = text.split('\n').slice(0, -1);
  const rejects = result.rejects === null ? '' : readFileSync(rejected, 'utf8');
  // Which row has a key already is known only as long as fingerprints are in memory.
  return {
    result,
    rows,
    rejects: rejects.replaceAll(/line \d+ has already/g, 'an earlier row has already'),
  };
}

/** What the next conversion is told, where the table has refused those of the rows that were accepted. */
function refuse(
  result: ConversionResult,
  places: readonly number[],
  known: string | null,
  list: string,
): RefusedByTable {
  const found = new FoundRefusals(join(at.folder, '.refused'), result.loadFiles, Infinity);
  // What an attempt found that was begun anew does not count.
  found.add(0, []);
  found.begin();
  for (const place of places) found.add(place, [problem]);
  found.finish();
  expect(found.count).toBe(places.length);
  return { known, fresh: found.path, list, scratch: join(at.folder, '.refused-rows') };
}

const line = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.nat({ max: 200 }), fc.nat({ max: 60 })) },
  { weight: 1, arbitrary: fc.constantFrom<[string, string]>(['x', 'bad'], ['', '"two\nlines"']) },
);
const round = fc.record({
  pieceBytesMax: fc.integer({ min: 1, max: 400 }),
  fingerprintBytesMax: fc.constantFrom(0, 32 << 20),
});
const some = fc.array(fc.nat({ max: 99 }), { minLength: 1, maxLength: 8 });

test('rows that a table refuses are rejected by their places, and all others stay as they were, in any pieces and round after round', () => {
  fc.assert(
    fc.property(
      fc.array(line, { minLength: 3, maxLength: 60 }),
      fc.array(round, { minLength: 4, maxLength: 4 }),
      some,
      some,
      (lines, [first, second, third, last], some1, some2) => {
        at.remove();
        at = new Conversions();
        const content = `id,text\n7000,always\n7001,sound\n${lines.map(([id, text]) => `${id},${text}\n`).join('')}`;
        const base = convert(content, first!);
        const placesOf = (rows: readonly string[], of: readonly number[]): number[] =>
          [...new Set(of.map((one) => one % rows.length))].sort((a, b) => a - b);
        const without = (rows: readonly string[], places: readonly number[]): string[] =>
          rows.filter((_, i) => !places.includes(i));

        const lists = [join(at.folder, 'list-1'), join(at.folder, 'list-2')] as const;
        const places1 = placesOf(base.rows, some1);
        const once = convert(content, first!, refuse(base.result, places1, null, lists[0]));
        if (places1.length === base.rows.length) {
          expect(once.result.counts.rowsAccepted).toBe(0);
          return;
        }
        expect(once.rows).toEqual(without(base.rows, places1));
        const { counts } = base.result;
        expect(once.result.counts).toEqual({
          ...counts,
          rowsAccepted: counts.rowsAccepted - places1.length,
          rowsRejected: counts.rowsRejected + places1.length,
        });
        expect(once.result.problemsTotal).toBe(base.result.problemsTotal + places1.length);

        // By their places in the source, whatever the pieces.
        const known = { known: lists[0], fresh: null, list: null, scratch: join(at.folder, '.s') };
        const again = convert(content, second!, known);
        expect(again.rows).toEqual(once.rows);
        expect(again.rejects).toEqual(once.rejects);

        const places2 = placesOf(again.rows, some2);
        const twice = convert(content, second!, refuse(again.result, places2, lists[0], lists[1]));
        if (places2.length === again.rows.length) return;
        expect(twice.rows).toEqual(without(again.rows, places2));
        const positions = [...readPositions(lists[1])].map(({ position }) => position);
        expect(positions).toHaveLength(places1.length + places2.length);
        expect(positions).toEqual(positions.toSorted((a, b) => a - b));
        const final = convert(content, third!, { ...known, known: lists[1] });
        expect(final.rows).toEqual(twice.rows);
        expect(final.rejects).toEqual(twice.rejects);
        expect(convert(content, last!, { ...known, known: lists[1] }).rejects).toBe(final.rejects);
        expect(at.outputs().filter((name) => /^\.(s|refused-rows)\./.test(name))).toEqual([]);
      },
    ),
    { numRuns: 50 },
  );
});

test('a report names them by the lines on which they start, among the other problems', () => {
  const content = 'id,text\n1,"a\nb"\nx,c\n2,d\n3,e\n';
  const round = { pieceBytesMax: 8, fingerprintBytesMax: 0 };
  const { result } = convert(content, round);
  const { rejects, result: told } = convert(
    content,
    round,
    refuse(result, [0, 2], null, join(at.folder, 'list')),
  );
  expect(told.problems.map(({ line, rule }) => [line, rule])).toEqual([
    [2, 'database'],
    [4, 'type'],
    [6, 'database'],
  ]);
  expect(told.groups).toMatchObject([{ rule: 'database', count: 2 }, { rule: 'type' }]);
  expect(rejects).toBe(
    'id,text,_line,_column,_value,_rule,_message,_hint\n' +
      '1,"a\nb",2,"id","","database","No.","Mend."\n' +
      'x,c,4,"id","x","type","id is not an INTEGER.","Expected: a whole number from -2147483648 to 2147483647."\n' +
      '3,e,6,"id","","database","No.","Mend."\n',
  );
});

test('where they are too many the file is refused as a whole, and nothing is left', () => {
  const content = 'id,text\n1,a\n2,b\n3,c\n4,d\n';
  const round = { pieceBytesMax: 1 << 20, fingerprintBytesMax: 0 };
  const { result } = convert(content, round);
  const refused = refuse(result, [1, 2], null, join(at.folder, 'list'));
  const limited = at.convert(content, columns, {
    ...{ refused, diversion: { rowsMax: 1, ratioMax: null } },
  });
  expect(limited.refused).toBe(true);
  expect(limited.problems.at(0)?.message).toBe(
    'At least 2 of 4 rows break the schema or are refused by the table, and max_invalid_rows is 1.',
  );
  expect(at.outputs().sort()).toEqual(['.refused.0', 'list']);
});
