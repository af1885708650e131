import { columnTypes } from './column-types.ts';
import { parseColumnType } from './parse-column-type.ts';

/** A MySQL type in normalised words, or what is wrong with its text. */
export type ParsedMysqlType = { mysqlType: string } | { problem: string };

// What MySQL has besides the types of schema.yaml. A display width of an integer, int(11), means nothing and is dropped;
// MySQL 8 drops it too, but keeps tinyint(1), its word for a boolean.
const integer = /^(tinyint|smallint|mediumint|int|integer|bigint)(?: ?\((\d{1,3})\))?( unsigned)?$/;
const unsignedNumber = /^(?:(float|double)|(?:decimal|numeric) ?\((\d{1,2}),(\d{1,2})\)) unsigned$/;
const others = new Set(['tinytext', 'year']);

/**
 * Reads a type of schema_sql.yaml: MySQL's own spelling, or a type of schema.yaml, which stands for its MySQL type. Only
 * known words pass, because the result becomes part of a CREATE TABLE statement.
 */
export function parseMysqlType(text: string): ParsedMysqlType {
  const words = text
    .trim()
    .toLowerCase()
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?([(),]) ?/g, '$1')
    .replaceAll(')u', ') u');
  if (others.has(words)) return { mysqlType: words };
  const whole = integer.exec(words);
  if (whole?.[1] !== undefined) {
    const [, word, width, unsigned = ''] = whole;
    const name = word === 'integer' ? 'int' : word;
    const isBoolean = name === 'tinyint' && width === '1' && unsigned === '';
    return { mysqlType: isBoolean ? 'tinyint(1)' : `${name}${unsigned}` };
  }
  const isUnsigned = unsignedNumber.test(words);
  const parsed = parseColumnType(isUnsigned ? words.replace(/ unsigned$/, '') : words);
  if ('problem' in parsed) return parsed;
  const mysqlType = columnTypes[parsed.type.name].mysqlType(parsed.type);
  return { mysqlType: isUnsigned ? `${mysqlType} unsigned` : mysqlType };
}
