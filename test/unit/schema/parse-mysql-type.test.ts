import { expect, test } from 'vitest';
import { parseMysqlType } from '../../../src/schema/parse-mysql-type.ts';

test.each([
  ['Integer', 'int'],
  ['int(11)', 'int'],
  ['INT UNSIGNED', 'int unsigned'],
  ['int(10)unsigned', 'int unsigned'],
  ['MediumInt', 'mediumint'],
  ['bigint (20)  unsigned', 'bigint unsigned'],
  ['tinyint(1)', 'tinyint(1)'],
  ['tinyint(4)', 'tinyint'],
  ['Boolean', 'tinyint(1)'],
  ['String(20)', 'varchar(20)'],
  ['varchar( 20 )', 'varchar(20)'],
  ['Numeric(10, 2)', 'decimal(10,2)'],
  ['decimal(10,2) unsigned', 'decimal(10,2) unsigned'],
  ['double unsigned', 'double unsigned'],
  ['TINYTEXT', 'tinytext'],
  ['year', 'year'],
  ['DateTime(3)', 'datetime(3)'],
])('%s is %s', (text, mysqlType) => {
  expect(parseMysqlType(text)).toEqual({ mysqlType });
});

test.each([
  'varchar(20) unsigned',
  'int signed',
  "enum('a')",
  'decimal(40,2) unsigned',
  'int); DROP TABLE students; --',
  'int comment',
  '',
])('%s is refused', (text) => {
  expect(parseMysqlType(text)).toHaveProperty('problem');
});
