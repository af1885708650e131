import { openSync } from 'node:fs';
import { expect, test } from 'vitest';
import { HopperError } from '../../../src/errors/hopper-error.ts';
import { serialiseError } from '../../../src/log/serialise-error.ts';

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was thrown.');
}

test('an error of the operating system keeps its words, below ours', () => {
  const cause = thrownBy(() => openSync('/nowhere/file', 'r'));
  expect(serialiseError(new HopperError('io_failed', { message: 'm', hint: 'h', cause }))).toEqual({
    code: 'io_failed',
    stage: 'convert',
    message: 'm',
    hint: 'h',
    cause: { code: 'ENOENT', message: expect.stringContaining('/nowhere/file') as string },
  });
});

test('an error without a code keeps where it was thrown but not its words', () => {
  const found = serialiseError(thrownBy(() => JSON.parse('secret cell') as unknown));
  expect(found['name']).toBe('SyntaxError');
  expect(found['at']).toEqual(
    expect.arrayContaining([expect.stringContaining('serialise-error.test.ts')]),
  );
  expect(JSON.stringify(found)).not.toContain('secret');
});

test('details, which only the report needs, are left out', () => {
  const error = new HopperError('content_invalid', { details: { problems: ['secret cell'] } });
  expect(JSON.stringify(serialiseError(error))).not.toContain('secret');
});

test('what is no error at all is named by its type', () => {
  expect(serialiseError('secret cell')).toEqual({ name: 'string' });
});
