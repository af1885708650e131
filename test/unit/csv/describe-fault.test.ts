import { describe, expect, test } from 'vitest';
import type { Dialect } from '../../../src/schema/dataset.ts';
import { describeFault, describeLongLine, describeNul } from '../../../src/csv/describe-fault.ts';
import { column } from '../../support/loads.ts';

const columns = [column('id', 'INTEGER'), column('name', 'TEXT')];
const form = { columns, delimiter: ',', dialect: null };

describe('a malformed row', () => {
  test('with a faulty quote names the column and the line of the quote', () => {
    const faults = [
      { detail: 'inside_field' },
      { detail: 'after_closing_quote', closedOn: 7 },
      { detail: 'after_closing_quote', closedOn: 9 },
      { detail: 'unclosed' },
    ] as const;
    const problems = faults.map((fault) =>
      describeFault({ rule: 'quote', line: 7, fieldIndex: 1, ...fault }, form),
    );
    for (const problem of problems) {
      expect(problem).toMatchObject({ rule: 'quote', line: 7, column: 'name', value: null });
    }
    expect(new Set(problems.map(({ message }) => message)).size).toBe(4);
    expect(new Set(problems.map(({ hint }) => hint)).size).toBe(4);
  });

  test('with a faulty quote behind the last column names none', () => {
    const fault = { rule: 'quote', line: 7, fieldIndex: 2, detail: 'unclosed' } as const;
    expect(describeFault(fault, form).column).toBeNull();
  });

  test('is told what to do in the signs of its dialect', () => {
    const faults = {
      inside_field: { detail: 'inside_field' },
      after_closing_quote: { detail: 'after_closing_quote', closedOn: 7 },
    } as const;
    const hint = (dialect: Dialect | null, kind: keyof typeof faults) =>
      describeFault(
        { rule: 'quote', line: 7, fieldIndex: 0, ...faults[kind] },
        { ...form, dialect },
      ).hint;
    const dialect = { delimiter: '||', quote: "'", escape: '\\', comment: '#', skipLines: 0 };
    expect(hint(null, 'inside_field')).toContain('double the quotes inside it: "12"" pipe"');
    expect(hint(dialect, 'inside_field')).toContain(
      "put \\ before the quotes inside it: '12\\' pipe'",
    );
    expect(hint(null, 'after_closing_quote')).toContain('"12"" pipe"');
    expect(hint(dialect, 'after_closing_quote')).toContain("'12\\' pipe'");
  });

  test('of another width says both counts, and what to do about the difference', () => {
    const fewer = describeFault({ rule: 'field_count', line: 3, fieldCount: 1 }, form);
    expect(fewer).toMatchObject({ rule: 'field_count', line: 3, column: null });
    expect(fewer.message).toBe('The row has 1 value, the header 2.');
    expect(fewer.hint).toContain('Add the missing values');
    const more = describeFault({ rule: 'field_count', line: 3, fieldCount: 5 }, form);
    expect(more.message).toBe('The row has 5 values, the header 2.');
    expect(more.hint).toContain('surplus');
  });
});

test('a line that is too long points at the quote that it is inside of, else at the line ends', () => {
  expect(describeLongLine(9, 4, 1024)).toMatchObject({ line: 9, rule: 'line_length' });
  expect(describeLongLine(9, 4, 1024).hint).toContain('line 4');
  expect(describeLongLine(9, null, 1024).hint).toContain('convert.line_bytes_max');
  expect(describeLongLine(9, null, 1024).message).toContain('1,024 bytes');
});

test('a NUL byte is a problem of its line', () => {
  expect(describeNul(5)).toMatchObject({ rule: 'nul_byte', line: 5, column: null, value: null });
});
