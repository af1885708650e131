import { describe, expect, test } from 'vitest';
import { refusedRows } from '../../../src/load/refused-rows.ts';
import { column, datasetOf } from '../../support/loads.ts';

const dataset = datasetOf('t', [column('age', 'INTEGER'), column('name', 'VARCHAR')]);

describe('a row that the server refuses', () => {
  test.each([
    [1406, "Data too long for column 'name' at row 5", 'name', 'in row 105 of the accepted rows'],
    [1048, "Column 'age' cannot be null", 'age', 'cannot be null'],
    [1264, "Out of range value for column 'other' at row 2", null, 'row 102'],
    [4025, 'CONSTRAINT `positive` failed for `d`.`t`', null, 'positive'],
  ])(
    '%i, which holds names only, is told in the words of the server',
    (errno, text, name, words) => {
      const [problem] = refusedRows(dataset, [{ errno, text, rowsBefore: 100 }]);
      expect(problem).toMatchObject({ line: 0, column: name, value: null, rule: 'database' });
      expect(problem?.message).toContain(words);
      expect(problem?.message).toContain(`error ${errno}`);
    },
  );

  test.each([
    [1366, "Incorrect integer value: 'secret' for column `d`.`t`.`age` at row 1", 'age', 'row 101'],
    [1366, "Incorrect integer value: 'secret' for column 'age' at row 1", 'age', 'row 101'],
    [1292, "Truncated incorrect value: 'secret", null, ''],
    [1062, "Duplicate entry 'it's secret' for key 't.one'", null, ''],
    [1526, 'Table has no partition for value secret', null, ''],
    [
      1557,
      "Upholding foreign key constraints for table 't', entry 'secret', key 1 would lead to a duplicate entry",
      null,
      '',
    ],
    [1644, "Refused: secret for column 'age' at row 7", null, ''],
    [9999, 'an error of a later server about secret', null, ''],
  ])('%i, which may quote a cell, is told in words of ours', (errno, text, name, place) => {
    const [problem] = refusedRows(dataset, [{ errno, text, rowsBefore: 100 }]);
    expect(problem).toMatchObject({ column: name, value: text, rule: 'database' });
    const where =
      place === '' ? '' : ` in ${place} of the accepted rows, counted in the order of the file`;
    expect(problem?.message).toBe(
      `Table t refuses it: a value breaks one of its rules${where} (error ${errno}).`,
    );
  });
});
