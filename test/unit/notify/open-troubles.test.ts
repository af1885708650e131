import { expect, test } from 'vitest';
import type { ErrorCode } from '../../../src/errors/catalogue.ts';
import { HopperError } from '../../../src/errors/hopper-error.ts';
import type { LogEvent } from '../../../src/log/log-event.ts';
import { type OpenTrouble, OpenTroubles } from '../../../src/notify/open-troubles.ts';

const before = '2024-05-01T05:00:00.000Z';
const now = '2024-05-01T06:00:00.000Z';
const away: ErrorCode = 'database_unreachable';

function hearing(left: OpenTrouble[] = []) {
  const troubles = new OpenTroubles(left);
  const hear = (event: LogEvent, file: string, code?: ErrorCode, dataset = 'people'): string[] => {
    const err = code === undefined ? undefined : new HopperError(code);
    const changes = troubles.hear(event, { file, dataset, err }, now);
    return changes.map(({ event: kind, trouble }) =>
      [kind, trouble.code, ...(trouble.dataset === null ? [] : [trouble.dataset])].join(' '),
    );
  };
  return { troubles, hear };
}

test('an outage begins with the first file that waits for it, and ends with the last', () => {
  const { hear, troubles } = hearing();
  expect(hear('parked', 'a', away)).toEqual([`parked ${away}`]);
  expect(hear('parked', 'b', away)).toEqual([]);
  expect(hear('parked', 'b', away)).toEqual([]);
  expect(hear('resumed', 'a')).toEqual([]);
  expect(troubles.list).toEqual([{ code: away, dataset: null, since: now, toldAt: now }]);
  expect(hear('failed', 'b')).toEqual([`resumed ${away}`]);
  expect(troubles.list).toEqual([]);
});

test('a file that waits for something else now does not wait for what was before', () => {
  const { hear } = hearing();
  hear('parked', 'a', away);
  expect(hear('parked', 'a', 'disk_full')).toEqual([`resumed ${away}`, 'parked disk_full']);
});

test('trouble that lasts is told of again a day later, when another file comes to wait for it', () => {
  const troubles = new OpenTroubles();
  const park = (file: string, time: string): string[] => {
    const fields = { file, err: new HopperError(away) };
    return troubles.hear('parked', fields, time).map(({ trouble }) => trouble.since);
  };
  const since = '2024-05-01T06:00:00.000Z';
  expect(park('a', since)).toEqual([since]);
  expect(park('b', '2024-05-02T05:59:59.000Z')).toEqual([]);
  expect(park('a', '2024-05-02T06:00:00.000Z')).toEqual([]);
  expect(park('c', '2024-05-02T06:00:00.000Z')).toEqual([since]);
  expect(park('d', '2024-05-02T06:00:01.000Z')).toEqual([]);
});

test('trouble with a table is that of its dataset', () => {
  const { hear } = hearing();
  expect(hear('parked', 'a', 'table_mismatch', 'one')).toEqual(['parked table_mismatch one']);
  expect(hear('parked', 'b', 'table_mismatch', 'two')).toEqual(['parked table_mismatch two']);
  expect(hear('finished', 'b', undefined, 'two')).toEqual(['resumed table_mismatch two']);
});

test('what an earlier run left open is not told of again, and is over when a file waits for it no more or one comes through', () => {
  const left = [{ code: away, dataset: null, since: before, toldAt: before }];
  const again = hearing(left);
  expect(again.hear('parked', 'a', away)).toEqual([]);
  expect(again.hear('finished', 'b')).toEqual([]);
  expect(again.hear('resumed', 'a')).toEqual([`resumed ${away}`]);
  const over = hearing(left);
  expect(over.hear('claimed', 'a')).toEqual([]);
  expect(over.hear('finished', 'a')).toEqual([`resumed ${away}`]);
});

test('a notice of the log about itself, and a file that starts over, are no outage', () => {
  const { hear } = hearing();
  expect(hear('parked', '')).toEqual([]);
  expect(hear('resumed', '')).toEqual([]);
});
