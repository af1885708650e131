import fc from 'fast-check';
import { expect, test } from 'vitest';
import { describeCell } from '../../../src/columns/describe-cell.ts';
import { RowScanner } from '../../../src/csv/row-scanner.ts';
import { BROKEN_TYPE } from '../../../src/schema/value-parser.ts';
import { column } from '../../support/loads.ts';

/** The line that a problem in the second field of a row of two is reported on. */
function lineOfSecond(first: string): number {
  const scanner = new RowScanner({
    delimiter: 44,
    fieldCount: 2,
    rowsMax: 9,
    line: 1,
    onFault: ({ rule }) => {
      throw new Error(rule);
    },
  });
  const bytes = Buffer.from(`"${first.replaceAll('"', '""')}",x\n`);
  scanner.scan(bytes, 0, bytes.length, true);
  const columns = [column('a', 'TEXT'), column('b', 'INTEGER')];
  const fault = { row: 0, column: 1, verdict: BROKEN_TYPE };
  return describeCell(fault, scanner.block, 0, columns, [0, 1]).line;
}

test('a cell is on the line where it stands, behind line ends and quotes of every kind', () => {
  const parts = fc.array(fc.constantFrom('\n', '\r', '"', '"', 'a'), { maxLength: 8 });
  fc.assert(
    fc.property(parts, (symbols) => {
      const first = symbols.join('');
      expect(lineOfSecond(first)).toBe(1 + (first.match(/\r\n|\r|\n/g)?.length ?? 0));
    }),
    // What undoing doubled quotes leaves behind a cell must not be taken for the LF of its last CR.
    { numRuns: 2000, examples: [[['"', '"', '\n', '\r']]] },
  );
});
