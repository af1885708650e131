import { expect, test } from 'vitest';
import { column } from '../../support/loads.ts';
import { buildBatches } from '../columns/build-batches.ts';

test('cells are trimmed of what JavaScript takes for white space, and of nothing else', () => {
  const codes = Array.from({ length: 0xffff }, (_, i) => i + 1);
  const isWhole = (code: number): boolean => code < 0xd800 || code > 0xdfff;
  const whole = codes.filter(isWhole).map((code) => String.fromCharCode(code));
  const cells = whole.flatMap((c) => [`${c}x${c}`, `\u3000 ${c}\u2028x\t${c}\u00a0`, `${c}${c}`]);
  const { batches } = buildBatches(
    [column('c', 'TEXT'), column('n', 'INTEGER')],
    cells.map((cell, i) => [cell, String(i)]),
    { clean: { trim: true } },
  );
  const kept = batches.flatMap(([first]) => first ?? []);
  const expected = cells.map((cell) => (cell.trim() === '' ? null : cell.trim()));
  const wrong = kept.findIndex((value, i) => value !== expected[i]);
  expect(JSON.stringify(cells[wrong])).toBeUndefined();
  expect(kept).toHaveLength(expected.length);
});
