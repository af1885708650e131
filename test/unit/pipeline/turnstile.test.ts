import { expect, test } from 'vitest';
import { Turnstile } from '../../../src/pipeline/turnstile.ts';

test('an action begins when the one before has ended, also when that failed', async () => {
  const turnstile = new Turnstile();
  const steps: string[] = [];
  const action = (name: string, fails: boolean) => async (): Promise<string> => {
    steps.push(`${name} begins`);
    await new Promise(setImmediate);
    steps.push(`${name} ends`);
    if (fails) throw new Error(name);
    return name;
  };
  const [a, b] = [turnstile.run(action('a', true)), turnstile.run(action('b', false))];
  await expect(a).rejects.toThrow('a');
  expect(await b).toBe('b');
  expect(steps).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});
