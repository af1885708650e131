import { expect, test } from 'vitest';
import { keepWarnings } from '../../../src/load/keep-warnings.ts';
import { StatementError } from '../../../src/load/statement-error.ts';

function failing(errno: number): Parameters<typeof keepWarnings>[0] {
  return { execute: () => Promise.reject(new StatementError(errno, 'CODE', 'words')) };
}

test('a user whom the server does not let change the number goes on with what there is', async () => {
  await expect(keepWarnings(failing(1227), 64)).resolves.toBeUndefined();
});

test.each([0, 1045])('any other error is one (%i)', async (errno) => {
  await expect(keepWarnings(failing(errno), 64)).rejects.toMatchObject({ errno });
});
