import type { Dialect } from '../schema/dataset.ts';
import type { HeaderNames } from './header-names.ts';
import { openRows } from './open-rows.ts';
import { PADDING_BYTES } from './row-block.ts';
import type { RowSource } from './row-source.ts';
import type { SourceReader } from './source-reader.ts';

/** Rows that are looked at together. */
const BLOCK_ROWS = 512;

/** Names of a header for which no row has a value. */
export interface ValuelessNames {
  /** Whether all rows of the file were looked at. */
  isAll: boolean;
  /** Each with whether rows have a field for it, an empty one. */
  hasField: ReadonlyMap<string, boolean>;
}

interface Field {
  name: string;
  field: number;
}

/**
 * Which of the names no row has a value for, as far as rows are in the reader's buffer, which stands before the header; none where
 * no row is there, which says nothing. Does not move the reader. A row whose values cannot be told apart is not looked at.
 */
export function valuelessNames(
  { delimiter, names, fieldCount, headerBytes, nextLine }: HeaderNames,
  asked: readonly string[],
  reader: SourceReader,
  dialect: Dialect | null,
): ValuelessNames {
  const wanted = new Set(asked);
  const fields = names.flatMap((name, field) => (wanted.has(name) ? [{ name, field }] : []));
  const withField = new Set<string>();
  const withValue = new Set<string>();
  let rows = 0;
  let unread = 0;
  const look = (row: readonly Field[], isBlank: (field: number) => boolean): void => {
    rows++;
    for (const { name, field } of row) {
      withField.add(name);
      if (!isBlank(field)) withValue.add(name);
    }
  };
  const scanner = openRows(dialect, delimiter, {
    ...{ fieldCount, rowsMax: BLOCK_ROWS, line: nextLine },
    onFault: (_fault, fieldsOf) => {
      const row = fieldsOf();
      if (row.length === 0) unread++;
      else {
        look(
          fields.filter(({ field }) => field < row.length),
          (field) => row[field]!.trim() === '',
        );
      }
    },
  });
  // A copy, because scanning undoes doubled quotes in place.
  const bytes = reader.bytes.slice(reader.start + headerBytes, reader.end + PADDING_BYTES);
  const end = reader.end - reader.start - headerBytes;
  let at = 0;
  do {
    at = scanner.scan(bytes, at, end, reader.last);
    for (let row = 0; row < scanner.block.rowCount; row++) {
      look(fields, (field) => isBlankCell(scanner.block, row, field));
    }
  } while (scanner.full);
  const valueless = [...wanted].filter((name) => rows > 0 && !withValue.has(name));
  return {
    isAll: reader.last && at === end && unread === 0,
    hasField: new Map(valueless.map((name) => [name, withField.has(name)])),
  };
}

function isBlankCell(block: RowSource['block'], row: number, field: number): boolean {
  const cell = row * block.fieldCount + field;
  // White space and signs that are not shown; of a text in UTF-8 no other byte is as small.
  return block.bytes.subarray(block.starts[cell], block.ends[cell]).every((byte) => byte <= 32);
}
