import { expect, test } from 'vitest';
import { HopperError } from '../../../src/errors/hopper-error.ts';

test('an error takes what it does not say from the catalogue', () => {
  const error = new HopperError('disk_full');
  expect(error).toMatchObject({ code: 'disk_full', stage: 'convert', fault: 'environment' });
  expect(error.message).toBe('There is no space left on the disk.');
  expect(error.hint).toContain('Free some space');
  expect(error.details).toEqual({});
});

test('what it says itself comes first, and the cause is kept', () => {
  const cause = new Error('below');
  const error = new HopperError('io_failed', { message: 'm', hint: 'h', details: { a: 1 }, cause });
  expect(error).toMatchObject({ message: 'm', hint: 'h', details: { a: 1 } });
  expect(error.cause).toBe(cause);
});

test('only the environment is worth another try', () => {
  expect(new HopperError('database_unreachable').retry).toBe(true);
  expect(new HopperError('content_invalid').retry).toBe(false);
  expect(new HopperError('config_invalid').retry).toBe(false);
});
