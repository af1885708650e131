import type { Problem } from '../core/problem.ts';
import type { Dialect, HeaderPolicy } from '../schema/dataset.ts';
import { type Delimiter, possibleDelimiters } from './delimiter.ts';
import { describeMisfits, noReading, twoFit } from './describe-header.ts';
import { describeUnreadable, type NoHeader, readHeaderNames } from './header-names.ts';
import {
  compareHeader,
  type ExtraField,
  fits,
  type HeaderColumn,
  type HeaderReading,
  SURPLUS_MAX,
} from './header-reading.ts';
import type { RejectHeader } from './reject-columns.ts';
import { GATHERED_FIELDS, NO_FIELD } from './row-block.ts';
import type { SourceReader } from './source-reader.ts';
import { valuelessNames } from './valueless-names.ts';

/** How the header reads under the delimiter that fits the schema. */
export interface Header {
  delimiter: Delimiter;
  fieldCount: number;
  /** For each column of the dataset the field that holds it; NO_FIELD for one that the header leaves out. See GATHERED_FIELDS. */
  fieldOf: number[];
  /** The fields that are gathered, in their order; none where the dataset has no column for them. */
  extra: ExtraField[];
  /** The column of each field, in the file's order. */
  names: string[];
  /** Of a reject file; else null. */
  reject: RejectHeader | null;
  /** Where it begins in the file. */
  position: number;
  /** Line behind the header. */
  nextLine: number;
}

const strict: HeaderPolicy = { missing: 'fail', extra: 'fail' };

/**
 * Finds the delimiter: the one under which the header's names, trimmed and lower-cased, are the schema's columns in any
 * order, or aliases of them, but for what the policy lets pass. The data is never asked, but for a complaint. Moves the reader behind the header, or gives the problems to report. `line`: the one on
 * which the reader stands.
 */
export function readHeader(
  reader: SourceReader,
  all: readonly HeaderColumn[],
  dialect: Dialect | null,
  line: number,
  policy: HeaderPolicy = strict,
): Header | Problem[] {
  // No header names the one that gathers what is beside the others.
  const columns = all.filter(({ gathers }) => gathers !== true);
  const delimiters = possibleDelimiters(dialect);
  const namesMax = columns.length + SURPLUS_MAX;
  // Else the names under one delimiter hold all of another's bytes, so that no second one can fit.
  const mayBeTwo = policy !== strict || columns.some(({ aliases }) => aliases !== undefined);
  const readings: HeaderReading[] = [];
  let unread: NoHeader | null = null;
  let chosen: HeaderReading | null = null;
  for (const delimiter of delimiters) {
    const header = readHeaderNames(delimiter, reader, dialect, line, namesMax);
    if ('fault' in header) {
      unread ??= header;
      continue;
    }
    const reading = compareHeader(header, columns, policy);
    readings.push(reading);
    // Never do two delimiters give exactly the schema's columns: the names under one hold all of the other's bytes, so the
    // names under both cannot be the same. A single column reads the same under every one, and comma is taken. But an alias
    // may be what another name or alias holds beside a delimiter, and so may a column that the policy lets pass.
    if (!fits(reading, policy)) continue;
    if (chosen !== null) return [noReading(reading.line, [chosen, reading], twoFit)];
    chosen = reading;
    if (reading.names.length === 1 || !mayBeTwo) break;
  }
  if (readings.length === 0 && unread !== null) return [describeUnreadable(unread)];
  if (chosen === null)
    return describeMisfits(
      readings,
      delimiters,
      columns.map(({ name }) => name),
      policy,
      (reading, asked) => valuelessNames(reading, asked, reader, dialect),
    );
  const { names } = chosen;
  const fields = new Map(names.map((name, field) => [name, field]));
  const position = reader.base + reader.start + chosen.startsAt;
  reader.start += chosen.headerBytes;
  return {
    delimiter: chosen.delimiter,
    fieldCount: names.length,
    names,
    fieldOf: all.map(({ name, gathers }) => {
      if (gathers !== true) return fields.get(name) ?? NO_FIELD;
      return chosen.gathered.length > 0 ? GATHERED_FIELDS : NO_FIELD;
    }),
    extra: chosen.gathered,
    reject: rejectFields(chosen),
    position,
    nextLine: chosen.nextLine,
  };
}

function rejectFields({ names, own }: HeaderReading): Header['reject'] {
  if (own.length === 0) return null;
  const marks = { lineField: names.indexOf('_line'), ruleField: names.indexOf('_rule') };
  const areLast = names.slice(names.length - own.length).every((name) => own.includes(name));
  return { fieldCount: own.length, areLast, marks };
}
