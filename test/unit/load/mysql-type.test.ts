import { describe, expect, test } from 'vitest';
import { lossBetween, mysqlTypeOf } from '../../../src/load/mysql-type.ts';

function loss(wanted: string, actual: string): 'none' | 'silent' | 'refused' {
  const found = lossBetween(mysqlTypeOf(wanted), mysqlTypeOf(actual));
  if (found === null) return 'none';
  return found.silent ? 'silent' : 'refused';
}

describe('types that hold everything', () => {
  test.each([
    ['int', 'int(11)'],
    ['INTEGER', 'bigint(20)'],
    ['int', 'decimal(10,0)'],
    ['int', 'double'],
    ['tinyint(1)', 'tinyint'],
    ['tinyint unsigned', 'smallint'],
    ['smallint', 'float'],
    ['bigint', 'varchar(20)'],
    ['decimal(10,2)', 'decimal(12,4)'],
    ['decimal(9,0)', 'int'],
    ['float', 'double'],
    ['char(5)', 'varchar(5)'],
    ['varchar(20)', 'varchar(20)'],
    ['varchar(20)', 'VARCHAR(255) CHARACTER SET latin1'],
    ['varchar(16383)', 'text'],
    ['text', 'longtext'],
    ['json', 'longtext'],
    ['date', 'datetime'],
    ['datetime(3)', 'datetime(6)'],
    ['timestamp(6)', 'datetime(6)'],
    ['time', 'time(3)'],
    ["enum('a','b')", "enum('a','b')"],
  ])('%s fits into %s', (wanted, actual) => {
    expect(loss(wanted, actual)).toBe('none');
  });
});

describe('types that change values without a warning', () => {
  test.each([
    ['bigint', 'double'],
    ['int', 'float'],
    ['decimal(10,2)', 'double'],
    ['decimal(10,2)', 'decimal(10,1)'],
    ['decimal(10,2)', 'bigint'],
    ['double', 'float'],
    ['double', 'double(10,2)'],
    ['double', 'float(10)'],
    ['double', 'decimal(38,10)'],
    ['datetime(6)', 'datetime(3)'],
    ['datetime', 'date'],
    ['varchar(5)', 'char(5)'],
    ['varchar(5)', 'int'],
    ['text', 'json'],
    ['int', 'date'],
    ['time', 'datetime'],
  ])('%s into %s is a silent loss', (wanted, actual) => {
    expect(loss(wanted, actual)).toBe('silent');
  });
});

describe('types that are too narrow, which the server warns of', () => {
  test.each([
    ['int', 'smallint'],
    ['int', 'int unsigned'],
    ['int', 'int zerofill'],
    ['int', 'decimal(9,0)'],
    ['decimal(10,0)', 'int'],
    ['double', 'double unsigned'],
    ['varchar(255)', 'varchar(20)'],
    ['varchar(255)', 'tinytext'],
    ['longtext', 'text'],
    ['json', 'text'],
    ['bigint', 'varchar(19)'],
    ['datetime', 'timestamp'],
    ['varchar(2)', "enum('a','b')"],
  ])('%s into %s is refused where a value does not fit', (wanted, actual) => {
    expect(loss(wanted, actual)).toBe('refused');
  });
});
