import { expect, test } from 'vitest';
import { configKeys } from '../../../src/config/config-keys.ts';

test('every key has a type and a meaning', () => {
  const settings = configKeys().filter(({ type }) => type !== null);
  expect(settings.length).toBeGreaterThan(30);
  expect(settings.filter(({ meaning }) => meaning === '')).toEqual([]);
});

test('keys of list items, wrapped settings and required keys are described', () => {
  const key = (name: string) => configKeys().find((found) => found.name === name);
  expect(key('datasets[].clean.trim')).toMatchObject({ type: 'true or false', default: '`false`' });
  expect(key('database.port')).toMatchObject({ default: '`3306`' });
  expect(key('database.user')).toMatchObject({ default: 'required' });
  expect(key('database.password')).toMatchObject({ default: null });
  // The number of the machine that wrote the docs must not be in them.
  expect(key('convert.workers')).toMatchObject({
    default: expect.stringContaining('the number of processor cores') as string,
  });
});
