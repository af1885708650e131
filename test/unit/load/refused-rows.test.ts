import { describe, expect, test } from 'vitest';
import { refusedRows } from '../../../src/load/refused-rows.ts';
import { column, datasetOf } from '../../support/loads.ts';

const dataset = datasetOf('t', [column('age', 'INTEGER'), column('name', 'VARCHAR')]);

describe('a row that the server refuses', () => {
  test.each([
    [
      1406,
      "Data too long for column 'name' at row 5",
      'name',
      null,
      'in row 105 of the accepted rows',
    ],
    [
      1366,
      "Incorrect integer value: 'secret' for column `d`.`t`.`age` at row 1",
      'age',
      'secret',
      'in row 101',
    ],
    [
      1366,
      "Incorrect integer value: 'secret' for column 'age' at row 1",
      'age',
      'secret',
      'in row 101',
    ],
    [1062, "Duplicate entry 'it's secret' for key 't.one'", null, "it's secret", 't.one'],
    [1292, "Truncated incorrect value: 'secret", null, null, 'The server refuses a value'],
    [4025, 'CONSTRAINT `positive` failed for `d`.`t`', null, null, 'positive'],
    [1264, "Out of range value for column 'other' at row 2", null, null, 'row 102'],
  ])(
    '%i is told with its column and row, its value apart',
    (errno, text, columnName, value, words) => {
      const [problem] = refusedRows(dataset, [{ errno, text, rowsBefore: 100 }]);
      expect(problem).toMatchObject({ line: 0, column: columnName, value, rule: 'database' });
      expect(problem?.message).toContain(words);
      expect(problem?.message).toContain(`error ${errno}`);
      expect(problem?.message).not.toContain('secret');
    },
  );
});
