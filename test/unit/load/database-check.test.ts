import { expect, test } from 'vitest';
import { versionFinding } from '../../../src/load/database-check.ts';

test.each([
  ['8.0.36', 'ok'],
  ['8.4.0-commercial', 'ok'],
  ['9.1.0', 'ok'],
  ['5.7.44-log', 'warning'],
  ['10.11.6-MariaDB-1:10.11.6+maria~deb12', 'ok'],
  ['5.5.5-10.6.16-MariaDB', 'ok'],
  ['11.4.2-MariaDB', 'ok'],
  ['10.3.39-MariaDB', 'warning'],
])('%s is %s', (version, level) => {
  expect(versionFinding(version).level).toBe(level);
});
