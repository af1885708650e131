import { expect, test } from 'vitest';
import { pagePath, reportPath, withoutReports } from '../../../src/pipeline/report-files.ts';

test.each([10, 240, 250, 251])(
  'the reports on a file are no failed files, with a name of %i letters either',
  (letters) => {
    const file = `${'x'.repeat(letters)}.csv`;
    expect(withoutReports([file, reportPath(file), pagePath(file)])).toEqual([file]);
  },
);

test('a failed file that has the name of a report is one, if it has a report itself', () => {
  const file = 'a.csv.report.json';
  expect(withoutReports([file, reportPath(file), pagePath(file)])).toEqual([file]);
});
