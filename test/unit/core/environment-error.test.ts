import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  asHopperError,
  environmentError,
  systemCode,
} from '../../../src/core/environment-error.ts';
import { HopperError } from '../../../src/errors/hopper-error.ts';

const missing = join(tmpdir(), 'hopper-no-such-folder', 'a');

/** The error of a system call that fails. */
function failed(action: () => unknown): NodeJS.ErrnoException {
  try {
    action();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('The call succeeded.');
}

const enoent = failed(() => readFileSync(missing));
const enotdir = failed(() => readFileSync('/dev/null/a'));

describe('the code of a system call', () => {
  test('is known of failed system calls only', () => {
    expect(systemCode(enoent)).toBe('ENOENT');
    const ofNode = failed(() => readFileSync(1.5));
    expect(ofNode.code).toMatch(/^ERR_/);
    expect(systemCode(ofNode)).toBeUndefined();
    expect(systemCode(new Error('ENOENT'))).toBeUndefined();
    expect(systemCode({ syscall: 'open', code: 'ENOENT' })).toBeUndefined();
    expect(systemCode(undefined)).toBeUndefined();
  });
});

describe('an error of the environment', () => {
  test('says what failed and the system’s word for it, and keeps the cause', () => {
    const error = environmentError(enoent, 'Reading a.csv failed', 'source_unreadable', { n: 1 });
    expect(error).toMatchObject({
      code: 'source_unreadable',
      message: 'Reading a.csv failed: ENOENT.',
      details: { n: 1, system: 'ENOENT' },
      cause: enoent,
    });
  });

  test.each([
    ['ENOSPC', 'disk_full'],
    ['EDQUOT', 'disk_full'],
    ['EACCES', 'folder_unusable'],
    ['EROFS', 'folder_unusable'],
    ['EIO', 'io_failed'],
  ])('of the system’s code %s is %s', (system, code) => {
    const cause = Object.assign(new Error('write'), { syscall: 'write', code: system });
    expect(asHopperError(cause)).toMatchObject({ code, retry: true });
  });
});

test('where a file has the name of a folder, nobody is told to see to its rights', () => {
  const cause = Object.assign(new Error('ENOTDIR'), { code: 'ENOTDIR', syscall: 'mkdir' });
  const error = environmentError(cause, 'The folder a/b cannot be made', 'io_failed', {});
  expect(error).toMatchObject({
    code: 'folder_unusable',
    hint: expect.stringContaining('no folder') as string,
  });
});

describe('any error', () => {
  test('that is a HopperError stays what it is', () => {
    const error = new HopperError('source_changed');
    expect(asHopperError(error)).toBe(error);
  });

  test('of a system call names the call and the path', () => {
    const error = asHopperError(enoent);
    expect(error.code).toBe('io_failed');
    expect(error.message).toBe(`The system call open on ${missing} failed: ENOENT.`);
    expect(asHopperError(enotdir).code).toBe('folder_unusable');
  });

  test('besides is a defect, with its cause, and not the fault of the file', () => {
    for (const cause of [new TypeError('x is not a function'), 'text', undefined]) {
      expect(asHopperError(cause)).toMatchObject({ code: 'defect', fault: 'environment', cause });
    }
  });
});
