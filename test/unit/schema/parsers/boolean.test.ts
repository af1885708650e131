import { expect, test } from 'vitest';
import { booleanParser } from '../../../../src/schema/parsers/boolean.ts';
import { parseCell } from './parse-cell.ts';

test.each(['1', 'true', 'TRUE', 'True'])('%j is true, and its canonical text is 1', (cell) => {
  expect(parseCell(booleanParser, cell)).toEqual({ value: true, text: '1' });
});

test.each(['0', 'false', 'FALSE', 'fAlse'])('%j is false, and its canonical text is 0', (cell) => {
  expect(parseCell(booleanParser, cell)).toEqual({ value: false, text: '0' });
});

test.each(['2', '01', '10', 't', 'yes', 'no', 'tru', 'truee', 'falsee', '-1', 'null', ' 1'])(
  '%j is no boolean',
  (cell) => {
    expect(parseCell(booleanParser, cell)).toBe('type');
  },
);
