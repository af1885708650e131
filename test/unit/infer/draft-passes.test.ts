// What makes a draft worth having: the project's own readers take it, and the file that it was drawn from passes it.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { readConfig } from '../../../src/config/read-config.ts';
import { HopperError } from '../../../src/errors/hopper-error.ts';
import { datasetNames } from '../../../src/infer/dataset-name.ts';
import { draftSchema } from '../../../src/infer/draft-schema.ts';
import { renderDraft } from '../../../src/infer/render-draft.ts';
import type { FileProfile } from '../../../src/infer/profile-file.ts';
import type { ConversionResult } from '../../../src/pipeline/conversion.ts';
import type { Dataset } from '../../../src/schema/dataset.ts';
import { Conversions } from '../pipeline/conversions.ts';
import { profileOf } from './drafts.ts';

const root = join(import.meta.dirname, '../../..');
const published = join(root, '../shared/data/uci-student-performance/student-mat.csv');
const folder = mkdtempSync(join(tmpdir(), 'hopper-draft-'));
const conversions = new Conversions();
afterAll(() => {
  conversions.remove();
  rmSync(folder, { recursive: true });
});

/** The dataset that the project reads from a draft as it is printed. */
function readDraft(profile: FileProfile): Dataset {
  const names = datasetNames('a.csv', null);
  const draft = renderDraft('a.csv', folder, names, profile, draftSchema(profile));
  for (const { path, lines } of [draft.schema, draft.table]) {
    writeFileSync(path, `${lines.join('\n')}\n`);
  }
  const config = join(folder, 'config.yaml');
  writeFileSync(config, `datasets:\n${draft.entry.join('\n')}\n`);
  return readConfig(config, {}).datasets[0]!;
}

/** The verdict that the intake gives on a file under the draft. */
function verdict(content: string | Uint8Array, dataset: Dataset): ConversionResult {
  const { columns, clean, dialect } = dataset;
  return conversions.convert(content, columns, {
    clean,
    ...(dialect === null ? {} : { dialect }),
    settings: { lineBytesMax: 1 << 20 },
  });
}

const digits = (max: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...Array.from('0123456789')), minLength: 1, maxLength: max });
const date = fc
  .date({ min: new Date('1000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((one) => one.toISOString());
/** Cells of one kind each; a column mixes one or two of them. */
const kinds: fc.Arbitrary<string>[] = [
  fc.integer().map(String),
  fc.maxSafeNat().map(String),
  fc.constantFrom('0', '1', 'true', 'FALSE'),
  fc.tuple(digits(12), digits(5)).map((parts) => parts.join('.')),
  fc
    .tuple(fc.constantFrom('', '-', '+'), digits(25), digits(25))
    .map(([s, a, b]) => `${s}${a}.${b}`),
  fc.double().map(String),
  digits(20),
  date.map((iso) => iso.slice(0, 10)),
  date.map((iso) => iso.slice(11, 19)),
  date.map((iso) => iso.slice(11, 23)),
  date.map((iso) => iso.slice(0, 19).replace('T', ' ')),
  date,
  fc
    .date({ min: new Date('1970-01-02'), max: new Date('2038-01-01'), noInvalidDate: true })
    .map((one) => one.toISOString()),
  fc.constantFrom('NA', '-', 'NULL', 'n/a', '.', 'nan', ''),
  fc.constantFrom(' 1', '2 ', ' ', '\u00a03', ' NA', '\t'),
  fc.string({ maxLength: 5 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: fc.constantFrom(...Array.from(',;|\t"\n\r a1é😀')), maxLength: 12 }),
  fc.constantFrom(...[300, 700, 40_000].map((length) => 'é'.repeat(length))),
];
const column = fc.record({
  name: fc.oneof(
    {
      weight: 6,
      arbitrary: fc.constantFrom(
        ...['id', 'Name', 'a b', 'null', 'yes', '123', '#x', "it's", 'a: b', '-', '${x}', 'é'],
      ),
    },
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 10 }) },
    {
      weight: 1,
      arbitrary: fc.string({
        unit: fc.constantFrom(...Array.from(',;|"\n a:#{}[]&*!%@`\u0085\u200b\uffff')),
        maxLength: 6,
      }),
    },
  ),
  cells: fc
    .uniqueArray(fc.nat(kinds.length - 1), { minLength: 1, maxLength: 2 })
    .chain((chosen) =>
      fc.array(fc.oneof(...chosen.map((i) => kinds[i]!)), { minLength: 12, maxLength: 12 }),
    ),
});
const file = fc.record({
  columns: fc.oneof(
    {
      weight: 5,
      arbitrary: fc.uniqueArray(column, {
        minLength: 1,
        maxLength: 5,
        selector: ({ name }) => name.trim().toLowerCase(),
      }),
    },
    { weight: 1, arbitrary: fc.array(column, { minLength: 1, maxLength: 5 }) },
  ),
  rows: fc.integer({ min: 1, max: 12 }),
  /** How often the rows are there: with many, other things are suggested. */
  times: fc.constantFrom(1, 1, 20),
  delimiter: fc.constantFrom(',', ';', '\t', '|', ':', '||'),
  quotesAll: fc.boolean(),
  lineEnd: fc.constantFrom('\n', '\r\n'),
  /** A row of another width, or a quote where none may be. */
  fault: fc.constantFrom('', '', '', '', '', '', 'width', 'quote'),
});

