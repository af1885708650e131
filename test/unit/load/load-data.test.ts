import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadDataSql, withPrefix } from '../../../src/load/load-data.ts';

test('each line gets the prefix, whatever the lines hold', () => {
  const line = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\n', ''));
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const block = Buffer.from(lines.map((text) => `${text}\n`).join(''));
      const expected = lines.map((text) => `12\t${text}\n`).join('');
      expect(withPrefix(block, '12\t')).toBe(Buffer.from(expected).toString('latin1'));
    }),
  );
});

test('rows name their load by its place in the group', () => {
  const sql = loadDataSql({ table: 't`', columns: ['a', 'b'], hasLoadId: true }, [
    { loadId: 'x' },
    { loadId: 'y' },
  ]);
  expect(sql).toContain('INTO TABLE `t``` ');
  expect(sql).toContain("(@load, `a`, `b`) SET `_load_id` = ELT(@load, _ascii'x', _ascii'y')");
});

test('the rows of a load on its own are sent as they are', () => {
  const sql = loadDataSql({ table: 't', columns: ['a', 'b'], hasLoadId: true }, [{ loadId: 'x' }]);
  expect(sql).toMatch(/\(`a`, `b`\) SET `_load_id` = _ascii'x'$/);
});

test('a table without load ids is given the columns alone', () => {
  const sql = loadDataSql({ table: 't', columns: ['a', 'b'], hasLoadId: false }, [{ loadId: 'x' }]);
  expect(sql).toMatch(/\(`a`, `b`\)$/);
});
