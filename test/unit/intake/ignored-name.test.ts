import { describe, expect, test } from 'vitest';
import { isTemporaryName } from '../../../src/intake/ignored-name.ts';

describe('isTemporaryName', () => {
  test.each([
    '.hidden.csv',
    '.processing',
    '.student.csv.Xq3Rt1', // rsync
    '.syncthing.a.csv.tmp',
    '.nfs000000000001',
    'a.csv~',
    '~$a.csv',
    'a.csv.tmp',
    'a.csv.TMP',
    'a.csv.temp',
    'a.csv.part',
    'a.csv.partial',
    'a.csv.filepart',
    'a.csv.crdownload',
    'a.csv.download',
    'a.csv._COPYING_',
    'a.csv.swp',
    'a.csv.swx',
    'a.csv.lock',
    '.~lock.a.csv#', // LibreOffice
    '#a.csv#',
    '@eaDir',
    '#SynoRecycle',
    'a.csv.sb-1a2b3c4d-XyZ123',
    'a.csv.~1a2b',
  ])('%s is temporary', (name) => {
    expect(isTemporaryName(name)).toBe(true);
  });

  test.each([
    'a.csv',
    'A.CSV',
    'party.csv',
    'tmp.csv',
    'lock.csv',
    'a~b.csv',
    '#1 students.csv',
    'a.part.csv',
    'download',
    'ä#.csv',
  ])('%s is not', (name) => {
    expect(isTemporaryName(name)).toBe(false);
  });
});