test('the file that a draft was drawn from passes it, unless the file itself is faulty', async () => {
  let sound = 0;
  await fc.assert(
    fc.asyncProperty(file, async (made) => {
      const { columns, rows, times, delimiter, quotesAll, lineEnd, fault } = made;
      const write = (cell: string): string =>
        quotesAll || cell === '' || /[,;|:\t"\r\n]/.test(cell)
          ? `"${cell.replaceAll('"', '""')}"`
          : cell;
      const lines = Array.from({ length: rows }, (_, row) =>
        columns.map(({ cells }) => write(cells[row]!)).join(delimiter),
      );
      const header = columns.map(({ name }) => write(name)).join(delimiter);
      const body = Array.from({ length: times }, () => lines).flat();
      if (fault === 'width') body.push(`${lines[0]!}${delimiter}${delimiter}`);
      if (fault === 'quote') body.push(`x"${lines[0]!}`);
      const content = [header, ...body, ''].join(lineEnd);
      let profile: FileProfile;
      try {
        profile = await profileOf(content, delimiter);
      } catch (error) {
        // It must be of the few faults for which there is no draft.
        expect(error).toBeInstanceOf(HopperError);
        expect((error as HopperError).code).toBe('content_invalid');
        return;
      }
      const dataset = readDraft(profile);
      expect(dataset.columns.map(({ name }) => name)).toEqual(profile.names);
      const { problems, counts } = verdict(content, dataset);
      expect(problems.length === 0, JSON.stringify(problems[0])).toBe(profile.problems.total === 0);
      if (problems.length > 0) return;
      sound++;
      expect(counts.rowsAccepted).toBe(profile.rows);
    }),
    { numRuns: 300 },
  );
  // Else the property would say nothing.
  expect(sound).toBeGreaterThan(90);
});

test('what the sample generator writes passes its draft', async () => {
  execFileSync(process.execPath, [join(root, 'scripts/sample.mjs'), '--out', folder]);
  const content = readFileSync(join(folder, 'sample-1.csv'));
  const profile = await profileOf(content);
  const { problemsTotal, counts } = verdict(content, readDraft(profile));
  expect({ problemsTotal, rows: counts.rowsAccepted }).toEqual({ problemsTotal: 0, rows: 395 });
});

test.skipIf(!existsSync(published))(
  'the published data (student-mat.csv) passes its draft',
  async () => {
    const content = readFileSync(published);
    const profile = await profileOf(content);
    const dataset = readDraft(profile);
    expect(verdict(content, dataset).problemsTotal).toBe(0);
    const whole = dataset.columns.filter(({ type }) => type.name === 'INTEGER');
    expect(whole).toHaveLength(16);
  },
);
